"""The journal that is drained: realistic hits, written by the collector's own writer."""

from __future__ import annotations

import time
from pathlib import Path

from loadtests.traffic import Traffic
from server.clock import now_ms
from server.envelope import seal
from server.journal import SegmentWriter

AT_ONCE = 64
"""Hits that share a sync when the collector is busy."""


def write(folder: Path, *, hits: int, events: int) -> None:
    """A whole journal whose last hit came just now, in frames as a busy collector makes them."""
    step_us = 100
    traffic = Traffic(begin=now_ms() - hits * step_us // 1000, step_us=step_us, events=events)
    writer = SegmentWriter(folder, now=now_ms, durability="os")
    for start in range(0, hits, AT_ONCE):
        writer.write([seal(traffic.next()) for _ in range(min(AT_ONCE, hits - start))])
    writer.sync()
    writer.close()


class Stream:
    """Appends hits at a steady rate; `written` events so far."""

    def __init__(self, folder: Path, *, rate: int, events: int) -> None:
        self._writer = SegmentWriter(folder, now=now_ms)
        self._rate = rate
        self._events = events
        self._traffic = Traffic(begin=now_ms(), step_us=1_000_000 // rate, events=events)
        self._began = time.monotonic()
        self._hits = 0

    @property
    def written(self) -> int:
        return self._hits * self._events

    def go_on(self) -> None:
        """Appends what is due, with one sync."""
        due = int((time.monotonic() - self._began) * self._rate)
        payloads = [seal(self._traffic.next()) for _ in range(due - self._hits)]
        if payloads:
            self._writer.write(payloads)
            self._writer.sync()
            self._hits = due

    def close(self) -> None:
        self._writer.close()
