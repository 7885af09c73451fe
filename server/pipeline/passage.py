"""How reconciliation goes through the spools: from the beginning to where the loader was when it
began, all of them or only where certain journal segments lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from server import journal
from server.errors import StoreUnavailable
from server.journal import Chunk, Mark
from server.pipeline.runs import Run
from server.pipeline.spools import LEDGER, STORE, spool_folder
from server.pipeline.tallies import Tally

STEP_ROWS = 20_000
STEP_BYTES = 16 * 1024 * 1024


def next_rows(data: Path, run: Run, needed: Sequence[Tally] | None = None) -> Chunk | None:
    """The next rows, and moves the run behind them; None at the end."""
    for spool in (STORE, LEDGER):
        if run.spool == LEDGER and spool == STORE:
            continue
        if run.spool != spool:
            run.spool, run.mark = spool, Mark()
        start, end = _jump(run.mark, spool, needed), run.ends.get(spool, Mark())
        if start is None or start >= end:
            continue
        folder = spool_folder(data, spool)
        chunk = journal.read(folder, start, until=end, max_records=STEP_ROWS, max_bytes=STEP_BYTES)
        if chunk.is_stopped:
            raise StoreUnavailable(f"the spool {spool} was written by a newer Freehold")
        if chunk.mark != start:
            run.mark = chunk.mark
            run.done += sum(len(record.payload) for record in chunk.records)
            return chunk
    return None


def size_of(data: Path, run: Run) -> int:
    """How many bytes there are to read, about."""
    return sum(
        segment.size
        for spool, end in run.ends.items()
        for segment in journal.segments(spool_folder(data, spool))
        if segment.seq <= end.seq
    )


def _jump(mark: Mark, spool: str, needed: Sequence[Tally] | None) -> Mark | None:
    """Where to read on, if only some tallies matter; None: nowhere."""
    if needed is None:
        return mark
    own = [tally for tally in needed if tally.spool == spool]
    if any(tally.first <= mark.seq <= tally.last for tally in own):
        return mark
    later = min((tally.first for tally in own if tally.first > mark.seq), default=None)
    return None if later is None else Mark(seq=later)
