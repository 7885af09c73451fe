"""Names that a container may hold, made of those that people gave in GTM."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from server.containers.gtm.export import Element
from server.containers.model import RESERVED_IDS

MAX_CHARS = 60
TAKEN = frozenset({"event", "all_events", "all_pages"})


def slug(text: str) -> str:
    """Small letters, digits and `_`, a letter first; empty: nothing of it is left."""
    plain = unicodedata.normalize("NFKD", text[:500]).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    return (f"n{words}" if words[:1].isdigit() else words)[:MAX_CHARS].strip("_")


def named(elements: Iterable[Element], kind: str, taken: Collection[str] = TAKEN) -> dict[int, str]:
    """A name of ours for each element, by its place; the same export gives the same names."""
    used = set(taken)
    names = {}
    for place, element in enumerate(elements):
        first = slug(element.name) or slug(f"{kind}_{element.id}")
        name, number = first, 1
        while name in used:
            number += 1
            name = f"{first}_{number}"
        used.add(name)
        names[place] = name
    return names


def container_id(text: str) -> str:
    """An id for a container, 3 to 32 characters."""
    made = slug(text).replace("_", "-")[:32].strip("-")
    return "imported" if len(made) < 3 else f"{made[:27]}-site" if made in RESERVED_IDS else made
