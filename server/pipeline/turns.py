"""Order among the deliveries of one tag that have a key, such as a visitor.

While one of a key is tried again, those behind it stand in `retries` too, parked: their time has
no hour. When it is settled, whatever came of it, the next one is due. All of it is in the state,
so that a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from server.pipeline.state import State

PARKED = 2**62 + 1
"""The time of what waits for one before it."""


def behind(state: State, spool: str, keys: Collection[str]) -> set[str]:
    """The keys of which something is tried again already."""
    marks = ", ".join("?" * len(keys))
    rows = state.db.execute(
        f"SELECT DISTINCT key FROM retries WHERE spool = ? AND key IN ({marks})", (spool, *keys)
    )
    return {key for (key,) in rows}


def call(state: State, spool: str, keys: Collection[str], *, now: int) -> None:
    """Inside a transaction: of each of these keys of which nothing is tried any more, the next is
    due."""
    marks = ", ".join("?" * len(keys))
    state.db.execute(
        "UPDATE retries SET due_at = ? WHERE rowid IN (SELECT min(rowid) FROM retries "
        f"WHERE spool = ? AND key IN ({marks}) GROUP BY key HAVING min(due_at) >= ?)",
        (now, spool, *keys, PARKED),
    )


def call_all(state: State, *, now: int) -> None:
    """The same of all tags and keys: nobody waits for one that was taken away."""
    with state.transaction():
        state.db.execute(
            "UPDATE retries SET due_at = ? WHERE rowid IN (SELECT min(rowid) FROM retries "
            "WHERE key IS NOT NULL GROUP BY spool, key HAVING min(due_at) >= ?)",
            (now, PARKED),
        )
