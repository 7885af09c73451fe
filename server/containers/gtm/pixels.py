"""Templates of ad partners: which event a tag sends, under the partner's name, and what more it
says of it.

Each template has its own parameters for it, of which there are few patterns: a choice between
standard names and one's own, or none, as the tag sends on what came; and a table of fields.
"""

from __future__ import annotations

import re
from typing import Any

from server.containers.gtm.export import Element
from server.containers.gtm.tag import Made, Wiring, in_our_words

CHOICES = ("eventType", "eventName")
NAMES = {
    "standard": ("standardEventName", "eventNameStandard", "eventName"),
    "custom": ("customEventName", "eventNameCustom"),
    "variable": ("variableEventName",),
}
TABLES = ("objectPropertyList", "customDataList", "custom_properties")
USED = frozenset(
    {
        "inheritEventName",
        "event",
        *CHOICES,
        *TABLES,
        *(one for names in NAMES.values() for one in names),
    }
)
"""Parameters that are looked at here."""
OF_THE_EVENT = frozenset({"contents", "content_ids"})
"""Lists, which no text can say."""

_OURS = re.compile(r"[a-z0-9_]*")


def pixel_settings(element: Element, made: Made, wiring: Wiring) -> dict[str, Any]:
    """`event_name` and `params`, as far as the tag has them."""
    name = in_our_words(event_name(element), "event_name", made, wiring)
    params: dict[str, str] = {}
    for key, text in _rows(element):
        if key in OF_THE_EVENT:
            made.notes.append(f"`{key}` comes from the items of the event")
        elif value := in_our_words(text, key, made, wiring):
            params[key] = value
    said = {"event_name": "" if name == "{{ event.name }}" else name, "params": params}
    return {setting: given for setting, given in said.items() if given}


def event_name(element: Element) -> str:
    """The partner's name, as it is written; empty: as the event's own tells."""
    if "inherit" in (element.text("inheritEventName"), element.text("eventType")):
        return ""
    for choice in CHOICES:
        for parameter in NAMES.get(element.text(choice), ()):
            text = element.text(parameter)
            if text and text not in NAMES:
                return text
    text = element.text("event")
    return "" if _OURS.fullmatch(text) else text


def _rows(element: Element) -> list[tuple[str, str]]:
    rows = [row for table in TABLES for row in element.rows(table)]
    pairs = [(row.get("name", row.get("key", "")), row.get("value", "")) for row in rows]
    return [(key, text) for key, text in pairs if isinstance(key, str) and isinstance(text, str)]
