from __future__ import annotations

from pathlib import Path

import pytest

from server.clock import DAY_MS, HOUR_MS
from server.containers.memory import Cell
from server.model import Person
from server.pipeline.remembered import Clicked, Remembered
from server.pipeline.state import STATE_FILE, State, create_state
from tests.pipeline.conftest import SEAL
from tests.samples import NOON

CELL = Cell({"tag/a": 1}, NOON + DAY_MS)


def opened(data: Path) -> State:
    create_state(data / STATE_FILE)
    return State(data / STATE_FILE)


def commit(state: State, remembered: Remembered) -> None:
    state.commit_sorted({}, {}, {}, (), {"memory": remembered.changes()})
    remembered.committed()


def test_what_was_committed_is_remembered_by_the_next_sorter_and_nothing_else(data: Path) -> None:
    state = opened(data)
    first = Remembered(state)
    first.note("shop", {"page/1": CELL})
    commit(state, first)
    first.note("shop", {"page/1": Cell({"tag/a": 2}, NOON), "page/2": CELL})
    assert first.of("shop")("page/1") == Cell({"tag/a": 2}, NOON)
    state.close()
    recall = Remembered(opened(data)).of("shop")
    assert recall("page/1") == CELL
    assert recall("page/2") is None


def test_containers_know_nothing_of_each_other(data: Path) -> None:
    remembered = Remembered(opened(data))
    remembered.note("shop", {"page/1": CELL})
    assert remembered.of("blog")("page/1") is None


def test_what_has_expired_goes_and_so_does_what_is_too_much(data: Path) -> None:
    state = opened(data)
    remembered = Remembered(state, limit=2)
    cells = {f"page/{n}": Cell({}, NOON + n * HOUR_MS) for n in range(1, 6)}
    remembered.note("shop", cells)
    commit(state, remembered)
    remembered.forget(NOON + HOUR_MS)
    recall = remembered.of("shop")
    assert [name for name in cells if recall(name)] == ["page/4", "page/5"]


def test_clicks_are_bounded_apart_from_what_limits_count(data: Path) -> None:
    state = opened(data)
    clicked, remembered = Clicked(state, SEAL, limit=1), Remembered(state)
    for number in (1, 2):
        person = Person(click_ids={"gclid": "x"}, clicked_at={"gclid": NOON + number})
        clicked.note("shop", {f"visitor-{number}": person})
    remembered.note("shop", {"page/1": CELL})
    state.commit_sorted(
        {}, {}, {}, (), {"memory": remembered.changes(), "clicks": clicked.changes()}
    )
    clicked.forget(NOON)
    remembered.forget(NOON)
    recall = clicked.of("shop")
    assert [recall("visitor-1") is None, recall("visitor-2") is None] == [True, False]
    assert remembered.of("shop")("page/1") == CELL


@pytest.mark.parametrize("most", [0, 2, 100])
def test_what_is_there_is_found_however_much_it_is(
    data: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("server.pipeline.remembered.MAX_NAMES", most)
    state = opened(data)
    before = Remembered(state)
    before.note("shop", {f"page/{n}": CELL for n in range(4)})
    commit(state, before)
    after = Remembered(state)
    recall = after.of("shop")
    assert (recall("page/3"), recall("page/4")) == (CELL, None)
    after.note("shop", {"page/4": CELL})
    commit(state, after)
    after.forget(NOON)
    assert [recall(f"page/{n}") for n in (0, 3, 4, 5)] == [CELL, CELL, CELL, None]
