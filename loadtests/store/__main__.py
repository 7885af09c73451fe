"""Bytes a row, column by column, and how long the analysts' questions take.

    .venv/bin/python -m loadtests.store --rows 10_000_000
    .venv/bin/python -m loadtests.store --rows 50_000_000 --folder /var/tmp/rows

The rows lie in a real embedded ClickHouse with the product's own tables. A folder is kept, and gone
on with the next time.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from loadtests.store.generate import DAYS, generate
from loadtests.store.questions import QUESTIONS
from server.settings import Retention
from server.store.client import Connection
from server.store.endpoint import Endpoint
from server.store.migrate import migrate
from tests.embedded_store import EmbeddedStore

RETENTION = Retention(50, "Year")
QUIET_S = 5
"""Without merges for so long, they have ended."""
_COLUMNS = """
SELECT name, type, data_compressed_bytes, data_uncompressed_bytes FROM system.columns
WHERE database = 'freehold' AND table = 'events' AND data_compressed_bytes > 0
ORDER BY data_compressed_bytes DESC"""
_PARTS = """
SELECT count(), sum(rows), sum(bytes_on_disk), sum(secondary_indices_compressed_bytes)
FROM system.parts WHERE active AND database = 'freehold' AND table = 'events'"""

console = Console(width=140)


@click.command()
@click.option("--rows", type=int, default=1_000_000, show_default=True)
@click.option("--folder", type=Path, help="Where the rows lie; without it they are deleted.")
@click.option("--days", default=DAYS, show_default=True, help="Of the ninety; the rest later.")
@click.option("--rounds", default=5, show_default=True, help="Of each question; the median counts.")
@click.option("--memory", default=4, show_default=True, help="GiB for the embedded ClickHouse.")
@click.option("--optimize/--no-optimize", default=True, help="Merge all parts into one a month.")
@click.option("--questions/--no-questions", default=True, help="Ask the analysts' questions.")
def main(
    rows: int,
    days: int,
    folder: Path | None,
    rounds: int,
    memory: int,
    optimize: bool,
    questions: bool,
) -> None:
    """Generates rows, says how large they are, and asks the analysts' questions."""
    with ExitStack() as stack:
        folder = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="store-")))
        folder.mkdir(parents=True, exist_ok=True)
        store = EmbeddedStore(folder, memory_bytes=memory << 30)
        endpoint = Endpoint(
            host="127.0.0.1", port=store.port, user="freehold", password=store.passwords.freehold
        )
        connection = Connection(endpoint, timeout_s=600)
        with store:
            migrate(connection, retention=RETENTION)
            connection.close()
        for _ in track(generate(store.folder, rows, days), "Rows", total=days, console=console):
            pass
        stack.enter_context(store)
        stack.callback(connection.close)
        _settle(connection)
        _tell_size(connection, "as merged by itself")
        if optimize:
            with connection.open() as client:
                client.command("OPTIMIZE TABLE freehold.events FINAL")
            _tell_size(connection, "after OPTIMIZE FINAL")
        console.print(_columns(connection))
        if questions:
            console.print(_times(connection, rounds))


def _settle(connection: Connection) -> None:
    """Waits until merges have ended."""
    calm_since = time.monotonic()
    while time.monotonic() - calm_since < QUIET_S:
        with connection.open() as client:
            if client.command("SELECT count() FROM system.merges"):
                calm_since = time.monotonic()
        time.sleep(0.5)


def _tell_size(connection: Connection, when: str) -> None:
    with connection.open() as client:
        [(parts, rows, size, index)] = client.query(_PARTS).result_rows
    console.print(
        f"{rows:,} rows in {parts} parts, {when}: [bold]{size / rows:.1f} bytes a row[/], "
        f"of which {index / rows:.2f} are skip indexes"
    )


def _columns(connection: Connection) -> Table:
    with connection.open() as client:
        [(_, rows, _, _)] = client.query(_PARTS).result_rows
        found = client.query(_COLUMNS).result_rows
    table = Table("column", "bytes a row", "before compression", "type", title="Columns of events")
    for name, kind, compressed, uncompressed in found:
        table.add_row(name, f"{compressed / rows:.2f}", f"{uncompressed / rows:.1f}", kind[:60])
    return table


def _times(connection: Connection, rounds: int) -> Table:
    table = Table("question", "first, ms", "median, ms", "rows", title="Questions")
    for name, sql in track(QUESTIONS.items(), "Questions", console=console):
        times, answer = [], 0
        for _ in range(rounds + 1):
            with connection.open() as client:
                began = time.perf_counter()
                answer = len(client.query(sql).result_rows)
                times.append((time.perf_counter() - began) * 1000)
        table.add_row(name, f"{times[0]:.0f}", f"{statistics.median(times[1:]):.0f}", f"{answer:,}")
    return table


if __name__ == "__main__":
    main()
