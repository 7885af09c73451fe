"""What a collector tells of itself, once a second: a file of its own in `data/state/collectors`.

The totals go on where the last process of the same name stopped telling. So they never fall, though
one that is killed leaves out what it did in its last second.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from server.histogram import BATCH, SYNC_S, Histogram, histogram

REPORTS = Path("state", "collectors")
TELL_EVERY_S = 1.0
SILENT_MS = 10_000
"""Who has told nothing for so long is not there, or cannot write."""


class Report(Struct, frozen=True, kw_only=True):
    """One collector's figures; totals since its first process began."""

    name: str
    """Of its journal: `w0`, `w1` …"""
    pid: int = 0
    started_at: int = 0
    told_at: int = 0
    synced_at: int = 0
    """When a batch was last stored; 0: never."""
    hits: int = 0
    """Acknowledged: the disk has them."""
    refusals: dict[str, int] = {}
    """What was refused, by reason."""
    sync_seconds: Histogram = msgspec.field(default_factory=lambda: histogram(SYNC_S))
    batch_hits: Histogram = msgspec.field(default_factory=lambda: histogram(BATCH))
    connections: int = 0
    pending_bytes: int = 0
    """Waiting for the disk."""
    problem: str = ""
    """Why hits are not taken now."""

    def is_silent(self, at: int) -> bool:
        """Whether it has told nothing for too long, at a time in ms."""
        return at - self.told_at >= SILENT_MS

    def after(self, before: Report) -> Report:
        """This process' figures, with the totals of those before it."""
        return replace(
            self,
            synced_at=max(self.synced_at, before.synced_at),
            hits=self.hits + before.hits,
            refusals=dict(Counter(self.refusals) + Counter(before.refusals)),
            sync_seconds=self.sync_seconds.plus(before.sync_seconds),
            batch_hits=self.batch_hits.plus(before.batch_hits),
        )


def write_report(data: Path, report: Report) -> None:
    """Puts a report in the place of the last one; raises OSError."""
    folder = data / REPORTS
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    begun = folder / f"{report.name}.part"
    begun.write_bytes(msgspec.json.encode(report))
    begun.replace(folder / f"{report.name}.json")


def read_report(data: Path, name: str) -> Report:
    """The last report of a name; an empty one if there is none, or none that can be read."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((data / REPORTS / f"{name}.json").read_bytes(), type=Report)
    return Report(name=name)


def read_reports(data: Path) -> list[Report]:
    """The last report of every collector that ever told."""
    names = sorted(path.stem for path in (data / REPORTS).glob("w*.json"))
    return [read_report(data, name) for name in names]
