"""Rows out again, for repairs: lightweight deletes that never wait for ever.

A mutation on a full disk waits without an error, so none is waited for by ClickHouse: it is
started, looked at until its time is up, and told as unfinished then. While one of a table is
unfinished no other is started there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from server.model import Position
from server.store.client import Connection
from server.store.compare import Twice
from server.store.insert import DATABASE

AT_ONCE = 1_000
DEADLINE_S = 120.0
_LOOK_S = 0.2


def remove_twice(connection: Connection, table: str, rows: Sequence[Twice]) -> bool:
    """Removes superfluous rows by where they lie; false when it could not be done in time.

    A part that was merged in between is not touched: its row is found again in the next run.
    """
    lying = ", ".join(f"('{one.part}', {one.row})" for one in rows)
    return _remove(connection, table, f"(_part, _part_offset) IN ({lying})")


def remove_positions(connection: Connection, table: str, positions: Sequence[Position]) -> bool:
    """Removes all rows at some positions; false when it could not be done in time."""
    listed = ", ".join(f"({one.src}, {one.off}, {one.idx})" for one in positions)
    return _remove(connection, table, f"(src, off, idx) IN ({listed})")


def _remove(connection: Connection, table: str, condition: str) -> bool:
    if _unfinished(connection, table):
        return False
    with connection.open() as client:
        client.command(
            f"DELETE FROM {DATABASE}.{table} WHERE {condition}",
            settings={"lightweight_deletes_sync": 0, "mutations_sync": 0},
        )
    deadline = time.monotonic() + DEADLINE_S
    while _unfinished(connection, table):
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_S)
    return True


def _unfinished(connection: Connection, table: str) -> int:
    with connection.open() as client:
        result = client.query(
            "SELECT count() FROM system.mutations WHERE database = {database:String} "
            "AND table = {table:String} AND NOT is_done AND NOT is_killed",
            parameters={"database": DATABASE, "table": table},
        )
    return int(result.result_rows[0][0])
