"""What the sorter remembers of visitors, in the state file: what limits and groups have counted,
and which ads were clicked.

    memory   Cell: how often what has fired (see `containers/memory.py`)
    clicks   Person with clicks alone, sealed: who reads the file learns no click id

What changed in a batch is written in the transaction that moves the cursors, so that a batch which
is done again after a crash finds just what it found before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

import msgspec

from server.clock import HOUR_MS
from server.containers.memory import Cell
from server.model import Person
from server.person.kept_clicks import clicks_expire_at
from server.person.sealing import BrokenSeal, Seal
from server.pipeline.state import Kept, State

MAX_CELLS = 2_000_000
"""Of all containers; those that expire first go first."""
MAX_CLICKED = 1_000_000
"""Visitors whose clicks are kept."""
MAX_KNOWN = 50_000
"""What is kept at hand between batches."""
MAX_NAMES = 100_000
"""Of how many it is known that they are there: asking for each of the others takes 20 µs."""
FORGET_EVERY_MS = HOUR_MS

T = TypeVar("T")

log = logging.getLogger(__name__)


class Memory(Generic[T]):
    """Things by container and name in one table of the state; only the sorter writes them."""

    table: str
    limit: int

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: dict[tuple[str, str], T | None] = {}
        self._changed: dict[tuple[str, str], T] = {}
        self._here: set[int] | None = None
        """Hashes of what the table has; None: not looked yet, or too much."""
        self._has_looked = False
        self._forgot_at = 0

    def of(self, container_id: str) -> Callable[[str], T | None]:
        """What is asked about one container's visitors, by name."""

        def recall(name: str) -> T | None:
            key = (container_id, name)
            if key not in self._known:
                self._known[key] = self._read(key) if self._may_have(key) else None
            return self._known[key]

        return recall

    def note(self, container_id: str, changed: Mapping[str, T]) -> None:
        """Takes what an event has changed; it is written when its batch is committed."""
        for name, thing in changed.items():
            self._known[container_id, name] = self._changed[container_id, name] = thing
            if self._here is not None:
                self._here.add(hash((container_id, name)))

    def changes(self) -> Iterator[Kept]:
        """Rows of the table that this batch has changed."""
        for (container_id, name), thing in self._changed.items():
            expires_at, blob = self._packed(thing)
            yield container_id, name, expires_at, blob

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
        self._has_looked = False
        with self._state.transaction():
            db = self._state.db
            db.execute(f"DELETE FROM {self.table} WHERE expires_at <= ?", (reached_at,))
            [(count,)] = db.execute(f"SELECT count() FROM {self.table}")
            if count > self.limit:
                db.execute(
                    f"DELETE FROM {self.table} WHERE (container_id, name) IN "
                    f"(SELECT container_id, name FROM {self.table} ORDER BY expires_at LIMIT ?)",
                    (count - self.limit,),
                )

    def _may_have(self, key: tuple[str, str]) -> bool:
        if not self._has_looked:
            rows = self._state.db.execute(
                f"SELECT container_id, name FROM {self.table} LIMIT ?", (MAX_NAMES + 1,)
            )
            here = set(map(hash, rows))
            self._here = here if len(here) <= MAX_NAMES else None
            self._has_looked = True
        return self._here is None or hash(key) in self._here

    def _read(self, key: tuple[str, str]) -> T | None:
        row = self._state.db.execute(
            f"SELECT cell FROM {self.table} WHERE container_id = ? AND name = ?", key
        ).fetchone()
        return self._unpacked(row[0]) if row and row[0] else None

    def _packed(self, thing: T) -> tuple[int, bytes]:
        """Until when it counts, in ms, and its bytes."""
        raise NotImplementedError

    def _unpacked(self, blob: bytes) -> T | None:
        raise NotImplementedError


class Remembered(Memory[Cell]):
    """What limits and groups have counted."""

    table = "memory"

    def __init__(self, state: State, *, limit: int = MAX_CELLS) -> None:
        super().__init__(state)
        self.limit = limit

    def _packed(self, thing: Cell) -> tuple[int, bytes]:
        return thing.expires_at, msgspec.msgpack.encode(thing)

    def _unpacked(self, blob: bytes) -> Cell:
        return msgspec.msgpack.decode(blob, type=Cell)


class Clicked(Memory[Person]):
    """The clicks of visitors, by visitor; empty bytes are of one who refused."""

    table = "clicks"

    def __init__(self, state: State, seal: Seal, *, limit: int = MAX_CLICKED) -> None:
        super().__init__(state)
        self._seal = seal
        self._is_told = False
        self.limit = limit

    def _packed(self, thing: Person) -> tuple[int, bytes]:
        return clicks_expire_at(thing), self._seal.seal(thing)

    def _unpacked(self, blob: bytes) -> Person | None:
        try:
            return self._seal.unseal(blob)
        except BrokenSeal as error:  # its key was taken away: nobody can know those clicks
            if not self._is_told:
                log.warning("the clicks of some visitors are not known any more: %s", error)
            self._is_told = True
            return None
