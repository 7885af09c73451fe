"""The parts that a table's rows lie in: which are broken, and how long rows are kept."""

from __future__ import annotations

import re
from collections.abc import Collection

from msgspec import Struct

from server.clock import DAY_MS, HOUR_MS, MINUTE_MS
from server.store.client import Connection
from server.store.compare import PLACE
from server.store.insert import DATABASE

_INTERVAL = re.compile(r"toInterval(\w+)\((\d+)\)")
_UNITS = {
    "Second": 1_000,
    "Minute": MINUTE_MS,
    "Hour": HOUR_MS,
    "Day": DAY_MS,
    "Week": 7 * DAY_MS,
    "Month": 28 * DAY_MS,
    "Quarter": 90 * DAY_MS,
    "Year": 365 * DAY_MS,
}


class Part(Struct, frozen=True, kw_only=True):
    """A folder of rows."""

    table: str
    name: str

    @property
    def path(self) -> str:
        """The two as one, in an order that lasts."""
        return f"{self.table}/{self.name}"


class Lies(Struct, frozen=True, kw_only=True):
    """What of one journal segment lies in a part: the first and the last place."""

    src: int
    low: int
    high: int


def broken_at_start(connection: Connection) -> set[str]:
    """`table/part` of what ClickHouse put aside because it could not read it when it started."""
    with connection.open() as client:
        result = client.query(
            "SELECT concat(table, '/', name) FROM system.detached_parts "
            "WHERE database = {database:String} AND startsWith(reason, 'broken')",
            parameters={"database": DATABASE},
        )
    return {name for (name,) in result.result_rows}


def active_parts(
    connection: Connection, tables: Collection[str], *, until: int = 1 << 42
) -> list[Part]:
    """The parts of some tables, written up to a time in ms, in the order of their paths."""
    with connection.open() as client:
        result = client.query(
            "SELECT table, name FROM system.parts WHERE active AND database = {database:String} "
            "AND table IN {tables:Array(String)} "
            "AND modification_time <= fromUnixTimestamp64Milli({until:Int64})",
            parameters={"database": DATABASE, "tables": list(tables), "until": until},
        )
    parts = [Part(table=table, name=name) for table, name in result.result_rows]
    return sorted(parts, key=lambda part: part.path)


def check_part(connection: Connection, part: Part) -> str:
    """Reads a part and compares its checksums; what is wrong with it, or nothing."""
    with connection.open() as client:
        result = client.query(
            f"CHECK TABLE {DATABASE}.{part.table} PART '{part.name}'",
            settings={"check_query_single_value_result": 0},
        )
    return next((why or "?" for _, passed, why in result.result_rows if not int(passed)), "")


def lies_in(connection: Connection, part: Part) -> list[Lies]:
    """Whose rows a part holds; raises StoreUnavailable when that cannot be read."""
    with connection.open() as client:
        result = client.query(
            f"SELECT src, min({PLACE}), max({PLACE}) FROM {DATABASE}.{part.table} "
            "WHERE _part = {part:String} GROUP BY src",
            parameters={"part": part.name},
        )
    return [Lies(src=src, low=low, high=high) for src, low, high in result.result_rows]


def rows_in(connection: Connection, part: Part) -> int:
    """How many rows a part says that it has; 0 when it is gone."""
    with connection.open() as client:
        result = client.query(
            "SELECT rows FROM system.parts WHERE active AND database = {database:String} "
            "AND table = {table:String} AND name = {name:String}",
            parameters={"database": DATABASE, "table": part.table, "name": part.name},
        )
    return sum(rows for (rows,) in result.result_rows)


def detach(connection: Connection, part: Part) -> None:
    """Puts a part aside: its rows are gone from the table, its files stay in `detached`."""
    with connection.open() as client:
        client.command(f"ALTER TABLE {DATABASE}.{part.table} DETACH PART '{part.name}'")


def is_replicated(connection: Connection, table: str) -> bool:
    """Whether other servers hold the same parts: ClickHouse then heals a broken one itself."""
    with connection.open() as client:
        result = client.query(
            "SELECT engine FROM system.tables "
            "WHERE database = {database:String} AND name = {table:String}",
            parameters={"database": DATABASE, "table": table},
        )
    return any(engine.startswith(("Replicated", "Shared")) for (engine,) in result.result_rows)


def kept_ms(connection: Connection) -> dict[str, int]:
    """How long each table keeps its rows, in ms and rather too short; no entry: for ever."""
    with connection.open() as client:
        result = client.query(
            "SELECT name, engine_full FROM system.tables WHERE database = {database:String}",
            parameters={"database": DATABASE},
        )
    found = {}
    for name, engine in result.result_rows:
        _, has_ttl, ttl = engine.partition(" TTL ")
        if has_ttl:  # in words that we do not know: 0
            intervals = _INTERVAL.findall(ttl)
            found[name] = min((int(n) * _UNITS.get(unit, 0) for unit, n in intervals), default=0)
    return found
