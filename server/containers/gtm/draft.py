"""The container while it is made: its tree, its comments, and the report's lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from server.containers.explain import Path_
from server.containers.gtm.export import Element
from server.containers.gtm.names import TAKEN, named
from server.containers.gtm.report import Item, Outcome

PARTS = {
    "variable": "variables",
    "trigger": "triggers",
    "transformation": "transformations",
    "tag": "tags",
}
"""GTM's kinds, and where they stand with us."""
IN_PAGE = "page_tags"
"""Where tags stand that run in the page."""
MAX_NOTE = 2000
MAX_REASON = 400

Barred = Mapping[tuple[str, str], str]
"""Part and name → what the check has against it."""


class Draft(Struct, kw_only=True):
    """What has been made so far."""

    barred: Barred
    folders: Mapping[str, str]
    """GTM's id → our name."""
    parts: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {part: {} for part in (*PARTS.values(), IN_PAGE)}
    )
    comments: dict[Path_, list[str]] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    to_do: list[str] = field(default_factory=list)

    def allow(self, kind: str, name: str) -> None:
        """Raises ValueError when the check has something against a part."""
        parts = [PARTS[kind], IN_PAGE] if kind == "tag" else [PARTS[kind]]
        for part in parts:
            if reason := self.barred.get((part, name)):
                raise ValueError(reason)

    def put(
        self,
        element: Element,
        name: str,
        tree: dict[str, Any],
        notes: Iterable[str],
        part: str = "",
    ) -> None:
        """A part that is there, with how it differs."""
        part = part or PARTS[element.kind]
        said = element.raw.get("notes")
        whole = dict(tree)
        if isinstance(said, str) and said.strip():
            whole["note"] = said.strip()[:MAX_NOTE]
        folder = self.folders.get(str(element.raw.get("parentFolderId", "")))
        if folder:
            whole["folder"] = folder
        settings = whole.pop("with", None)
        self.parts[part][name] = whole if settings is None else {**whole, "with": settings}
        told = list(dict.fromkeys(notes))
        self.comments[(part, name)] = [f"{element.name}:" if told else element.name, *told]
        self.tell(element, Outcome.APPROXIMATED if told else Outcome.CONVERTED, name, told)

    def hold(self, name: str, reason: str) -> None:
        """Pauses a tag that is there."""
        settings = self.parts["tags"][name].pop("with")
        self.parts["tags"][name] |= {"paused": True, "with": settings}
        self.comments[("tags", name)].append(reason)
        for index, item in enumerate(self.items):
            if item.kind == "tag" and item.became == name:
                notes = (*item.notes, reason)
                self.items[index] = replace(item, outcome=Outcome.APPROXIMATED, notes=notes)

    def refuse(self, element: Element, reason: str, outcome: Outcome = Outcome.REFUSED) -> None:
        """A part that is not there, and why."""
        part = PARTS.get(element.kind)
        if part:
            word = "waits for" if outcome is Outcome.WAITING else "not imported:"
            line = f"{element.name} ({element.type}): {word} {reason[:MAX_REASON]}"
            self.comments.setdefault((part,), []).append(line)
        self.tell(element, outcome, "", [reason])

    def tell(self, element: Element, outcome: Outcome, name: str, notes: list[str]) -> None:
        """A line of the report."""
        item = Item(
            kind=element.kind,
            name=element.name,
            type=element.type,
            outcome=outcome,
            became=name,
            notes=tuple(note[:MAX_REASON] for note in notes),
        )
        self.items.append(item)


def names_of(elements: list[Element], more: Iterable[str] = ()) -> list[tuple[Element, str]]:
    """Each element with its name here."""
    names = named(elements, elements[0].kind if elements else "", TAKEN | set(more))
    return [(element, names[place]) for place, element in enumerate(elements)]
