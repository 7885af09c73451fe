from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.pipeline.pauses import Pause, nudged, pause, pauses, resume
from server.pipeline.state import STATE_FILE, State, create_state

SPOOL = "tag.shop.hook"


@pytest.fixture
def state(data: Path) -> Iterator[State]:
    create_state(data / STATE_FILE)
    state = State(data / STATE_FILE)
    yield state
    state.close()


def test_a_pause_stands_until_it_is_taken_back(data: Path, state: State) -> None:
    order = Pause(author="ada", note="their release", since=10)
    assert pause(state, SPOOL, order) == order
    state.close()
    again = State(data / STATE_FILE)
    assert pauses(again) == {SPOOL: order}
    assert (resume(again, SPOOL), resume(again, SPOOL)) == (True, False)
    assert pauses(again) == {}
    again.close()


def test_who_pauses_again_leaves_the_last_note_and_the_first_time(state: State) -> None:
    pause(state, SPOOL, Pause(author="ada", note="their release", since=10))
    assert pause(state, SPOOL, Pause(author="bob", since=20)) == Pause(author="bob", since=10)


def test_a_pause_is_of_the_tag_whichever_of_its_spools_is_named(state: State) -> None:
    pause(state, f"{SPOOL}.backfill", Pause(author="ada", since=10))
    assert list(pauses(state)) == [SPOOL]
    assert resume(state, f"{SPOOL}.backfill")


def test_a_tag_that_is_resumed_is_tried_at_once_and_once(state: State) -> None:
    resume(state, f"{SPOOL}.backfill")
    assert (nudged(state), nudged(state)) == ({SPOOL}, set())


def test_an_order_to_try_stays_while_nothing_can_be_written(data: Path, state: State) -> None:
    resume(state, SPOOL)
    state.db.execute("PRAGMA busy_timeout = 0")
    other = State(data / STATE_FILE)
    with other.transaction():
        assert nudged(state) == set()
    other.close()
    assert nudged(state) == {SPOOL}
