"""What the sorter remembers of visitors for limits and groups: cells of the state file.

What changed in a batch is written in the transaction that moves the cursors, so that a batch which
is done again after a crash finds just what it found before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from server.clock import HOUR_MS
from server.containers.memory import Cell, Recall
from server.pipeline.state import State

MAX_CELLS = 2_000_000
"""Of all containers; those that expire first go first."""
MAX_KNOWN = 50_000
"""Cells that are kept at hand between batches."""
FORGET_EVERY_MS = HOUR_MS

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Cell)


class Remembered:
    """Cells by container and name; only the sorter writes them."""

    def __init__(self, state: State, *, limit: int = MAX_CELLS) -> None:
        self._state = state
        self._limit = limit
        self._known: dict[tuple[str, str], Cell | None] = {}
        self._changed: dict[tuple[str, str], Cell] = {}
        self._forgot_at = 0

    def of(self, container_id: str) -> Recall:
        """What the engine asks about one container's visitors."""

        def recall(name: str) -> Cell | None:
            key = (container_id, name)
            if key not in self._known:
                self._known[key] = self._read(key)
            return self._known[key]

        return recall

    def note(self, container_id: str, cells: Mapping[str, Cell]) -> None:
        """Takes what an event has changed; it is written when its batch is committed."""
        for name, cell in cells.items():
            self._known[container_id, name] = self._changed[container_id, name] = cell

    def changes(self) -> Iterator[tuple[str, str, int, bytes]]:
        """Rows of `memory` that this batch has changed."""
        for (container_id, name), cell in self._changed.items():
            yield container_id, name, cell.expires_at, _ENCODER.encode(cell)

    def committed(self) -> None:
        """The changes are in the state."""
        self._changed.clear()
        if len(self._known) > MAX_KNOWN:
            self._known.clear()

    def forget(self, reached_at: int) -> None:
        """Now and then: lets go of what has expired by a time in ms, and of what is too much."""
        if abs(reached_at - self._forgot_at) < FORGET_EVERY_MS:
            return
        self._forgot_at = reached_at
        self._known.clear()
        with self._state.transaction():
            db = self._state.db
            db.execute("DELETE FROM memory WHERE expires_at <= ?", (reached_at,))
            [(count,)] = db.execute("SELECT count() FROM memory")
            if count > self._limit:
                db.execute(
                    "DELETE FROM memory WHERE (container_id, name) IN "
                    "(SELECT container_id, name FROM memory ORDER BY expires_at LIMIT ?)",
                    (count - self._limit,),
                )

    def _read(self, key: tuple[str, str]) -> Cell | None:
        row = self._state.db.execute(
            "SELECT cell FROM memory WHERE container_id = ? AND name = ?", key
        ).fetchone()
        return _DECODER.decode(row[0]) if row else None
