from __future__ import annotations

from collections import Counter

import pytest

from loadtests.verify.ids import Compared, compare, stored_ids
from server.store.client import Connection
from server.store.insert import insert
from server.store.rows import encode_row, split_row
from tests.samples import event


@pytest.mark.parametrize(
    ("stored", "expected", "is_well"),
    [
        (Counter("abc"), Compared(acknowledged=2, distinct=3, rows=3, lost=0, unknown=0), True),
        (Counter("ab"), Compared(acknowledged=2, distinct=2, rows=2, lost=0, unknown=0), True),
        (Counter("bb"), Compared(acknowledged=2, distinct=1, rows=2, lost=1, unknown=0), False),
        (Counter("abb"), Compared(acknowledged=2, distinct=2, rows=3, lost=0, unknown=0), False),
        (Counter("abx"), Compared(acknowledged=2, distinct=3, rows=3, lost=0, unknown=1), False),
    ],
)
def test_what_is_missing_doubled_or_of_nobody_is_told(
    stored: Counter[str], expected: Compared, is_well: bool
) -> None:
    found = compare({"a", "b"}, stored, given_up={"c"})
    assert found == expected
    assert found.is_well is is_well


def test_nothing_at_all_is_not_well() -> None:
    assert not compare(set(), Counter()).is_well


def test_rows_are_counted_by_id(connection: Connection) -> None:
    rows = [event(1), event(2), event(1, off=9)]
    insert(connection, "events", [split_row(encode_row(row))[1] for row in rows], token="t")
    with connection.open() as client:
        found = stored_ids(lambda sql: client.query(sql).result_rows)
    assert found == Counter({event(1).event_id: 2, event(2).event_id: 1})
