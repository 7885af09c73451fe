"""From an export's bytes to a container that passes the check, and its report."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from server.containers.checks import check
from server.containers.explain import Fault, Path_
from server.containers.gtm.assembly import assemble
from server.containers.gtm.draft import IN_PAGE, Draft
from server.containers.gtm.export import Element, Export, read_export
from server.containers.gtm.ga4 import TYPE
from server.containers.gtm.names import container_id
from server.containers.gtm.report import Report
from server.containers.gtm.rest import rest
from server.containers.gtm.triggers import OBSERVED, PAGE
from server.containers.gtm.writing import write
from server.containers.load import read_container
from server.containers.model import TagTypes
from server.errors import ConfigError

MAX_PASSES = 30
EXAMPLE = "https://www.example.com"
IGNORED = "other triggers need the tag's own; what the page pushes as `page_view` is ignored then"
OWN_PROPS = (
    "GA4 tags here also send the event's own props, up to GA4's 25 parameters; "
    "`params: {name: null}` leaves one out"
)


class Wish(Struct, frozen=True, kw_only=True):
    """What an export does not tell."""

    name: str
    """Of the file, for people."""
    id: str = ""
    sites: list[str] = field(default_factory=list)


class Imported(Struct, frozen=True, kw_only=True):
    """A container's file, and what became of each part of the export."""

    text: str
    report: Report


def import_export(data: bytes, wish: Wish, types: TagTypes) -> Imported:
    """The container of an export; raises ConfigError with all problems and their places."""
    export = read_export(data, wish.name)
    barred: dict[tuple[str, str], str] = {}
    for _ in range(MAX_PASSES):
        draft = assemble(export, types, barred)
        tree, comments = _document(export, draft, wish)
        found = check(tree, types)
        if not found:
            break
        barred |= _against(found, wish.name)
    else:
        raise ConfigError(f"{wish.name}: {fault}" for fault in found)
    rest(export, draft)
    text = write(tree, comments)
    read_container(text, wish.name, types)
    return Imported(text=text, report=_report(draft, wish))


def _against(found: list[Fault], name: str) -> dict[tuple[str, str], str]:
    """Which part each fault is of; raises ConfigError for those that are of none."""
    of_none = [fault for fault in found if len(fault.path) < 2 or fault.path[0] == "folders"]
    if of_none:
        raise ConfigError(f"{name}: {fault}" for fault in of_none)
    parts: dict[tuple[str, str], str] = {}
    for fault in found:
        key = (str(fault.path[0]), str(fault.path[1]))
        parts.setdefault(key, str(Fault(fault.path[2:], fault.text)))
    return parts


def _document(
    export: Export, draft: Draft, wish: Wish
) -> tuple[dict[str, Any], dict[Path_, list[str]]]:
    """The whole container, in the order in which people read it, and its comments."""
    comments = dict(draft.comments)
    tree: dict[str, Any] = {"id": wish.id or container_id(export.name or export.public_id)}
    if export.name:
        tree["name"] = export.name[:200]
    made = (
        f"Imported from {export.public_id or 'GTM'}: look at each comment before it is published."
    )
    comments[("id",)] = [made]
    tree["sites"] = wish.sites or [EXAMPLE]
    if not wish.sites:
        comments[("sites",)] = ["An export does not name the sites: write yours here"]
    tree["observe"] = {"data_layer": True}
    observed = _observed(export, draft)
    for key, (value, reason) in observed.items():
        tree["observe"][key] = value
        comments[("observe", key)] = [reason]
    folders = {draft.folders[one.id]: one.name[:200] for one in export.of("folder")}
    tree |= {"folders": folders} if folders else {}
    tree |= {part: them for part, them in draft.parts.items() if them or (part,) in comments}
    return tree, comments


def _observed(export: Export, draft: Draft) -> dict[str, tuple[bool, str]]:
    """What the tag has to watch for the triggers that are there."""
    names = {item.name for item in draft.items if item.kind == "trigger" and item.became}
    there = [one for one in export.of("trigger") if one.name in names]
    found = {}
    if any(_pushes_pages(one) for one in there):
        watches = _watches_pages(there, draft)
        found["page_views"] = (watches, IGNORED if watches else "the page pushes its own")
    for element in there:
        for key in OBSERVED.get(element.type, ()):
            found.setdefault(key, (True, f"for the trigger {element.name}"))
    return found


def _pushes_pages(element: Element) -> bool:
    told = str(element.raw.get("customEventFilter"))
    return element.type == "CUSTOM_EVENT" and f"'{PAGE}'" in told


def _watches_pages(there: list[Element], draft: Draft) -> bool:
    """Whether something relies on page views that the tag makes by itself."""
    named = {
        name
        for tag in (*draft.parts["tags"].values(), *draft.parts[IN_PAGE].values())
        for name in (*tag["fires_on"], *tag.get("except", ()))
    }
    own = [draft.parts["triggers"].get(name, {}).get("event") for name in named]
    pushed = sum(_pushes_pages(one) for one in there)
    return "all_pages" in named or own.count(PAGE) > pushed


def _report(draft: Draft, wish: Wish) -> Report:
    sites = [] if wish.sites else [f"write your sites in place of {EXAMPLE}"]
    has_ga4 = any(tag["type"] == TYPE for tag in draft.parts["tags"].values())
    to_do = [
        *sites,
        *dict.fromkeys(draft.to_do),
        *_paused(draft),
        *_off(draft),
        *([OWN_PROPS] if has_ga4 else []),
    ]
    return Report(source=wish.name, items=draft.items, to_do=to_do)


def _paused(draft: Draft) -> list[str]:
    """The tags that would send more than they did."""
    names = [
        f"`{item.became}`"
        for item in draft.items
        if item.kind == "tag" and any(note.startswith("paused") for note in item.notes)
    ]
    return [f"look at the tags that come paused: {', '.join(names)}"] if names else []


def _off(draft: Draft) -> list[str]:
    """What would run in the page."""
    names = ", ".join(f"`{name}`" for name in draft.parts[IN_PAGE])
    told = f"look at what would run in your pages, and say `enabled: true` where it may: {names}"
    return [told] if names else []
