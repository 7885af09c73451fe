"""Realistic rows, made by ClickHouse itself a day at a time (rows.sql); the same at each run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from server.clock import DAY_MS
from server.store.client import Connection

DAYS = 90
FIRST_DAY_MS = 1_780_000_000_000 // DAY_MS * DAY_MS
EVENTS_A_SESSION = 6.65
ROWS_A_VISITOR = 10
_SQL = Path(__file__).with_name("rows.sql")
_OTHER_NAMES = {"worth": "value", "told": "props"}
"""Where rows.sql uses the column's own name for something else."""


class Day(Struct, frozen=True, kw_only=True):
    """One day of visits."""

    number: int
    rows: int
    """Of all days together, about."""

    @property
    def midnight(self) -> int:
        """In ms UTC."""
        return FIRST_DAY_MS + self.number * DAY_MS

    @property
    def sql(self) -> str:
        """The statement that writes its rows, in the order in which they were received."""
        sessions = int(self.rows / EVENTS_A_SESSION / DAYS)
        values = {
            "table": "freehold.events",
            "columns": ", ".join(columns()),
            "first": self.number * sessions,
            "sessions": sessions,
            "visitors": self.rows // ROWS_A_VISITOR,
            "midnight": self.midnight,
            "progress": 1 + self.number / DAYS / 2,
        }
        sql = _SQL.read_text(encoding="utf-8")
        for name, value in values.items():
            sql = sql.replace("{" + name + "}", str(value))
        return sql


def columns() -> list[str]:
    """The columns of `events` that rows.sql fills, in its order."""
    last = _SQL.read_text(encoding="utf-8").rpartition("\nSELECT\n")[2]
    return [
        _OTHER_NAMES.get(name, name) for name in re.findall(r" AS (\w+),?$", last, re.MULTILINE)
    ]


def generate(connection: Connection, rows: int) -> Iterator[int]:
    """Writes what is not there yet, day by day; yields after each."""
    with connection.open() as client:
        last = client.query("SELECT toUnixTimestamp64Milli(max(received_at)) FROM freehold.events")
        written = int(last.result_rows[0][0])
    for number in range(DAYS):
        day = Day(number=number, rows=rows)
        if day.midnight + DAY_MS // 2 > written:
            with connection.open() as client:
                client.command(day.sql, settings={"insert_deduplication_token": f"day:{number}"})
        yield number
