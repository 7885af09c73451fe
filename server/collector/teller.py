"""Tells a collector's figures, for whoever watches it: once a second, beside the hits' way."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from server.collector.collector import Collector
from server.telemetry.report import TELL_EVERY_S, Report, read_report, write_report


class Teller:
    """One collector's; its totals go on where the last process with this journal stopped."""

    def __init__(self, collector: Collector, data: Path) -> None:
        self._collector = collector
        self._data = data
        self._started_at = collector.now()
        self._before = read_report(data, collector.journal.name)
        self._records = self._synced_at = 0
        self.connections: Callable[[], int] = lambda: 0

    async def run(self) -> None:
        """Until it is cancelled; in a thread, since a full disk makes writing slow."""
        while True:
            await asyncio.to_thread(self.tell)
            await asyncio.sleep(TELL_EVERY_S)

    def tell(self) -> None:
        """Writes the figures as they are; a disk that is full keeps the last ones."""
        collector, journal = self._collector, self._collector.journal
        written = journal.written
        if written.records != self._records:
            self._records, self._synced_at = written.records, collector.now()
        own = Report(
            name=journal.name,
            pid=os.getpid(),
            started_at=self._started_at,
            told_at=collector.now(),
            synced_at=self._synced_at,
            hits=written.records,
            refusals=dict(collector.refusals),
            sync_seconds=written.sync_seconds,
            batch_hits=written.batch_records,
            connections=self.connections(),
            pending_bytes=journal.pending_bytes,
            problem=collector.problem(),
        )
        with contextlib.suppress(OSError):
            write_report(self._data, own.after(self._before))
