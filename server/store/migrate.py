"""The database's shape: migrations, one statement a file, forward only; then the views.

Placeholders in the SQL: {engine}, {on_cluster}, {retention}, {durable}.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from server.resources import resource
from server.settings import Retention
from server.store.client import Connection

# A part and its folder are on the disk before ClickHouse answers, merges included; the window
# makes deduplication tokens work on a plain MergeTree, where it is off by default.
DURABLE = (
    "non_replicated_deduplication_window = 10000, fsync_after_insert = 1, "
    "fsync_part_directory = 1, min_compressed_bytes_to_fsync_after_merge = 1"
)
BEFORE_LEDGER = 2


def migrate(
    connection: Connection, *, retention: Retention, told: Callable[[str], None] = lambda name: None
) -> list[str]:
    """Applies what is not applied yet and renews the views; returns the migrations' names.

    Safe to run from several nodes at once: every statement can be applied twice.
    """
    files = sorted(resource("clickhouse", "migrations").glob("*.sql"))
    for file in files[:BEFORE_LEDGER]:
        _run(connection, file, retention)
    with connection.open() as client:
        rows = client.query("SELECT name FROM freehold.migrations").result_rows
    done = {name for (name,) in rows}
    applied = [file for file in files if file.stem not in done]
    for file in applied:
        told(file.stem)
        _run(connection, file, retention)
        with connection.open() as client:
            client.command(
                "INSERT INTO freehold.migrations VALUES ({name:String}, now64(3))",
                parameters={"name": file.stem},
            )
    for file in sorted(resource("clickhouse", "models").glob("*.sql")):
        _run(connection, file, retention)
    _retain(connection, retention)
    return [file.stem for file in applied]


def render(sql: str, *, retention: Retention) -> str:
    """A statement with its placeholders filled for a single server."""
    values = {
        "engine": "MergeTree",
        "on_cluster": "",
        "retention": f"toInterval{retention.unit}({retention.count})",
        "durable": DURABLE,
    }
    for name, value in values.items():
        sql = sql.replace("{" + name + "}", value)
    return sql


def _run(connection: Connection, file: Path, retention: Retention) -> None:
    with connection.open() as client:
        client.command(render(file.read_text(encoding="utf-8"), retention=retention))


def _retain(connection: Connection, retention: Retention) -> None:
    """Changes the TTL of what is kept so long when the operator changed the setting."""
    for table, time in (("events", "received_at"), ("deliveries", "attempted_at")):
        ttl = f"toDateTime({time}) + toInterval{retention.unit}({retention.count})"
        with connection.open() as client:
            create = client.command(f"SHOW CREATE TABLE freehold.{table}")
            if ttl not in str(create):
                client.command(f"ALTER TABLE freehold.{table} MODIFY TTL {ttl}")
