from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from server.settings import Retention
from server.store.client import Connection
from server.store.endpoint import Endpoint
from server.store.migrate import migrate
from tests.embedded_store import EmbeddedStore

# Machines are noisy: how long an example took says nothing of the code.
settings.register_profile("freehold", deadline=None)
settings.load_profile("freehold")

TESTS = Path(__file__).parent
LONG = ("test_faults.py", "end_to_end", "shop", "pipeline", "store", "studio", "collector")
"""What takes longest comes first, so that no worker is left alone with it at the end."""

RETENTION = Retention(25, "Month")
TABLES = (
    *("events", "event_context", "rejects", "deliveries"),
    *("container_versions", "container_drafts", "traces"),
)


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than there are processors: many tests wait for what other processes do."""
    return 1 + (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank(item.path))


def rank(path: Path) -> int:
    """The place of a test file's folder, or its own, in LONG."""
    first = path.relative_to(TESTS).parts[0]
    return LONG.index(first) if first in LONG else len(LONG)


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    """One real embedded ClickHouse for the tests that do not kill it; its tables are migrated."""
    with EmbeddedStore(tmp_path_factory.mktemp("store")) as store:
        connection = connect(store)
        migrate(connection, retention=RETENTION)
        connection.close()
        yield store


def connect(store: EmbeddedStore, user: str = "freehold") -> Connection:
    """A connection to a test's own store."""
    password = getattr(store.passwords, user)
    return Connection(Endpoint(host="127.0.0.1", port=store.port, user=user, password=password))


@pytest.fixture
def connection(shared_store: EmbeddedStore) -> Iterator[Connection]:
    """The writer's connection to the shared store, whose tables are empty."""
    connection = connect(shared_store)
    with connection.open() as client:
        for table in TABLES:
            client.command(f"TRUNCATE TABLE freehold.{table}")
    yield connection
    connection.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A fresh data folder."""
    return tmp_path / "data"
