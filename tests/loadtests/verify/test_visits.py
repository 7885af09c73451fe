"""What is stored against what visitors were told: each test spoils one thing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from loadtests.verify.ids import Ask
from loadtests.verify.told import Told, read_told
from loadtests.verify.visits import (
    NOBODY,
    Check,
    check_deliveries,
    check_identity,
    check_sessions,
    owed,
)
from server.store.client import Connection
from server.store.insert import insert
from server.store.rows import encode_row, split_row
from tests.samples import NOON, VISITOR_ID, event

GRANTED = {"analytics_storage": "granted", "ad_user_data": "granted"}


def told(number: int, **more: Any) -> Told:
    known = Told(
        id=event(number).event_id,
        name="purchase",
        choice="1",
        purposes=GRANTED,
        visitor=VISITOR_ID,
        visit=1,
    )
    return msgspec.structs.replace(known, **more)


@pytest.fixture
def ask(connection: Connection) -> Iterator[Ask]:
    with connection.open() as client:
        yield lambda sql: client.query(sql).result_rows


def store(connection: Connection, *rows: Any) -> None:
    lines = [split_row(encode_row(row))[1] for row in rows]
    insert(connection, "events", lines, token="t")


def wrong(checks: Iterator[Check]) -> list[int]:
    """Wrong events: without consent, with it, with another consent, taken for a bot."""
    return [check.wrong for check in checks]


REFUSED = {"choice": "0", "purposes": {"analytics_storage": "denied"}, "visitor": ""}
DENIED = {"visitor_id": NOBODY, "consent": {"analytics_storage": "denied"}}


def test_a_visitor_where_consent_was_refused_is_found(connection: Connection, ask: Ask) -> None:
    store(connection, event(1, **DENIED), event(2, **{**DENIED, "visitor_id": VISITOR_ID}))
    assert wrong(check_identity([told(1, **REFUSED), told(2, **REFUSED)], ask)) == [1, 0, 0, 0]


def test_a_user_id_where_consent_was_refused_is_found(connection: Connection, ask: Ask) -> None:
    store(connection, event(1, **DENIED, user_id="c-1"))
    assert wrong(check_identity([told(1, **REFUSED)], ask)) == [1, 0, 0, 0]


def test_another_visitor_another_consent_and_a_bot_are_found(
    connection: Connection, ask: Ask
) -> None:
    store(connection, event(1, consent=GRANTED), event(2, consent={}, bot="crawler"))
    other = told(1, visitor="0b6f2f6e-6a1c-4a57-8d0c-000000000000")
    assert wrong(check_identity([other, told(2)], ask)) == [0, 1, 1, 1]
    assert wrong(check_identity([told(1, is_doubtful=True)], ask)) == [0, 0, 0, 0]


def test_a_visit_without_a_session_is_found(connection: Connection, ask: Ask) -> None:
    store(connection, event(1), event(2), event(3, session_id=NOON // 1000 + 5))
    seen = [told(1), told(2), told(3, visit=2)]
    assert check_sessions(seen, ask).wrong == 0
    assert check_sessions([*seen, told(4, visit=3)], ask).wrong == 1


def test_partners_get_what_they_may_have_and_nothing_else() -> None:
    statistics = told(2, purposes={"analytics_storage": "granted", "ad_user_data": "denied"})
    seen = [
        told(1), statistics, told(3, **REFUSED), told(4, is_bot=True), told(5, visitor="gone"),
        told(6, name="consent_update", choice="2", purposes={}, withdrawer="gone"),
    ]  # fmt: skip
    must, may = owed(seen)
    assert must == {(told(1).id, "ga4"), (told(1).id, "orders"), (told(2).id, "ga4")}
    assert may - must == {(told(5).id, "ga4"), (told(5).id, "orders")}
    assert check_deliveries(seen, must).wrong == 0
    assert check_deliveries(seen, may).wrong == 0
    assert check_deliveries(seen, must - {(told(2).id, "ga4")}).wrong == 1
    assert check_deliveries(seen, must | {(told(3).id, "ga4")}).wrong == 1


def test_what_was_told_is_read_as_it_was_written(tmp_path: Path) -> None:
    seen = [told(1), told(2, **REFUSED, is_bot=True), told(3, is_answered=False)]
    path = tmp_path / "told.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in seen))
    assert read_told(path) == seen
