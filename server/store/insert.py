"""Rows in, exactly once: by token when all goes well, by position after any doubt.

An insert that may or may not have happened is settled in three steps: what runs under its token is
killed and waited for, ClickHouse is asked which positions it has, and only the missing ones go,
under a new token. Nothing is sent again blindly: ClickHouse does not sync its log of tokens, so a
crash can lose it (https://github.com/ClickHouse/ClickHouse/issues/111577). A refusal is a doubt
too: a materialized view can refuse rows that the table has taken already.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from server.model import Position
from server.store.client import Connection, RowsRefused
from server.store.rows import COLUMNS, TIME_COLUMNS, Head, head_of

DATABASE = "freehold"
LATEST_S = 1 << 33
"""A time that no clock will tell for two hundred years."""


def insert(connection: Connection, table: str, lines: Sequence[bytes], *, token: str) -> None:
    """One insert of JSON lines; ClickHouse ignores a token that it has seen."""
    began = time.monotonic()
    with connection.open() as client:
        client.raw_insert(
            table=f"{DATABASE}.{table}",
            column_names=COLUMNS.get(table),
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
    connection.inserts.note(time.monotonic() - began)


def settle(
    connection: Connection, table: str, lines: Sequence[bytes], *, token: str
) -> list[bytes]:
    """Ends the doubt about an insert; returns the lines that ClickHouse does not have."""
    kill(connection, token=token)
    return missing(connection, table, lines)


def kill(connection: Connection, *, token: str) -> None:
    """Ends every insert whose token begins with this one, and waits until it is gone."""
    # The embedded engine waits for the exact one even while its data is still on the way.
    for condition in ("{mark} = {{token:String}}", "startsWith({mark}, {{token:String}})"):
        where = condition.format(mark="Settings['log_comment']")
        with connection.open() as client:
            client.command(f"KILL QUERY WHERE {where} SYNC", parameters={"token": token})


def missing(connection: Connection, table: str, lines: Sequence[bytes]) -> list[bytes]:
    """The lines whose positions the table does not have."""
    heads = [head_of(line) for line in lines]
    there = _present(connection, table, [head for head in heads if has_place(head)])
    return [line for line, head in zip(lines, heads, strict=True) if head.position not in there]


def has_place(head: Head) -> bool:
    """Whether a row's position and time are ones that a table can hold, and can be asked for."""
    return (
        0 <= head.src < 1 << 64
        and 0 <= head.off < 1 << 32
        and 0 <= head.idx < 1 << 16
        and 0 <= head.at < LATEST_S
    )


def _present(connection: Connection, table: str, heads: Sequence[Head]) -> set[Position]:
    """Positions that the table has, a few more than were asked for. The times of receipt keep
    ClickHouse from looking at every partition."""
    found: set[Position] = set()
    time = TIME_COLUMNS.get(table, "received_at")
    for src in {head.src for head in heads}:
        own = [head for head in heads if head.src == src]
        with connection.open() as client:
            result = client.query(
                f"SELECT off, idx FROM {DATABASE}.{table} "
                "WHERE src = {src:UInt64} AND off BETWEEN {low:UInt32} AND {high:UInt32} "
                f"AND {time} BETWEEN fromUnixTimestamp64Milli({{begin:Int64}}) "
                "AND fromUnixTimestamp64Milli({end:Int64})",
                parameters={
                    "src": src,
                    "low": min(head.off for head in own),
                    "high": max(head.off for head in own),
                    "begin": int(min(head.at for head in own) * 1000) - 1,
                    "end": int(max(head.at for head in own) * 1000) + 1,
                },
            )
        found.update(Position(src=src, off=off, idx=idx) for off, idx in result.result_rows)
    return found


def bisect(
    connection: Connection, table: str, lines: Sequence[bytes], *, token: str
) -> Iterator[tuple[bytes, str]]:
    """Loads what ClickHouse takes of refused lines; yields each line that it refuses, and why."""
    rest = missing(connection, table, lines)
    middle = len(rest) // 2
    for half, part in enumerate((rest[:middle], rest[middle:])):
        if not part:
            continue
        try:
            insert(connection, table, part, token=f"{token}:{half}")
        except RowsRefused as error:
            if len(part) > 1:
                yield from bisect(connection, table, part, token=f"{token}:{half}")
            elif missing(connection, table, part):
                yield part[0], str(error)
