"""Tags: each goes to the one who knows its type, or is told to wait or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from server.containers.gtm.export import Element
from server.containers.gtm.ga4 import TYPE, event_tag, google_tag, server_tag
from server.containers.gtm.page_tags import IN_PAGE, page_tag
from server.containers.gtm.pixels import USED, pixel_settings
from server.containers.gtm.tag import Made, Waiting, Wiring, in_our_words, rule
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
    if element.type in IN_PAGE:
        return page_tag(element, wiring)
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
    for theirs, wanted in known.only.items():
        if element.text(theirs) != wanted:
            raise ValueError(f"of its template only tags whose `{theirs}` is `{wanted}` come over")
    made = Made()
    settings = _settings(element, known, made, wiring)
    _stand_in(element, known, settings, made)
    params = {
        name: value
        for name, theirs in known.params.items()
        if (value := in_our_words(element.text(theirs), name, made, wiring))
    }
    settings |= {"params": params} if params else {}
    if known.is_pixel:
        settings |= pixel_settings(element, made, wiring)
    if unused := element.params.keys() - known.used - (USED if known.is_pixel else set()):
        made.notes.append(f"not taken over: {', '.join(sorted(unused))[:300]}")
    made.tree = {"type": known.destination, "with": settings}
    return made


def _settings(element: Element, known: Vendor, made: Made, wiring: Wiring) -> dict[str, Any]:
    """What the destination has a setting for, in its order."""
    kind = wiring.types[known.destination]
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind.config):
        name = field.encode_name
        if name in kind.secrets and (field.required or name in known.secrets):
            secret = f"{known.destination}_{name}".upper()
            found[name] = f"$secret.{secret}"
            made.to_do.append(f"set FREEHOLD_SECRET_{secret}")
        elif name in known.switches:
            found[name] = element.params.get(known.switches[name]) is True
        elif name in known.chosen:
            theirs, value = known.chosen[name]
            found |= {name: value} if element.params.get(theirs) is True else {}
        elif rows := _rows(element, known.tables.get(name, ""), name, made, wiring):
            found[name] = rows
        elif text := in_our_words(known.text(element, name), name, made, wiring):
            found[name] = text
    return found


def _rows(element: Element, theirs: str, ours: str, made: Made, wiring: Wiring) -> dict[str, str]:
    """A table of GTM's in our words, without the rows of which a part is lost."""
    found: dict[str, str] = {}
    for row in element.rows(theirs):
        name, text = str(row.get("name", "")), str(row.get("value", ""))
        if not name or "{{" in name:
            made.notes.append(f"`{ours}`: the row {name!r:.60} has no name of its own")
        elif value := in_our_words(text, f"{ours}.{name:.60}", made, wiring):
            found[name] = value
    return found


def _stand_in(element: Element, known: Vendor, settings: dict[str, Any], made: Made) -> None:
    """Holds a tag of which the export does not say all, until somebody does."""
    missing = [name for name in known.unknown if name not in settings]
    for name in missing:
        settings[name] = known.unknown[name]
        made.to_do.append(
            f"tag {element.name!r:.80}: write its `{name}` in place of {known.unknown[name]}"
        )
    if missing:
        made.is_held = True
        told = ", ".join(f"`{name}`" for name in missing)
        made.notes.append(f"paused, since the export does not say {told}")
