"""What reconciliation has counted in the spools: one tally for each table and journal segment.

A few thousand at most, so they are held in memory; each step writes down those that it changed,
together with how far the run is.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from server.pipeline.runs import Run, save_run
from server.pipeline.state import State
from server.store.compare import Span, mixed, place_of
from server.store.rows import Head

_WORD = (1 << 64) - 1


class Tally(Struct, kw_only=True):
    """The rows of one table from one journal segment, as a spool holds them."""

    spool: str
    table: str
    src: int
    rows: int = 0
    digest: int = 0
    low: int = 1 << 48
    high: int = -1
    begin: int = 1 << 62
    end: int = 0
    first: int = 1 << 62
    """Number of the first spool segment that has some of it."""
    last: int = 0
    repeats: bool = False
    """The spool has a position again: its journal was sorted twice, after the state was lost."""
    compared: bool = False
    differs: bool = False
    surplus: int = 0
    """Rows too many in ClickHouse: their positions are there more than once."""
    places: int = 0
    """Different positions that ClickHouse had, where it differs."""

    @property
    def name(self) -> str:
        """Its key."""
        return tally_name(self.spool, self.table, self.src)

    @property
    def span(self) -> Span:
        """What to ask ClickHouse for."""
        return Span(src=self.src, low=self.low, high=self.high, begin=self.begin, end=self.end)

    def add(self, head: Head, at: int) -> None:
        """Counts one row, of a time in ms."""
        place = place_of(head.off, head.idx)
        self.repeats = self.repeats or place <= self.high  # a journal is sorted in its order
        self.rows += 1
        self.digest = self.digest + mixed(place) & _WORD
        self.low, self.high = min(self.low, place), max(self.high, place)
        self.begin, self.end = min(self.begin, at), max(self.end, at)

    def lies(self, first: int, last: int) -> None:
        """Some of it lies in these segments of the spool."""
        self.first, self.last = min(self.first, first), max(self.last, last)


def tally_name(spool: str, table: str, src: int) -> str:
    """The key of a tally."""
    return f"{spool}/{table}/{src}"


class Book:
    """All tallies of a run."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._changed: set[str] = set()
        rows = state.db.execute("SELECT body FROM tallies")
        tallies = [msgspec.json.decode(body, type=Tally) for (body,) in rows]
        self._tallies = {tally.name: tally for tally in tallies}

    def of(self, spool: str, table: str, src: int) -> Tally:
        """One tally, begun if it is new; the caller changes it."""
        name = tally_name(spool, table, src)
        tally = self._tallies.get(name)
        if tally is None:
            tally = self._tallies[name] = Tally(spool=spool, table=table, src=src)
        self._changed.add(name)
        return tally

    def all(self) -> list[Tally]:
        """All of them, in the order of the spools."""
        return sorted(self._tallies.values(), key=lambda one: (one.table, one.first, one.src))

    def differing(self) -> list[Tally]:
        """Those of which ClickHouse holds something else."""
        return [tally for tally in self.all() if tally.differs]

    def note(self, tallies: Iterable[Tally]) -> None:
        """These were changed."""
        self._changed.update(tally.name for tally in tallies)

    def save(self, run: Run) -> None:
        """Inside a transaction: writes down what changed, and the run."""
        self._state.db.executemany(
            "INSERT OR REPLACE INTO tallies VALUES (?, ?)",
            [(name, msgspec.json.encode(self._tallies[name])) for name in self._changed],
        )
        self._changed.clear()
        save_run(self._state, run)

    def clear(self) -> None:
        """Inside a transaction: forgets all."""
        self._state.db.execute("DELETE FROM tallies")
        self._tallies.clear()
        self._changed.clear()
