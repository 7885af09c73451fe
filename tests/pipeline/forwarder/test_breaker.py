from __future__ import annotations

from server.pipeline.forwarder.breaker import Breaker


def fail(breaker: Breaker, times: int, now: float = 0.0) -> None:
    for _ in range(times):
        breaker.note(is_well=False, now=now)


def test_five_failures_in_a_row_open_it_for_five_seconds() -> None:
    breaker = Breaker()
    fail(breaker, 4)
    assert not breaker.is_open
    fail(breaker, 1)
    assert breaker.is_open
    assert (breaker.wait_s(0), breaker.wait_s(3), breaker.wait_s(5)) == (5, 2, 0)


def test_half_of_the_last_twenty_open_it_too() -> None:
    breaker = Breaker()
    for number in range(20):
        assert not breaker.is_open
        breaker.note(is_well=number % 2 == 0, now=0)
    assert breaker.is_open


def test_each_failed_probe_doubles_the_pause_up_to_a_minute() -> None:
    breaker = Breaker()
    fail(breaker, 5)
    now, waits = 0.0, []
    for _ in range(6):
        waits.append(breaker.wait_s(now))
        now += waits[-1]
        fail(breaker, 1, now)
    assert waits == [5, 10, 20, 40, 60, 60]


def test_failures_of_what_was_under_way_when_it_opened_change_nothing() -> None:
    breaker = Breaker()
    fail(breaker, 8)
    assert breaker.wait_s(0) == 5


def test_one_success_closes_it_and_forgets() -> None:
    breaker = Breaker()
    fail(breaker, 5)
    breaker.note(is_well=True, now=5)
    assert not breaker.is_open
    fail(breaker, 4, 6)
    assert not breaker.is_open
    fail(breaker, 1, 6)
    assert breaker.wait_s(6) == 5
