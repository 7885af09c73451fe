"""Vendors of the IAB's TCF: whose consent a container's tags need beside the purposes.

    consent: from: [tcf] and a tag whose partner is in the IAB's list ──▶ the tag in the page tells
    what the visitor chose for that vendor ──▶ `tcf:755` in the event's consent, beside its purposes

Who is not asked by the TCF, as where it does not apply, says nothing of vendors: then the purposes
alone decide.
"""

from __future__ import annotations

from server.containers.model import Container, TagTypes
from server.model import VENDOR


def vendors_needed(container: Container, types: TagTypes) -> list[int]:
    """By their numbers in the IAB's list: of the tags that need anybody's consent at all."""
    needed = {vendor_of(name, container, types) for name in container.tags}
    return sorted(vendor for vendor in needed if vendor is not None)


def vendor_of(name: str, container: Container, types: TagTypes) -> int | None:
    """The vendor whose consent a tag needs."""
    tag = container.tags[name]
    if "tcf" not in container.consent.cmps or tag.needs_consent == []:
        return None
    return types[tag.type].vendor


def vendor_consent(vendor: int) -> str:
    """What it is called among an event's purposes."""
    return f"{VENDOR}{vendor}"
