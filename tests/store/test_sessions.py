"""The views of sessions against a naive reading, event by event, of all that there is."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest

from server.clock import DAY_MS, HOUR_MS, MINUTE_MS
from server.model import Event
from server.store.client import Connection
from server.store.insert import insert
from server.store.rows import encode_row, split_row
from tests.samples import NOON, event

LAST_MONTH = datetime.fromtimestamp(NOON / 1000, UTC).date().replace(day=1) - timedelta(days=1)
START = int(datetime(*LAST_MONTH.timetuple()[:3], tzinfo=UTC).timestamp() * 1000) - 2 * DAY_MS
"""Three days before the first of a month."""
PAUSES = (
    1_000,
    10 * MINUTE_MS,
    30 * MINUTE_MS - 1,
    30 * MINUTE_MS,
    30 * MINUTE_MS + 1,
    40 * MINUTE_MS,
)
LONG_PAUSES = (3 * HOUR_MS, 13 * HOUR_MS)
COLUMNS = (
    "toString(visitor_id), session_id, toUnixTimestamp64Milli(started_at), "
    "toUnixTimestamp64Milli(ended_at), events, purchases, landing_path, channel"
)
Row = tuple[Any, ...]


def visitor(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def events(seed: int) -> list[Event]:
    """Thirty visitors over a week around a month's end; a third of the steps have lost their
    session's id, some sessions begin without a pause, as in a second browser window."""
    chance = random.Random(seed)
    made: list[Event] = []
    for one in range(1, 31):
        at = START + chance.randrange(3 * DAY_MS)
        session_id = at // 1000
        while at < START + 6 * DAY_MS and len(made) < 2_000:
            pause = chance.choice(PAUSES if chance.random() < 0.93 else LONG_PAUSES)
            at += pause
            if pause > 30 * MINUTE_MS or chance.random() < 0.05:
                session_id = at // 1000
            made.append(
                event(
                    len(made) + 1,
                    visitor_id=visitor(one),
                    session_id=session_id if chance.random() < 0.67 else 0,
                    occurred_at=at,
                    received_at=at + chance.randrange(1_000),
                    name=chance.choice(("page_view", "page_view", "purchase")),
                    path=chance.choice(("", "/a", "/b")),
                    channel=chance.choice(("", "", "Email", "Direct")),
                )
            )
    chance.shuffle(made)
    return made


def naive(rows: Sequence[Event]) -> Iterator[Row]:
    """Every session, by walking through each visitor's events."""
    in_order = sorted(rows, key=lambda row: (row.visitor_id, row.occurred_at))
    for _, steps in groupby(in_order, key=lambda row: row.visitor_id):
        session: list[Event] = []
        known, known_at, before = 0, 0, 0
        for step in steps:
            begins = not session
            if session and step.occurred_at - session[-1].occurred_at > 30 * MINUTE_MS:
                begins, known = True, 0
            if step.session_id:
                known, known_at = step.session_id, step.occurred_at
            one = known if step.occurred_at - known_at < 23 * HOUR_MS else 0
            if begins or (one != before != 0):
                if session:
                    yield told(session)
                session = []
            session.append(step)
            before = one
        yield told(session)


def told(session: Sequence[Event]) -> Row:
    """A session as the view tells it."""
    began, ended = session[0].occurred_at, session[-1].occurred_at
    return (
        session[0].visitor_id,
        max(step.session_id for step in session) or began // 1000,
        began,
        ended,
        len(session),
        sum(step.name == "purchase" for step in session),
        next((step.path for step in session if step.path), ""),
        next((step.channel for step in session if step.channel), ""),
    )


def ask(connection: Connection, sql: str) -> list[Row]:
    with connection.open() as client:
        return [tuple(row) for row in client.query(sql).result_rows]


def day_of(at: int) -> date:
    return datetime.fromtimestamp(at / 1000, UTC).date()


@pytest.mark.parametrize("seed", range(4))
def test_sessions_are_the_same_whatever_the_days_that_are_asked_for(
    seed: int, connection: Connection
) -> None:
    rows = events(seed)
    for start in range(0, len(rows), 500):
        lines = [split_row(encode_row(row))[1] for row in rows[start : start + 500]]
        insert(connection, "events", lines, token=f"{seed}:{start}")
    expected = sorted(naive(rows))
    assert max(ended - began for _, _, began, ended, *_ in expected) < DAY_MS
    assert ask(connection, f"SELECT {COLUMNS} FROM freehold.sessions ORDER BY ALL") == expected
    days = sorted({day_of(row[2]) for row in expected})
    assert len(days) > 5
    for first, last in [*zip(days, days, strict=True), (days[1], days[3]), (days[2], days[-1])]:
        view = f"freehold.sessions_between(first = '{first}', last = '{last}')"
        inside = [row for row in expected if first <= day_of(row[2]) <= last]
        assert ask(connection, f"SELECT {COLUMNS} FROM {view} ORDER BY ALL") == inside


def test_daily_traffic_of_a_day_is_that_of_all_days(connection: Connection) -> None:
    lines = [split_row(encode_row(row))[1] for row in events(9)]
    insert(connection, "events", lines, token="traffic")
    whole = ask(connection, "SELECT * FROM freehold.daily_traffic ORDER BY ALL")
    days = sorted({row[1] for row in whole})
    assert len(days) > 5
    for day in days:
        view = f"freehold.daily_traffic_between(first = '{day}', last = '{day}')"
        found = ask(connection, f"SELECT * FROM {view} ORDER BY ALL")
        assert found == [row for row in whole if row[1] == day]


def test_a_late_event_before_a_session_begins_it_though_there_was_one_the_day_before(
    connection: Connection,
) -> None:
    rows = [
        event(1, session_id=(NOON - 5 * HOUR_MS) // 1000, occurred_at=NOON - 5 * HOUR_MS),
        event(2, session_id=0, occurred_at=NOON - MINUTE_MS),
        event(3, session_id=NOON // 1000, occurred_at=NOON),
    ]
    lines = [split_row(encode_row(row))[1] for row in rows]
    insert(connection, "events", lines, token="late")
    found = ask(connection, "SELECT session_id, events FROM freehold.sessions ORDER BY started_at")
    assert found == [((NOON - 5 * HOUR_MS) // 1000, 1), (NOON // 1000, 2)]
