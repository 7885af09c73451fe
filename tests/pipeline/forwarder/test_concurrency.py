from __future__ import annotations

from server.pipeline.forwarder.concurrency import Concurrency


def well(one: Concurrency, times: int) -> None:
    for _ in range(times):
        one.note(is_well=True, began=0.0, now=0.1)


def test_it_grows_by_one_for_each_round_that_is_well_up_to_what_is_allowed() -> None:
    one = Concurrency(6)
    assert one.limit == 4
    well(one, 5)
    assert one.limit == 5
    well(one, 100)
    assert one.limit == 6


def test_requests_that_fail_together_halve_it_once() -> None:
    one = Concurrency(64)
    well(one, 2_000)
    assert one.limit == 63
    for _ in range(20):
        one.note(is_well=False, began=5.0, now=6.0)
    assert one.limit == 31
    one.note(is_well=False, began=6.5, now=7.0)
    assert one.limit == 15


def test_one_request_always_may_go() -> None:
    one = Concurrency(64)
    for second in range(10):
        one.note(is_well=False, began=second + 0.5, now=second + 0.6)
    assert one.limit == 1
    one.bound(0)
    assert one.limit == 1


def test_a_destination_that_takes_fewer_binds_at_once() -> None:
    one = Concurrency(64)
    one.bound(2)
    assert one.limit == 2
