from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from server.pipeline.forwarder.backoff import LONGEST_S, asked_s, pause_s
from tests.samples import NOON


def test_pauses_are_spread_over_all_of_a_doubling_span() -> None:
    chance = random.Random(1)
    for attempts, ceiling in ((1, 4.0), (3, 16.0), (9, LONGEST_S), (10_000, LONGEST_S)):
        drawn = [pause_s(attempts, chance) for _ in range(2_000)]
        assert 0.1 <= min(drawn) < ceiling * 0.1
        assert ceiling * 0.9 < max(drawn) <= ceiling
        assert ceiling * 0.45 < sum(drawn) / len(drawn) < ceiling * 0.55


DATE = format_datetime(datetime.fromtimestamp(NOON / 1000 + 90, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        ("0", 1.0),
        ("999999999999999999999", 3600.0),
        (DATE, 90.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1.0),
        ("-5", None),
        ("Mon, 01 Jan 99999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 9999 23:59:59 -2359", 3600.0),
        ("soon", None),
        ("", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_read_and_bounded(text: str, seconds: float | None) -> None:
    assert asked_s({"retry-after": text}, now=NOON) == seconds


def test_no_header_asks_for_nothing() -> None:
    assert asked_s({}, now=NOON) is None
