from __future__ import annotations

from collections.abc import Iterator

import clickhouse_connect
import httpx2
import pytest
from clickhouse_connect.driver.client import Client

from tests.embedded_store import EmbeddedStore


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path_factory.mktemp("store")) as store:
        yield store


@pytest.fixture(scope="session")
def http(store: EmbeddedStore) -> Iterator[httpx2.Client]:
    """As `freehold`."""
    auth = ("freehold", store.passwords.freehold)
    with httpx2.Client(base_url=store.url, auth=auth, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def analyst_http(store: EmbeddedStore) -> Iterator[httpx2.Client]:
    auth = ("analyst", store.passwords.analyst)
    with httpx2.Client(base_url=store.url, auth=auth, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def nobody_http(store: EmbeddedStore) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=store.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def writer(store: EmbeddedStore) -> Iterator[Client]:
    client = clickhouse_connect.get_client(
        host="127.0.0.1",
        port=store.port,
        username="freehold",
        password=store.passwords.freehold,
    )
    yield client
    client.close()


@pytest.fixture(scope="module")
def analyst(store: EmbeddedStore) -> Iterator[Client]:
    client = clickhouse_connect.get_client(
        host="127.0.0.1", port=store.port, username="analyst", password=store.passwords.analyst
    )
    yield client
    client.close()


@pytest.fixture
def table(http: httpx2.Client, request: pytest.FixtureRequest) -> str:
    """An empty table `(a UInt32, s String)` of the test's own, which deduplicates inserts."""
    name = f"t_{abs(hash(request.node.nodeid))}"
    http.post(
        "/",
        content=f"CREATE TABLE {name} (a UInt32, s String) ENGINE = MergeTree ORDER BY a "
        "SETTINGS non_replicated_deduplication_window = 100",
    ).raise_for_status()
    return name
