from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server import journal
from server.clock import HOUR_MS
from server.journal import Mark, SegmentWriter
from server.pipeline.runs import Run, save_run
from server.pipeline.state import STATE_FILE, State, create_state
from server.pipeline.sweeper import Sweeper
from tests.samples import NOON

WHOLE_DISK = 1 << 60


class Kept:
    """A spool of a row an hour, all of it loaded but for the last."""

    def __init__(self, data: Path, hours: int) -> None:
        self.data = data
        self.now = NOON
        create_state(data / STATE_FILE)
        self.state = State(data / STATE_FILE)
        self.folder = data / "spools" / "store"
        writer = SegmentWriter(self.folder, now=lambda: self.now)
        for number in range(hours):
            writer.roll()
            self.now = NOON + number * HOUR_MS
            writer.write([b"%d" % number])
            if number == hours - 2:
                loaded = writer.mark
        writer.close()
        with self.state.transaction():
            self.state.put("cursors", "store", loaded)
        self.now += 1

    def swept(self, *, reserve_bytes: int) -> list[int]:
        sweeper = Sweeper(self.data, reserve_bytes=reserve_bytes, now=lambda: self.now)
        sweeper.step()
        sweeper.close()
        return [int(record.payload) for record in journal.read(self.folder, Mark()).records]


@pytest.fixture
def kept(data: Path) -> Iterator[Kept]:
    kept = Kept(data, hours=80)
    yield kept
    kept.state.close()


def test_what_is_loaded_is_kept_for_three_days(kept: Kept) -> None:
    assert kept.swept(reserve_bytes=0) == list(range(7, 80))


def test_a_short_disk_keeps_an_hour_of_what_is_loaded_and_all_that_is_not(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    assert kept.swept(reserve_bytes=WHOLE_DISK) == [78, 79]
    assert "71 loaded segments of the spool store went before their three days" in caplog.text
    kept.now += 1000 * HOUR_MS
    assert kept.swept(reserve_bytes=WHOLE_DISK) == [78, 79]


def test_nothing_goes_while_a_reconciliation_needs_it(kept: Kept) -> None:
    with kept.state.transaction():
        save_run(kept.state, Run(why="asked", started_at=NOON))
    assert kept.swept(reserve_bytes=WHOLE_DISK) == list(range(80))
