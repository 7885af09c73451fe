"""Tags: each goes to the one who knows its type, or is told to wait or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from server.containers.gtm.export import Element
from server.containers.gtm.ga4 import TYPE, event_tag, google_tag, server_tag
from server.containers.gtm.references import translate
from server.containers.gtm.tag import Made, Waiting, Wiring, rule
from server.containers.gtm.vendors import NOT_NEEDED, Vendor, refusal, vendor

BUILDERS: Mapping[str, Callable[[Element, Wiring], Made]] = {
    "googtag": google_tag,
    "gaawc": google_tag,
    "gaawe": event_tag,
    "sgtmgaaw": server_tag,
}
"""Types with a way of their own; what is in VENDORS converts by its table."""


def tag(element: Element, wiring: Wiring) -> Made:
    """The tag of ours; raises Waiting, or ValueError with the reason why there is none."""
    if element.type in NOT_NEEDED:
        return Made(notes=[NOT_NEEDED[element.type]])
    if element.type in BUILDERS:
        if TYPE not in wiring.types:
            raise Waiting("Google Analytics 4 (`ga4`)")
        made = BUILDERS[element.type](element, wiring)
    else:
        made = _of_vendor(element, wiring)
    if made.tree:
        rule(element, made, wiring.types[made.tree["type"]], wiring)
    return made


def _of_vendor(element: Element, wiring: Wiring) -> Made:
    known = vendor(element, wiring.templates)
    if known is None:
        raise ValueError(refusal(element, wiring.templates))
    if known.destination not in wiring.types:
        raise Waiting(f"{known.title} (`{known.destination}`)")
    return _by_table(element, known, wiring)


def _by_table(element: Element, known: Vendor, wiring: Wiring) -> Made:
    """A tag whose settings the table of vendors names; raises ValueError."""
    kind = wiring.types[known.destination]
    made = Made()
    settings: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind.config):
        name = field.encode_name
        text = translate(element.text(known.settings.get(name, "")), wiring.meanings)
        if name in kind.secrets and (field.required or name in known.secrets):
            secret = f"{known.destination}_{name}".upper()
            settings[name] = f"$secret.{secret}"
            made.to_do.append(f"set FREEHOLD_SECRET_{secret}")
        elif text.lost:
            made.notes.append(f"`{name}` is left out: {'; '.join(text.lost)}")
        elif text.value:
            settings[name] = text.value
    unused = element.params.keys() - set(known.settings.values())
    if unused:
        made.notes.append(f"not taken over: {', '.join(sorted(unused))[:300]}")
    made.tree = {"type": known.destination, "with": settings}
    return made
