from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from server.containers.chosen import choose
from server.containers.installed import read_folder
from server.destinations import tag_types
from server.pipeline.catalogue import Catalogue
from server.pipeline.follower import REFUSED, TOLD_AFTER, Follower
from server.pipeline.state import STATE_FILE, State, create_state
from server.publication import Environment, Version
from server.store.client import Connection
from server.store.endpoint import Endpoint
from server.store.insert import insert
from server.store.publications import VERSIONS, insert_version
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore, free_port
from tests.samples import NOON

TYPES = tag_types()
SHOP = "id: shop\nsites: [https://shop.example]\n"


def version(number: int, source: str = SHOP, **changed: object) -> Version:
    made = Version(
        container_id="shop",
        version=number,
        publication=str(uuid.uuid4()),
        published_at=NOON,
        author="ann",
        source=source,
    )
    return replace(made, **changed)


class Node:
    """A node's folders, and a follower that can be started anew."""

    def __init__(self, data: Path, connection: Connection) -> None:
        self.data, self.files = data, data / "tag_configs"
        self.folder = data / "containers"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.files.mkdir(exist_ok=True)
        (self.files / "shop.yaml").write_text(SHOP)
        create_state(data / STATE_FILE)
        self.connection = connection
        self.start()

    def start(self, rename: object = os.replace) -> None:
        chosen = choose(self.folder, self.files, TYPES)
        self.catalogue = Catalogue(TYPES, chosen.values())
        self.follower = Follower(
            self.data,
            self.folder,
            connection=self.connection,
            catalogue=self.catalogue,
            rename=rename,  # type: ignore[arg-type]
        )

    def runs(self) -> dict[str, int]:
        return {name: one.version.version for name, one in self.catalogue.running.items()}

    def holds(self) -> dict[str, int]:
        found, problems = read_folder(self.folder, TYPES)
        assert problems == []
        return {name: one.version.version for name, one in found.items()}

    def refused(self) -> int:
        state = State(self.data / STATE_FILE)
        try:
            return state.counts().get(REFUSED, 0)
        finally:
            state.close()


@pytest.fixture
def node(data: Path, connection: Connection) -> Iterator[Node]:
    node = Node(data, connection)
    yield node
    node.follower.close()


def test_what_is_published_runs_and_lies_on_the_disk(node: Node, connection: Connection) -> None:
    node.follower.step()
    assert node.runs() == node.holds() == {"shop": 0}
    insert_version(connection, version(1))
    insert_version(connection, version(2, environment=Environment.STAGING))
    new = version(1, "id: blog\nsites: [self]\n", container_id="blog")
    insert_version(connection, new)
    node.follower.step()
    expected = {"shop": 1, "shop-staging": 2, "blog": 1}
    assert node.runs() == node.holds() == expected
    assert set(node.catalogue.plans) == set(expected)
    assert node.catalogue.plans["shop-staging"].container.version == 2
    node.start()
    assert node.runs() == expected


def test_two_nodes_come_to_the_same(
    node: Node, connection: Connection, tmp_path: Path, shared_store: EmbeddedStore
) -> None:
    other = Node(tmp_path / "other", connect(shared_store))
    for number in range(1, 6):
        insert_version(connection, version(number))
        (node if number % 2 else other).follower.step()
    node.follower.step()
    other.follower.step()
    assert node.runs() == other.runs() == {"shop": 5}
    assert node.catalogue.running == other.catalogue.running
    other.follower.close()


def test_a_version_that_is_wrong_here_is_counted_once_and_the_last_one_stays(
    node: Node, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    insert_version(connection, version(1))
    node.follower.step()
    sources = [
        "id: [",
        "id: other\nsites: [self]\n",
        SHOP + "tags: {a: {type: later, fires_on: [x]}}",
    ]
    for number, source in enumerate(sources, start=2):
        insert_version(connection, version(number, source))
        node.follower.step()
        node.follower.step()
        assert node.runs() == node.holds() == {"shop": 1}
        assert node.refused() == number - 1
        assert f"version {number} of shop is not run here: " in caplog.text
    insert_version(connection, version(5))
    node.follower.step()
    assert node.runs() == node.holds() == {"shop": 5}


def test_rows_that_no_publisher_wrote_stop_nothing(node: Node, connection: Connection) -> None:
    line = (
        b'{"container_id":"../../x","version":4294967295,"environment":"live","source":"\\u0000"}'
    )
    strange = b'{"container_id":"shop","version":9,"environment":"later"}'
    insert(connection, VERSIONS, [line, strange], token="by hand")
    insert_version(connection, version(1))
    node.follower.step()
    assert node.runs() == node.holds() == {"shop": 1}


def test_without_clickhouse_the_last_ones_stay_and_it_is_told_once(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    node = Node(data, Connection(Endpoint(host="127.0.0.1", port=free_port())))
    for number in range(2 * TOLD_AFTER):
        assert ("the last containers stay" in caplog.text) is (number >= TOLD_AFTER)
        assert node.follower.step() == 0
    assert node.runs() == node.holds() == {"shop": 0}
    assert caplog.text.count("the last containers stay") == 1
    node.follower.close()


def test_the_sorter_knows_a_container_before_a_collector_can(
    node: Node, connection: Connection
) -> None:
    known: list[int] = []

    def rename(draft: Path, path: Path) -> None:
        known.append(node.catalogue.plans["shop"].container.version)
        os.replace(draft, path)

    node.start(rename)
    insert_version(connection, version(1))
    node.follower.step()
    assert known == [0, 1]


def test_a_disk_that_takes_no_file_is_tried_again(node: Node, connection: Connection) -> None:
    is_full = True

    def rename(draft: Path, path: Path) -> None:
        if is_full:
            raise OSError(28, "No space left on device")
        os.replace(draft, path)

    node.start(rename)
    insert_version(connection, version(1))
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            node.follower.step()
    is_full = False
    node.follower.step()
    assert node.runs() == node.holds() == {"shop": 1}


def test_what_a_crash_left_is_cleared_away_and_what_a_gone_file_ran_too(node: Node) -> None:
    node.follower.step()
    (node.folder / ".shop.99").write_text("half")
    (node.files / "shop.yaml").write_text("id: other\nsites: [self]\n")
    node.start()
    node.follower.step()
    assert {path.name for path in node.folder.iterdir()} == {"other.json", "drafts"}


def test_garbage_in_the_place_of_a_container_is_replaced(
    node: Node, connection: Connection
) -> None:
    insert_version(connection, version(1))
    node.follower.step()
    (node.folder / "shop.json").write_bytes(b"\x00" * 5000)
    node.start()
    assert node.runs() == {"shop": 0}
    node.follower.step()
    assert node.runs() == node.holds() == {"shop": 1}
