"""Removes what is loaded from the spools of store and ledger: after three days, for until then
reconciliation may need it, or after an hour when the disk gets short.

The disk counts as short here at twice the reserve: old rows go before a hit is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from server import journal
from server.clock import HOUR_MS
from server.journal import Mark
from server.pipeline.runs import is_running
from server.pipeline.spools import LEDGER, STORE, spool_folder
from server.pipeline.state import STATE_FILE, State

KEPT_MS = 72 * HOUR_MS
KEPT_SHORT_MS = HOUR_MS
"""The sorter makes its memory of the last hour from the spool."""
EARLIER = 2

log = logging.getLogger(__name__)


class Sweeper:
    """Looks at the disk at each step, at what is old once an hour."""

    def __init__(self, data: Path, *, reserve_bytes: int, now: Callable[[], int]) -> None:
        self._data = data
        self._state = State(data / STATE_FILE)
        self._reserve_bytes = reserve_bytes
        self._now = now
        self._swept_at = 0

    def step(self) -> int:
        """Removes what may go; 0, for there is nothing to hurry for."""
        is_short = journal.look(self._data, EARLIER * self._reserve_bytes).shed > 0
        if is_short or not 0 <= self._now() - self._swept_at < HOUR_MS:
            self._swept_at = self._now()
            with self._state.transaction():  # a reconciliation begins before this or after it
                for spool in (STORE, LEDGER) if not is_running(self._state) else ():
                    self._sweep(spool, KEPT_MS)
                    early = self._sweep(spool, KEPT_SHORT_MS) if is_short else 0
                    if early:
                        log.warning(
                            "the disk gets short: %d loaded segments of the spool %s went before "
                            "their three days; reconciliation cannot compare them any more",
                            early, spool,
                        )  # fmt: skip
        return 0

    def close(self) -> None:
        """Lets go of the state."""
        self._state.close()

    def _sweep(self, spool: str, kept_ms: int) -> int:
        """A segment goes when the one after it, already loaded from, is older than `kept_ms`."""
        cursor, young = self._state.cursor(spool), self._now() - kept_ms
        folder = spool_folder(self._data, spool)
        old = [
            segment.seq
            for segment in journal.segments(folder)
            if segment.seq <= cursor.seq and segment.created_at < young
        ]
        return len(journal.remove_before(folder, Mark(seq=old[-1]))) if old else 0
