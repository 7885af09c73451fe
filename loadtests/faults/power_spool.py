"""A spool, its committed end and its reader in a power loss: see `power`.

SQLite is believed: what the state has committed is there after the cut. So the state lies beside
the disk that forgets, in memory, and is copied for each disk that is judged.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
from pathlib import Path

from loadtests.faults.reading import Verdict, drain
from server import journal
from server.journal import (
    CommittedDataMissing,
    JournalUnwritable,
    Mark,
    SegmentWriter,
    remove_before,
)
from server.pipeline.spools import STORE, open_spool, reached, spool_folder
from server.pipeline.state import State, create_state

STEPS = 40


class SpoolWorld:
    """Appends, syncs and commits as the sorter does; reads and removes as the loader does."""

    may_cut_back = True

    def __init__(self, chance: random.Random) -> None:
        self.now = 1_767_225_600_000
        self.committed: list[bytes] = []
        self.read = 0
        self.cursor = Mark()
        self.state = _new_state()
        self._number = 0
        self._names: set[str] = set()  # segments in which something was committed

    def live(self, folder: Path, chance: random.Random) -> None:
        """One life: a sorter that opens itself anew after an error."""
        writer: SegmentWriter | None = None
        for _ in range(STEPS):
            try:
                writer = writer or open_spool(folder, STORE, self.state, now=lambda: self.now)
                self._step(writer, folder, chance)
            except (JournalUnwritable, OSError):
                writer = _close(writer)
            if chance.random() < 0.05:
                writer = _close(writer)

    def judge(self, folder: Path) -> Verdict:
        """Exactly what was committed and not read yet, and then what the next sorter commits."""
        state = State(Path(":memory:"))
        self.state.db.backup(state.db)
        waiting = self.committed[self.read :]
        try:
            writer = open_spool(folder, STORE, state, now=lambda: self.now)
        except CommittedDataMissing as error:
            return Verdict(lost=len(waiting), problem=str(error))
        batch = [b"after the cut 1", b"after the cut 2"]
        writer.write(batch)
        writer.sync()
        state.commit_ends({STORE: reached(writer, state.end(STORE))})
        chunk = drain(spool_folder(folder, STORE), self.cursor, until=state.end(STORE))
        writer.close()
        state.close()
        damages = [d for d in chunk.damage if d.lost != 0 and Path(d.path).name in self._names]
        return _compare([r.payload for r in chunk.records], [*waiting, *batch], len(damages))

    def _step(self, writer: SegmentWriter, folder: Path, chance: random.Random) -> None:
        if chance.random() < 0.3:
            self._load(spool_folder(folder, STORE), chance)
            return
        self.now += chance.choice((1_000, 1_000, 1_000, 3_600_000))
        written: list[bytes] = []
        for _ in range(chance.randrange(1, 4)):
            piece = [self._payload(chance) for _ in range(chance.randrange(1, 4))]
            writer.write(piece)
            written += piece
        writer.sync()
        self.state.commit_ends({STORE: reached(writer, self.state.end(STORE))})
        self.committed += written
        self._names.add(f"{writer.mark.seq:012}.j")
        if chance.random() < 0.2:
            writer.roll()

    def _load(self, folder: Path, chance: random.Random) -> None:
        end = self.state.end(STORE)
        chunk = journal.read(folder, self.cursor, until=end, max_records=chance.choice((1, 9)))
        self.read += len(chunk.records)
        self.cursor = chunk.mark
        if chance.random() < 0.5:
            remove_before(folder, self.cursor)

    def _payload(self, chance: random.Random) -> bytes:
        self._number += 1
        return b"%d:" % self._number + chance.randbytes(chance.randrange(1, 700))


def _new_state() -> State:
    state = State(Path(":memory:"))
    with tempfile.TemporaryDirectory() as folder:
        create_state(Path(folder) / "state")
        first = State(Path(folder) / "state")
        first.db.backup(state.db)
        first.close()
    return state


def _close(writer: SegmentWriter | None) -> SegmentWriter | None:
    with contextlib.suppress(JournalUnwritable, OSError):
        if writer is not None:
            writer.close()
    return None


def _compare(found: list[bytes], expected: list[bytes], damages: int) -> Verdict:
    lost = len(set(expected) - set(found))
    if found == expected and not damages:
        return Verdict()
    return Verdict(
        lost=lost,
        doubled=len(found) - len(set(found)),
        invented=len(set(found) - set(expected)),
        problem=f"{damages} damages" if damages else "" if lost else "another order",
    )
