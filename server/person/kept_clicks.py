"""The ad clicks of a visitor that later events carry: a purchase, days after the landing.

    landing ──kept_after──▶ what is kept ──with_clicks──▶ the person of a later event

What is kept is a Person that has clicks and nothing else: the last one of each kind that a partner
takes, with its time. It depends on events alone, never on the clock, so that the same events sorted
again carry the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from server.clock import DAY_MS, MINUTE_MS
from server.model import Person
from server.person.tables.click_cookies import CLICK_DAYS

NOTHING_KEPT = Person()
SLACK_MS = 5 * MINUTE_MS
"""By so much the times of one visitor's events may be in the wrong order: each hit corrects its own
clock."""
_LASTS_MS = {kind: days * DAY_MS for kind, days in CLICK_DAYS.items()}


def kept_after(kept: Person, landing: Person) -> Person:
    """What is kept once the event's own clicks are known; the very same when they are not new."""
    if not landing.click_ids:
        return kept
    now = max((*kept.clicked_at.values(), *landing.clicked_at.values()), default=0)
    new = {
        kind: value
        for kind, value in landing.click_ids.items()
        if kind in _LASTS_MS and _is_new(kind, value, kept, landing, now)
    }
    if not new:
        return kept
    times = kept.clicked_at | {kind: landing.clicked_at.get(kind, 0) for kind in new}
    times = {kind: at for kind, at in times.items() if now < at + _LASTS_MS[kind]}
    ids = kept.click_ids | new
    after = Person(click_ids={kind: ids[kind] for kind in times}, clicked_at=times)
    return kept if after == kept else after  # a late landing may tell of what has expired


def _is_new(kind: str, value: str, kept: Person, landing: Person, now: int) -> bool:
    """Whether it is another click than the kept one, or the same again after its time."""
    kept_at = kept.clicked_at.get(kind, 0)
    is_over = now >= kept_at + _LASTS_MS[kind]
    is_other = kept.click_ids.get(kind) != value or is_over
    return is_other and landing.clicked_at.get(kind, 0) >= kept_at


def with_clicks(person: Person, kept: Person, at: int) -> Person:
    """The person of an event that happened at a time in ms, with the kept clicks that still count
    then; its own come first."""
    carried = list(_carried(person, kept, at))
    if not carried:
        return person
    ids = {kind: value for kind, value, _ in carried}
    times = {kind: clicked_at for kind, _, clicked_at in carried}
    return replace(person, click_ids=person.click_ids | ids, clicked_at=person.clicked_at | times)


def clicks_expire_at(kept: Person) -> int:
    """When nothing of it counts any more, in ms; 0: there is nothing."""
    return max((at + _LASTS_MS[kind] for kind, at in kept.clicked_at.items()), default=0)


def _carried(person: Person, kept: Person, at: int) -> Iterator[tuple[str, str, int]]:
    for kind, value in kept.click_ids.items():
        clicked_at = kept.clicked_at[kind]
        is_current = clicked_at - SLACK_MS <= at < clicked_at + _LASTS_MS.get(kind, 0)
        if is_current and person.click_ids.get(kind, value) == value:
            yield kind, value, clicked_at
