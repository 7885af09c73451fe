from __future__ import annotations

from msgspec.structs import replace

from server.pipeline.forwarder.pace import FIRST, LINGER_S, MOST, Pace
from tests.pipeline.forwarder.bulk import BULK


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_more_are_taken_while_they_are_done_fast_and_fewer_when_they_are_not() -> None:
    pace = Pace()
    pace.note(FIRST, 0.1)
    assert pace.jobs(4) == 2 * FIRST
    pace.note(3, 0.1)  # there were no more
    assert pace.jobs(4) == 2 * FIRST
    for _ in range(20):
        pace.note(MOST, 0.1)
    assert pace.jobs(4) == MOST
    for _ in range(20):
        pace.note(MOST, 9.0)
    assert pace.jobs(4) == 4


def test_as_many_are_taken_as_fill_the_requests_that_may_go() -> None:
    pace = Pace()
    pace.bound(replace(BULK, max_events=50))
    assert pace.jobs(4) == 200
    assert pace.jobs(400) == MOST


def test_a_few_that_have_just_come_wait_a_moment_for_more() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.arrive()
    assert not pace.lingers()  # nothing is known yet of how many fit
    pace.bound(BULK)
    assert pace.lingers()
    clock.now += LINGER_S + 0.01
    assert not pace.lingers()
    pace.read(is_cut=False)
    assert pace.lingers()
    pace.read(is_cut=True)  # there are more than enough
    assert not pace.lingers()


def test_where_each_goes_alone_none_waits() -> None:
    pace = Pace(Clock())
    pace.bound(replace(BULK, max_events=1))
    pace.arrive()
    assert not pace.lingers()
