from __future__ import annotations

from pathlib import Path

import pytest

from server.pipeline.queue import Job, Later, Progress, Queue, Settlement
from server.pipeline.state import STATE_FILE, State, create_state
from server.pipeline.turns import PARKED, call_all
from tests.pipeline.forwarder.owed import owed

SPOOL = "tag.shop.hook"


@pytest.fixture
def state(data: Path) -> State:
    create_state(data / STATE_FILE)
    return State(data / STATE_FILE)


def later(number: int, due_at: int, key: str) -> Later:
    job = Job(delivery=owed(number, "https://partner.example"))
    return Later(job=job, due_at=due_at, noted_at=1, key=key)


def commit(state: State, *those: Later, done: tuple[int, ...] = (), freed: str = "") -> None:
    ids = [owed(number, "https://partner.example").delivery_id for number in done]
    keys = {freed} if freed else set()
    settlement = Settlement(
        spool=SPOOL, progress=Progress(), done=ids, later=list(those), freed=keys, at=7
    )
    Queue(state).commit(settlement, {})


def due(state: State, now: int = 10**15) -> list[tuple[int, str]]:
    found = Queue(state).due(SPOOL, now=now, limit=9)
    return [(job.delivery.event.off, job.key) for job in found]


def test_what_waits_for_one_before_it_is_due_when_that_is_settled(state: State) -> None:
    commit(state, later(1, 5, "v"), later(2, PARKED, "v"), later(3, PARKED, "v"), later(4, 6, ""))
    assert due(state) == [(1, "v"), (4, "")]
    commit(state, later(1, 9, "v"))  # it failed again, and stands behind the others in the file
    assert due(state) == [(4, ""), (1, "v")]
    commit(state, done=(1,), freed="v")
    assert due(state) == [(4, ""), (2, "v")]
    commit(state, done=(2, 4), freed="v")
    assert due(state) == [(3, "v")]


def test_nothing_hurries_what_waits_for_its_turn(state: State) -> None:
    commit(state, later(1, 10**15, "v"), later(2, PARKED, "v"))
    Queue(state).hasten(SPOOL, now=5)
    assert due(state, now=5) == [(1, "v")]
    assert due(state, now=-(10**9)) == [(1, "v")]  # the clock went back


def test_keys_behind_which_to_wait_are_those_that_are_tried_again(state: State) -> None:
    commit(state, later(1, 5, "v"), later(2, 5, ""))
    assert Queue(state).behind(SPOOL, {"v", "w"}) == {"v"}
    assert Queue(state).behind("tag.shop.other", {"v"}) == set()
    assert Queue(state).behind(SPOOL, set()) == set()


def test_who_waits_for_one_that_was_taken_away_is_called(state: State) -> None:
    commit(state, later(1, 5, "v"), later(2, PARKED, "v"), later(3, PARKED, "w"))
    with state.transaction():
        state.db.execute("DELETE FROM retries WHERE due_at = 5")
    assert due(state) == []
    call_all(state, now=7)
    assert due(state) == [(2, "v"), (3, "w")]
