from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from server.journal import Mark
from server.pipeline.state import Plan, State, create_state


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "pipeline.sqlite"
    create_state(path)
    return path


def test_a_new_state_stands_at_the_beginning_of_everything(path: Path) -> None:
    state = State(path)
    assert (state.cursor("w0"), state.end("store"), state.plan("store")) == (Mark(), Mark(), None)
    assert state.counts() == {}


def test_cursors_ends_and_counts_move_together(path: Path) -> None:
    here, there = Mark(seq=3, at=4, off=5), Mark(seq=6, at=7, off=8)
    State(path).commit_sorted({"w0": here}, {"store": there}, {"sorted": 2})
    State(path).commit_sorted({}, {}, {"sorted": 3, "rejected": 1})
    state = State(path)
    assert (state.cursor("w0"), state.cursor("w1"), state.end("store")) == (here, Mark(), there)
    assert state.counts() == {"sorted": 5, "rejected": 1}


def test_a_failed_step_moves_nothing(path: Path) -> None:
    state = State(path)
    with pytest.raises(sqlite3.Error):
        state.commit_sorted({"w0": Mark(seq=1)}, {"store": Mark(seq=1)}, {"sorted": None})  # type: ignore[dict-item]
    assert (state.cursor("w0"), state.end("store")) == (Mark(), Mark())


def test_a_plan_stays_until_it_is_finished(path: Path) -> None:
    plan = Plan(token="t", end=Mark(seq=1, at=2, off=3))
    State(path).begin("store", plan)
    state = State(path)
    assert state.plan("store") == plan
    with pytest.raises(sqlite3.IntegrityError):
        state.begin("store", plan)
    state.finish("store", plan, {"loaded.events": 9})
    assert (state.plan("store"), state.cursor("store")) == (None, plan.end)
    assert state.counts() == {"loaded.events": 9}


def test_it_is_made_once_and_only_its_owner_sees_it(path: Path) -> None:
    State(path).begin("store", Plan(token="t", end=Mark(seq=1)))
    create_state(path)
    assert State(path).plan("store") is not None
    assert path.parent.stat().st_mode & 0o077 == 0


def test_the_file_of_an_older_version_gets_the_columns_that_it_lacks(path: Path) -> None:
    old = State(path)
    old.db.execute("DROP INDEX retries_key")
    for column in ("key", "received_at", "noted_at"):
        old.db.execute(f"ALTER TABLE retries DROP COLUMN {column}")
    old.db.execute("INSERT INTO retries VALUES ('tag.shop.hook', 'd', 7, 1, x'00')")
    for column in ("attempts", "type", "name", "occurred_at", "person"):
        old.db.execute(f"ALTER TABLE dead DROP COLUMN {column}")
    old.close()
    create_state(path)
    create_state(path)
    state = State(path)
    rows = state.db.execute("SELECT due_at, noted_at, received_at, key FROM retries").fetchall()
    assert rows == [(7, None, None, None)]
    names = [row[1] for row in state.db.execute("PRAGMA table_info(dead)")]
    assert names[-5:] == ["attempts", "type", "name", "occurred_at", "person"]
