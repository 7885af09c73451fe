"""Tags that their operator has stopped: they send nothing, whoever restarts what.

It is an order, not a fault: it stands in the state until it is taken back, and counts for both
spools of the tag. What waits meanwhile is kept, until it is too old for the partner.
"""

from __future__ import annotations

from msgspec import Struct

from server.pipeline.spools import main_spool
from server.pipeline.state import State

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
    """Lets a tag send again; whether it was stopped."""
    with state.transaction():
        return bool(
            state.db.execute("DELETE FROM pauses WHERE spool = ?", (main_spool(spool),)).rowcount
        )


def pauses(state: State) -> dict[str, Pause]:
    """All tags that are stopped, each by its main spool."""
    rows = state.db.execute("SELECT spool, author, note, since FROM pauses")
    return {
        spool: Pause(author=author, note=note, since=since) for spool, author, note, since in rows
    }
