"""What became of each part of an export: the honest list beside the container that was made."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct, field

from server.containers.explain import shown


class Outcome(StrEnum):
    """What became of a part."""

    CONVERTED = "converted"
    APPROXIMATED = "approximated"
    """It is there, and not quite the same; how is told."""
    REFUSED = "refused"
    WAITING = "waiting"
    """For a destination that Freehold does not have."""


KINDS = {
    "tag": "Tags",
    "trigger": "Triggers",
    "variable": "Variables",
    "builtInVariable": "Built-in variables",
    "transformation": "Transformations",
    "folder": "Folders",
    "customTemplate": "Templates",
    "client": "Clients",
    "zone": "Zones",
    "gtagConfig": "Google tag configurations",
}


class Item(Struct, frozen=True, kw_only=True):
    """One part of the export, and what became of it."""

    kind: str
    name: str
    type: str = ""
    outcome: Outcome
    became: str = ""
    """Its name in our container; empty: it has none there."""
    notes: tuple[str, ...] = ()
    """How it differs, why it was refused, or what it waits for."""


class Report(Struct, frozen=True, kw_only=True):
    """Every part, and what a person still has to do."""

    source: str
    items: list[Item]
    to_do: list[str] = field(default_factory=list)

    def counts(self, kind: str | None = None) -> dict[Outcome, int]:
        """How many parts had each outcome."""
        found = dict.fromkeys(Outcome, 0)
        for item in self.items:
            if kind in (None, item.kind):
                found[item.outcome] += 1
        return found

    def kinds(self) -> list[str]:
        """The kinds that the export has, in the report's order."""
        there = {item.kind for item in self.items}
        return [kind for kind in KINDS if kind in there]


def markdown(report: Report) -> str:
    """The report as a page."""
    lines = [f"# Import of {_cell(report.source)}", "", _row(["", *Outcome]), "|---|" + "---:|" * 4]
    for kind in report.kinds():
        lines.append(_row([KINDS[kind], *map(str, report.counts(kind).values())]))
    lines.append(_row(["**All**", *map(str, report.counts().values())]))
    if report.to_do:
        lines += ["", "## To do", "", *(f"- {_cell(one)}" for one in report.to_do)]
    for kind in report.kinds():
        lines += [
            "",
            f"## {KINDS[kind]}",
            "",
            "| GTM | type | outcome | here | |",
            "|---|" + "---|" * 4,
        ]
        lines += [_item(item) for item in report.items if item.kind == kind]
    return "\n".join(lines) + "\n"


def _item(item: Item) -> str:
    became = f"`{item.became}`" if item.became else ""
    return _row([item.name, item.type, item.outcome, became, "; ".join(item.notes)])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    """A text on one line, without what Markdown would take for a table or for HTML."""
    pieces = [shown(text[at : at + 80]) for at in range(0, min(len(text), 2000), 80)]
    return "".join(pieces).replace("|", "\\|").replace("<", "&lt;")
