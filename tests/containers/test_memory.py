from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from server.clock import DAY_MS, HOUR_MS
from server.containers.memory import LASTS_MS, MAX_COUNTS, Cell, Tally, day_of, recall_nothing
from server.containers.model import Span
from server.model import NO_VISITOR, Event
from tests.samples import NOON, VISITOR_ID, event

PARIS = ZoneInfo("Europe/Paris")
VISIT = event(page_id="p1", session_id=7)


def tally(given: Event, cells: dict[str, Cell] | None = None) -> Tally:
    return Tally(given, (cells or {}).get, PARIS)


@pytest.mark.parametrize(
    ("span", "more", "name"),
    [
        (Span.PAGE, {}, "page/p1"),
        (Span.SESSION, {}, f"session/{VISITOR_ID}/7"),
        (Span.DAY, {}, f"day/{VISITOR_ID}/{day_of(NOON, PARIS)}"),
        (Span.VISITOR, {}, f"visitor/{VISITOR_ID}"),
        (Span.VISITOR, {"visitor_id": NO_VISITOR}, "page/p1"),
        (Span.SESSION, {"visitor_id": NO_VISITOR}, "page/p1"),
    ],
)
def test_what_is_counted_stands_under_a_name_of_its_span(
    span: Span, more: dict[str, str], name: str
) -> None:
    given = replace(VISIT, **more)
    counted = tally(given)
    counted.add(span, "tag/a")
    counted.add(span, "tag/a")
    assert counted.changed == {name: Cell({"tag/a": 2}, given.received_at + LASTS_MS[span])}
    assert counted.count(span, "tag/a") == 2


def test_nobody_on_no_page_is_not_remembered() -> None:
    counted = tally(event(visitor_id=NO_VISITOR, page_id=""))
    counted.add(Span.SESSION, "tag/a")
    assert counted.changed == {}
    assert counted.count(Span.SESSION, "tag/a") == 0


def test_counts_go_on_from_what_is_remembered_and_leave_it_as_it_is() -> None:
    known = {"page/p1": Cell({"tag/a": 2, "tag/b": 1}, NOON + HOUR_MS)}
    counted = tally(VISIT, known)
    counted.add(Span.PAGE, "tag/a")
    assert counted.count(Span.PAGE, "tag/a") == 3
    assert counted.changed["page/p1"].counts == {"tag/b": 1, "tag/a": 3}
    assert known["page/p1"].counts == {"tag/a": 2, "tag/b": 1}


def test_what_had_expired_when_the_event_came_does_not_count() -> None:
    expired = {"page/p1": Cell({"tag/a": 2}, VISIT.received_at)}
    assert tally(VISIT, expired).count(Span.PAGE, "tag/a") == 0
    alive = {"page/p1": Cell({"tag/a": 2}, VISIT.received_at + 1)}
    assert tally(VISIT, alive).count(Span.PAGE, "tag/a") == 2


def test_a_cell_is_bounded_and_the_oldest_count_goes_first() -> None:
    full = {f"tag/{n}": 1 for n in range(MAX_COUNTS)}
    counted = tally(VISIT, {"page/p1": Cell(full, NOON + DAY_MS)})
    counted.add(Span.PAGE, "tag/new")
    counts = counted.changed["page/p1"].counts
    assert (len(counts), "tag/0" in counts, counts["tag/new"]) == (MAX_COUNTS, False, 1)


def test_a_day_is_that_of_the_time_zone() -> None:
    midnight_utc = 1_796_169_600_000 // DAY_MS * DAY_MS
    assert day_of(midnight_utc - HOUR_MS // 2, PARIS) == day_of(midnight_utc, ZoneInfo("UTC"))


def test_who_remembers_nothing_meets_everybody_for_the_first_time() -> None:
    recall_nothing("page/p1")
    assert Tally(VISIT, recall_nothing, PARIS).count(Span.PAGE, "tag/a") == 0
