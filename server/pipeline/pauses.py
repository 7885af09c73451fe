"""Orders of the operator: tags that send nothing, whoever restarts what, and tags to be tried now.

A pause is no fault: it stands in the state until it is taken back. A nudge is taken by the
forwarder once. Both count for both spools of the tag. What waits is kept, until it is too old for
the partner.
"""

from __future__ import annotations

from contextlib import suppress

from msgspec import Struct

from server.pipeline.spools import main_spool
from server.pipeline.state import State, StateUnwritable

PAUSED = "paused"
"""The reason of a tag that waits for its operator."""


class Pause(Struct, frozen=True, kw_only=True):
    """Who stopped a tag, when (ms UTC), and in their words why."""

    author: str
    note: str = ""
    since: int

    @property
    def detail(self) -> str:
        """In words."""
        return f"by {self.author}: {self.note}" if self.note else f"by {self.author}"


def pause(state: State, spool: str, order: Pause) -> Pause:
    """Stops a tag; returns the order that counts: the last note, and the time of the first."""
    with state.transaction():
        state.db.execute(
            "INSERT INTO pauses VALUES (?, ?, ?, ?) ON CONFLICT (spool) DO UPDATE SET "
            "author = excluded.author, note = excluded.note",
            (main_spool(spool), order.author, order.note, order.since),
        )
        return pauses(state)[main_spool(spool)]


def resume(state: State, spool: str) -> bool:
    """Lets a tag send again, at once also where a fault keeps it; whether it was stopped."""
    spool = main_spool(spool)
    with state.transaction():
        state.db.execute("INSERT OR IGNORE INTO nudges VALUES (?)", (spool,))
        return bool(state.db.execute("DELETE FROM pauses WHERE spool = ?", (spool,)).rowcount)


def pauses(state: State) -> dict[str, Pause]:
    """All tags that are stopped, each by its main spool."""
    rows = state.db.execute("SELECT spool, author, note, since FROM pauses")
    return {
        spool: Pause(author=author, note=note, since=since) for spool, author, note, since in rows
    }


def nudged(state: State) -> set[str]:
    """Takes the tags that are to be tried at once, each by its main spool; while nothing can be
    written, none: the order stays."""
    if state.db.execute("SELECT 1 FROM nudges").fetchone() is None:
        return set()
    with suppress(StateUnwritable), state.transaction():
        return {spool for (spool,) in state.db.execute("DELETE FROM nudges RETURNING spool")}
    return set()
