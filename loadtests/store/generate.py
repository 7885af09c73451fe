"""Realistic rows, made by ClickHouse itself a day at a time (rows.sql); the same at each run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from server.clock import DAY_MS
from server.store.embedded.configuration import lay_out
from server.store.embedded.engine import Engine
from server.store.embedded.users import FREEHOLD

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


def generate(store: Path, rows: int, days: int = DAYS) -> Iterator[int]:
    """Writes what is not there yet, day by day, into a store that nobody serves; yields after each.

    The engine is asked without its gate, which takes the column `url` for the function.
    """
    engine = Engine(lay_out(store))
    connection = engine.connect(FREEHOLD)
    last = b"SELECT toUnixTimestamp64Milli(max(received_at)) FROM freehold.events"
    written = int(connection.answer(last, "TSVRaw")[0])
    for number in range(days):
        day = Day(number=number, rows=rows)
        if day.midnight + DAY_MS // 2 > written:
            connection.answer(day.sql.encode(), "Null")
        yield number
    connection.close()
    engine.close()
