"""How a node stands, read from its files alone: for Prometheus and for `freehold status`, be the
node up or down."""

from __future__ import annotations

import shutil
from pathlib import Path

from msgspec import Struct

from server import journal
from server.journal import Ahead
from server.pipeline.accounts import Identity, take
from server.pipeline.queue import Lane, Queue
from server.pipeline.spools import LEDGER, STORE, TAG_PREFIX, spool_folder
from server.pipeline.state import State
from server.telemetry.report import Report


class Files(Struct, frozen=True, kw_only=True):
    """A journal's or a spool's files, and what its reader has still before it."""

    name: str
    kind: str
    """`journal` or `spool`."""
    bytes: int
    """Of the files; they are kept a while after they were read."""
    ahead: Ahead
    age_ms: int
    """How long the next record has waited; 0 when none does."""


class Disk(Struct, frozen=True, kw_only=True):
    """The one that the data folder is on."""

    free: int
    total: int
    taken_an_hour: int
    """Bytes that rows for ClickHouse took in the last hour."""

    def survives_h(self, reserve_bytes: int) -> float | None:
        """For how many hours at this rate ClickHouse may be away before hits are refused."""
        return journal.survives_h(self.free, reserve_bytes, self.taken_an_hour)


class Standing(Struct, frozen=True, kw_only=True):
    """A node at one moment."""

    at: int
    counts: dict[str, int]
    collectors: list[Report]
    files: list[Files]
    identities: list[Identity]
    lanes: list[Lane]
    disk: Disk

    def lag_ms(self, kind: str) -> int:
        """How long the next hit has waited to be sorted (`journal`), or the next row to be loaded
        (`spool`)."""
        names = None if kind == "journal" else {STORE, LEDGER}
        return max(
            (
                one.age_ms
                for one in self.files
                if one.kind == kind and (names is None or one.name in names)
            ),
            default=0,
        )


def look(data: Path, state: State, *, now: int) -> Standing:
    """Looks at everything once; raises OSError and StoreUnavailable as `take` does."""
    accounts = take(data, state)
    tags = [name for name in accounts.spools if name.startswith(TAG_PREFIX)]
    disk = shutil.disk_usage(data)
    rows = journal.segments(spool_folder(data, STORE))
    taken = journal.grown(rows, state.end(STORE), now=now)
    files = [
        *(_files(data / "journal" / name, "journal", one, now) for name, one in
          accounts.journals.items()),
        *(_files(spool_folder(data, name), "spool", one, now) for name, one in
          accounts.spools.items()),
    ]  # fmt: skip
    return Standing(
        at=now,
        counts=accounts.counts,
        collectors=accounts.reports,
        files=files,
        identities=accounts.identities,
        lanes=Queue(state).lanes(tags),
        disk=Disk(free=disk.free, total=disk.total, taken_an_hour=taken),
    )


def _files(folder: Path, kind: str, ahead: Ahead, now: int) -> Files:
    return Files(
        name=folder.name,
        kind=kind,
        bytes=sum(segment.size for segment in journal.segments(folder)),
        ahead=ahead,
        age_ms=max(0, now - ahead.oldest_at) if ahead.records else 0,
    )
