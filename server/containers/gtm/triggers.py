"""Triggers: on which events, under which conditions; and what GTM watches that the tag does not."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from server.containers.gtm.built_in import (
    ALL_PAGES,
    EVENTS,
    NO_ERRORS,
    NO_FORMS,
    NO_SCROLL,
    NO_VIDEO,
    NO_VISIBILITY,
)
from server.containers.gtm.conditions import NAME, conditions
from server.containers.gtm.export import Element
from server.containers.gtm.references import Meanings

PAGE = "page_view"
CLICKS = ["click", "file_download"]
LINKS_ONLY = "the tag observes clicks on links to other hosts and to files, no others"
EVENTS_OF = {
    "PAGEVIEW": (PAGE, ""),
    "SERVER_PAGEVIEW": (PAGE, ""),
    "DOM_READY": (PAGE, "fires with the page view: the server sees no later moment"),
    "WINDOW_LOADED": (PAGE, "fires with the page view: the server sees no later moment"),
    "INIT": (PAGE, ALL_PAGES["2147479573"]),
    "CONSENT_INIT": (PAGE, ALL_PAGES["2147479572"]),
    "HISTORY_CHANGE": (
        PAGE,
        "a change of the address is a page view here, like a page's first one",
    ),
    "LINK_CLICK": (CLICKS, LINKS_ONLY),
    "CLICK": (CLICKS, LINKS_ONLY),
    "ALWAYS": ("", ""),
}
"""GTM's type → event or events, and how they differ."""
REFUSED = {
    "FORM_SUBMISSION": NO_FORMS,
    "FORM_SUBMIT": NO_FORMS,
    "SCROLL_DEPTH": NO_SCROLL,
    "YOUTUBE_VIDEO": NO_VIDEO,
    "ELEMENT_VISIBILITY": NO_VISIBILITY,
    "JS_ERROR": NO_ERRORS,
    "TIMER": "the tag has no timers: let the page push an event",
}
_PREFIXES = {
    "AMP_": "there is no tag for AMP pages",
    "FIREBASE_": "there is no tag for applications",
}
OBSERVED = {
    "HISTORY_CHANGE": ("history",),
    "LINK_CLICK": ("outbound_links", "downloads"),
    "CLICK": ("outbound_links", "downloads"),
}
"""What the tag has to observe for a type."""


class Found(Struct, kw_only=True):
    """What became of a trigger: its name here, or why it has none."""

    name: str = ""
    tree: dict[str, Any] | None = None
    """None: it is there already, as `all_pages` is."""
    lost: str = ""
    notes: list[str] = field(default_factory=list)


def trigger(element: Element, meanings: Meanings) -> Found:
    """The trigger of ours, but for groups; raises ValueError with the reason why there is none."""
    if element.type == "CUSTOM_EVENT":
        return _custom(element, meanings)
    if element.type not in EVENTS_OF:
        raise ValueError(_refused(element.type))
    event, note = EVENTS_OF[element.type]
    made = Found(tree={"event": event} if event else {}, notes=[note] if note else [])
    return _asked(element, made, meanings)


def group(element: Element, members: dict[str, Found]) -> Found:
    """A trigger that fires when all its members have; raises ValueError."""
    ids = element.params.get("triggerIds", [])
    ids = ids if isinstance(ids, list) else []
    found = [members.get(str(one), Found(lost="is not in the export")) for one in ids]
    lost = [one.lost for one in found if one.lost]
    if lost or not found:
        raise ValueError(f"a member is missing: {lost[0]}" if lost else "has no members")
    if element.raw.get("filter"):
        raise ValueError("a group has no conditions of its own here")
    names = list(dict.fromkeys(one.name for one in found))
    notes = ["a member that has to fire twice is asked once"] if len(names) < len(found) else []
    return Found(tree={"all_of": names, "within": "page"}, notes=notes)


def built_in(id_: str) -> Found:
    """A trigger that has a number and no definition."""
    if id_ in ALL_PAGES:
        return Found(name="all_pages", notes=[ALL_PAGES[id_]] if ALL_PAGES[id_] else [])
    return Found(lost=f"no trigger {id_!r:.40} in the export")


def _custom(element: Element, meanings: Meanings) -> Found:
    if not element.raw.get("customEventFilter"):
        raise ValueError("names no event")
    asked = conditions(element.raw["customEventFilter"], meanings)
    made = Found(tree={})
    first = asked[0] if asked else {}
    if first.keys() == {"value", "equals"} and first["value"] == NAME:
        made.tree, asked = {"event": first["equals"]}, asked[1:]
        if first["equals"] in EVENTS.values() and "gtm." in str(element.raw["customEventFilter"]):
            made.notes.append(f"GTM's own event: `{first['equals']}` takes its place")
    if asked:
        made.tree = {**(made.tree or {}), "when": asked}
    return _asked(element, made, meanings)


def _asked(element: Element, made: Found, meanings: Meanings) -> Found:
    """The trigger with its own conditions; all lists have to hold."""
    when = list((made.tree or {}).get("when", []))
    for key in ("filter", "autoEventFilter"):
        when += conditions(element.raw.get(key), meanings)
    if when:
        made.tree = {**(made.tree or {}), "when": when}
    return made


def _refused(type_: str) -> str:
    for prefix, reason in _PREFIXES.items():
        if type_.startswith(prefix):
            return reason
    return REFUSED.get(type_, f"no trigger here for GTM's type {type_!r:.40}")
