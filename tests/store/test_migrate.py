from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.resources import resource
from server.settings import Retention
from server.store.client import Connection
from server.store.migrate import migrate, render
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore

FILES = sorted(resource("clickhouse", "migrations").glob("*.sql"))
MODELS = sorted(resource("clickhouse", "models").glob("*.sql"))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Connection]:
    with EmbeddedStore(tmp_path) as store:
        connection = connect(store)
        yield connection
        connection.close()


def ttl(connection: Connection) -> str:
    with connection.open() as client:
        create = str(client.command("SHOW CREATE TABLE freehold.events"))
    found = re.search(r"TTL (.*?)\\?n?SETTINGS", create, re.DOTALL)
    assert found is not None, create
    return found[1].replace("\\n", "").strip()


def test_migrations_are_applied_once_and_the_ttl_follows_the_setting(fresh: Connection) -> None:
    told: list[str] = []
    first = migrate(fresh, retention=Retention(25, "Month"), told=told.append)
    assert first == told == [file.stem for file in FILES]
    assert ttl(fresh) == "toDateTime(received_at) + toIntervalMonth(25)"
    assert migrate(fresh, retention=Retention(90, "Day")) == []
    assert ttl(fresh) == "toDateTime(received_at) + toIntervalDay(90)"


def test_a_migration_that_was_applied_but_not_noted_can_be_applied_again(
    fresh: Connection,
) -> None:
    migrate(fresh, retention=Retention(25, "Month"))
    with fresh.open() as client:
        client.command("TRUNCATE TABLE freehold.migrations")
    assert migrate(fresh, retention=Retention(25, "Month")) == [file.stem for file in FILES]


@pytest.mark.parametrize("path", [*FILES, *MODELS], ids=lambda path: path.stem)
def test_a_file_holds_one_statement_that_can_be_run_twice(path: Path) -> None:
    sql = render(path.read_text(), retention=Retention(25, "Month"))
    assert not re.search(r";\s*$", sql, re.MULTILINE)
    assert not re.search(r"\{(?!(first|last):Date\})", sql)
    assert re.search(r"IF NOT EXISTS|OR REPLACE", sql)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_views_first_line_says_what_a_row_is(path: Path) -> None:
    assert path.read_text().startswith("-- A row is ")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_table_says_what_a_row_is(path: Path) -> None:
    sql = path.read_text()
    assert "CREATE TABLE" not in sql or "COMMENT 'A row is " in sql
