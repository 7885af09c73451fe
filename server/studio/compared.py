"""The difference between two containers over many events, tag by tag: what `simulate` tells.

Each number is of events. What is not known is in `unknown` with the reason, and in no other number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct, field

MAX_FIELDS = 200
MAX_EXAMPLES = 3
MAX_REASONS = 100
MAX_CHARS = 120
OTHER = "(others)"


class Example(Struct, frozen=True, kw_only=True):
    """One event in which a field became another one; texts are cut."""

    event_id: str
    before: str | None
    after: str | None


class FieldChange(Struct, kw_only=True):
    """A field of requests that both send."""

    changed: int = 0
    examples: list[Example] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    """By reason: requests in which it is not known what it is."""


class Change(Struct, kw_only=True):
    """How often something fires, before and after."""

    type: str
    is_new: bool = False
    is_gone: bool = False
    before: int = 0
    after: int = 0
    more: int = 0
    less: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    """By reason: events of which it is not known whether it fires."""


class TagChange(Change, kw_only=True):
    """What becomes different for one tag; `before` and `after` are deliveries."""

    changed: int = 0
    """Requests that both send, and that are not the same."""
    same: int = 0
    """Requests that are the same, in all fields that are known."""
    fields: dict[str, FieldChange] = field(default_factory=dict)
    withheld_before: Counter[str] = field(default_factory=Counter)
    withheld_after: Counter[str] = field(default_factory=Counter)
    refused_before: Counter[str] = field(default_factory=Counter)
    """Deliveries that the partner's contract refuses before they are sent, by reason."""
    refused_after: Counter[str] = field(default_factory=Counter)
    refusals: int = 0
    """Deliveries that are refused now, and were not before."""
    refused_unknown: Counter[str] = field(default_factory=Counter)

    def note_field(self, name: str) -> FieldChange:
        """The numbers of one field; beyond MAX_FIELDS they are added up."""
        known = name if name in self.fields or len(self.fields) < MAX_FIELDS else OTHER
        return self.fields.setdefault(known, FieldChange())


class PageChange(Change, kw_only=True):
    """What becomes different for one page tag; each event that fires it counts as a run."""

    waits_before: Counter[str] = field(default_factory=Counter)
    """Events on which it waited in the page, by the consent that was missing."""
    waits_after: Counter[str] = field(default_factory=Counter)


class Comparison(Struct, kw_only=True):
    """All of it."""

    container: str
    before: str
    """What is compared with: `live, version 3`."""
    after: str
    since: int
    until: int
    sample: float = 1.0
    events: int = 0
    notes: list[str] = field(default_factory=list)
    """What the simulation cannot show."""
    tags: dict[str, TagChange] = field(default_factory=dict)
    page_tags: dict[str, PageChange] = field(default_factory=dict)
    visitors: int = 0
    """Visitors for whom a delivery, a request or what runs in the page is another one."""
    is_exact: bool = True
    """Whether that number is no estimate."""


def count(counter: Counter[str], reason: str) -> None:
    """One more for a reason, in bounded memory."""
    counter[reason if reason in counter or len(counter) < MAX_REASONS else OTHER] += 1


def note_change(
    change: TagChange, event_id: str, before: Mapping[str, str], after: Mapping[str, str]
) -> bool:
    """Notes each field that is another one; whether there is any."""
    names = differing(before, after)
    for name in names:
        one = change.note_field(name)
        one.changed += 1
        if len(one.examples) < MAX_EXAMPLES:
            one.examples.append(
                Example(
                    event_id=event_id,
                    before=_cut(before.get(name)),
                    after=_cut(after.get(name)),
                )
            )
    return bool(names)


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The names under which they have something else, in their order."""
    return [name for name in dict.fromkeys((*one, *other)) if one.get(name) != other.get(name)]


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= MAX_CHARS else f"{text[:MAX_CHARS]}…"
