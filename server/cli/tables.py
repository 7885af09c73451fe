"""Commands on the tables: their shape, and questions to them."""

from __future__ import annotations

import os
import sys

import click

from server.cli.told import told
from server.endpoints import analyst_connection, writer_endpoint
from server.settings import read_settings
from server.store.client import Connection
from server.store.migrate import migrate as apply_migrations
from server.store.queries import ask


@click.command()
@told
def migrate() -> None:
    """Bring the tables and views in ClickHouse to this version's shape."""
    settings = read_settings(os.environ)
    connection = Connection(writer_endpoint(settings))
    names = apply_migrations(connection, retention=settings.retention, told=click.echo)
    click.echo(f"{len(names)} migrations applied, views renewed, {connection.endpoint}")


@click.command()
@click.argument("sql", required=False)
@click.option(
    "--format",
    "fmt",
    default="TabSeparatedWithNames",
    show_default=True,
    help="Any ClickHouse output format: JSONEachRow, CSVWithNames, …",
)
@told
def query(sql: str | None, fmt: str) -> None:
    """Ask ClickHouse as the analyst, read-only; SQL may also come from standard input."""
    connection = analyst_connection(read_settings(os.environ))
    for piece in ask(connection, sql or sys.stdin.read(), fmt=fmt):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
