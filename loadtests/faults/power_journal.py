"""A collector's journal and its reader in a power loss: see `power`."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

from loadtests.faults.reading import Verdict, drain, judge
from server.journal import (
    JournalBroken,
    JournalUnwritable,
    Mark,
    Record,
    SegmentWriter,
    read,
    remove_before,
)

HOUR_MS = 3_600_000
STEPS = 60


class JournalWorld:
    """Appends and acknowledges; a reader follows, which keeps its mark where no power cut goes."""

    may_cut_back = False

    def __init__(self, chance: random.Random) -> None:
        self.now = 1_767_225_600_000
        self.written: dict[bytes, int] = {}  # and how many had been written before
        self.acknowledged: set[bytes] = set()
        self.read: list[Record] = []
        self.mark = Mark()
        self._segment_bytes = chance.choice((700, 2_000, 9_000))

    def live(self, folder: Path, chance: random.Random) -> None:
        """One life: a process that is started again when it says that its journal is broken."""
        self.now += 10_000
        journal, writer = folder / "journal" / "w0", None
        for _ in range(STEPS):
            if writer is None:
                with contextlib.suppress(OSError):
                    writer = self._open(journal)
                continue
            try:
                self._step(writer, journal, chance)
                is_over = chance.random() < 0.03
            except JournalBroken:
                is_over = True
            except (JournalUnwritable, OSError):
                continue
            if is_over:
                with contextlib.suppress(JournalUnwritable):
                    writer.close()
                writer = None

    def judge(self, folder: Path) -> Verdict:
        """What the reader gets on this disk, before and after the next writer opens it."""
        journal = folder / "journal" / "w0"
        first = drain(journal, self.mark, max_records=5)
        writer = self._open(journal)
        more = {b"after the cut 1", b"after the cut 2"}
        for payload in sorted(more):
            writer.write([payload])
            writer.sync()
        writer.close()
        second = drain(journal, first.mark)
        found = [*self.read, *first.records, *second.records]
        places = [self.written.get(record.payload, len(self.written)) for record in found]
        if places != sorted(places):
            return Verdict(problem="records are not in the order in which they were written")
        return judge(
            found, acknowledged=self.acknowledged | more, written=self.written.keys() | more
        )

    def _open(self, journal: Path) -> SegmentWriter:
        return SegmentWriter(journal, segment_bytes=self._segment_bytes, now=lambda: self.now)

    def _step(self, writer: SegmentWriter, journal: Path, chance: random.Random) -> None:
        kind = chance.choices(
            ("append", "read", "remove", "roll", "age", "prepare"), weights=(12, 4, 2, 1, 1, 2)
        )[0]
        if kind == "append":
            self._append(writer, journal, chance)
        elif kind == "read":
            self._read(journal, chance)
        elif kind == "remove":
            remove_before(journal, self.mark)
        elif kind == "roll":
            writer.roll()
        elif kind == "prepare":
            writer.prepare()
        else:
            self.now += HOUR_MS

    def _append(self, writer: SegmentWriter, journal: Path, chance: random.Random) -> None:
        batch = [self._payload(chance) for _ in range(chance.randrange(1, 5))]
        self.now += 1_000  # numbers of segments must not overtake the seconds
        writer.write(batch)
        if chance.random() < 0.2:  # a reader sees what is not on disk yet
            self._read(journal, chance)
        writer.sync()
        self.acknowledged.update(batch)

    def _payload(self, chance: random.Random) -> bytes:
        filler = chance.choice((b"", b"\xf5fhf", b"\0")) * chance.randrange(1, 200)
        payload = b"%d:" % len(self.written) + chance.randbytes(8) + filler
        self.written[payload] = len(self.written)
        return payload

    def _read(self, journal: Path, chance: random.Random) -> None:
        chunk = read(journal, self.mark, max_records=chance.choice((1, 5, 100)))
        self.read += chunk.records
        self.mark = chunk.mark
