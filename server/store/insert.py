"""Rows in, exactly once: by token when all goes well, by position after any doubt.

An insert that may or may not have happened is settled in four steps: its query is killed and
waited for, the same bytes go again under the same token, ClickHouse is asked which positions it
has, and only the missing ones go, under a new token.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from server.model import Position
from server.store.client import Connection, RowsRefused
from server.store.rows import position_of

DATABASE = "freehold"


def insert(connection: Connection, table: str, lines: Sequence[bytes], *, token: str) -> None:
    """One insert of JSON lines; ClickHouse ignores a token that it has seen."""
    with connection.open() as client:
        client.raw_insert(
            table=f"{DATABASE}.{table}",
            insert_block=b"\n".join(lines),
            fmt="JSONEachRow",
            settings={
                "insert_deduplication_token": token,
                "log_comment": token,
                "async_insert": 0,
                "max_insert_block_size": 1_048_576,
                "input_format_parallel_parsing": 0,
            },
        )


def settle(
    connection: Connection, table: str, lines: Sequence[bytes], *, token: str
) -> list[bytes]:
    """Ends the doubt about an insert; returns the lines that ClickHouse does not have."""
    kill(connection, token=token)
    with suppress(RowsRefused):
        insert(connection, table, lines, token=token)
    positions = [position_of(line) for line in lines]
    there = present(connection, table, positions)
    return [line for line, at in zip(lines, positions, strict=True) if at not in there]


def kill(connection: Connection, *, token: str) -> None:
    """Ends every insert that runs under the token, and waits until it is gone."""
    with connection.open() as client:
        client.command(
            "KILL QUERY WHERE Settings['log_comment'] = {token:String} SYNC",
            parameters={"token": token},
        )


def present(connection: Connection, table: str, positions: Sequence[Position]) -> set[Position]:
    """Which of the positions the table has."""
    found: set[Position] = set()
    for src in {position.src for position in positions}:
        offs = [position.off for position in positions if position.src == src]
        with connection.open() as client:
            result = client.query(
                f"SELECT off, idx FROM {DATABASE}.{table} "
                "WHERE src = {src:UInt64} AND off BETWEEN {low:UInt32} AND {high:UInt32}",
                parameters={"src": src, "low": min(offs), "high": max(offs)},
            )
        found.update(Position(src=src, off=off, idx=idx) for off, idx in result.result_rows)
    return found


def bisect(
    connection: Connection, table: str, lines: Sequence[bytes], *, token: str
) -> Iterator[tuple[bytes, str]]:
    """Loads what ClickHouse takes of a refused batch; yields each refused line and why."""
    if len(lines) == 1:
        try:
            insert(connection, table, lines, token=token)
        except RowsRefused as error:
            yield lines[0], str(error)
        return
    middle = len(lines) // 2
    for half, part in enumerate((lines[:middle], lines[middle:])):
        try:
            insert(connection, table, part, token=f"{token}:{half}")
        except RowsRefused:
            yield from bisect(connection, table, part, token=f"{token}:{half}")
