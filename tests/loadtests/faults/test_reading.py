from __future__ import annotations

import pytest

from loadtests.faults.reading import Verdict, judge
from server.journal import Record


def record(off: int, payload: bytes) -> Record:
    return Record(src=1, off=off, payload=payload)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([record(0, b"a"), record(1, b"b")], Verdict()),
        ([record(0, b"a"), record(1, b"c")], Verdict(invented=1, lost=1)),
        ([record(0, b"a")], Verdict(lost=1)),
        ([record(0, b"a"), record(1, b"b"), record(2, b"b")], Verdict(doubled=1)),
        ([record(0, b"a"), record(0, b"b")], Verdict(doubled=1)),
    ],
)
def test_what_is_missing_twice_or_made_up_is_counted(
    found: list[Record], expected: Verdict
) -> None:
    assert judge(found, acknowledged={b"a", b"b"}, written={b"a", b"b"}) == expected
