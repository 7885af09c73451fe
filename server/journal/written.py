"""What a journal has written since it was opened: for whoever watches it."""

from __future__ import annotations

from msgspec import Struct, field

from server.histogram import BATCH, SYNC_S, Histogram, histogram


class Written(Struct, kw_only=True):
    """Batches that the disk has; belongs to the thread that writes them."""

    records: int = 0
    sync_seconds: Histogram = field(default_factory=lambda: histogram(SYNC_S))
    """How long writing and syncing a batch took."""
    batch_records: Histogram = field(default_factory=lambda: histogram(BATCH))

    def note(self, records: int, seconds: float) -> None:
        """Counts one batch."""
        self.records += records
        self.sync_seconds.note(seconds)
        self.batch_records.note(records)
