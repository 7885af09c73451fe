from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from server.destinations import tag_types
from server.errors import ConfigError, StoreUnavailable
from server.publication import Draft, Environment, Version
from server.store.client import Connection
from server.store.endpoint import Endpoint
from server.store.publications import find_draft, find_history, find_version
from server.studio.publish import (
    Refused,
    Wish,
    history,
    publish,
    rollback,
    running,
    save_draft,
    version_of,
)
from tests.conftest import RETENTION, connect
from tests.embedded_store import EmbeddedStore, free_port
from tests.samples import NOON

TYPES = tag_types()
FIRST = "id: shop\nsites: [https://shop.example]\n"
SECOND = FIRST + "currency: USD\n"
WISH = Wish(container_id="shop", source=FIRST, author="ann", note="begins")


def put(connection: Connection, wish: Wish) -> Version:
    return publish(connection, wish, types=TYPES, now=lambda: NOON)


def wish(**changed: object) -> Wish:
    return replace(WISH, **changed)


def save(connection: Connection, wish: Wish, now: int = NOON) -> Draft:
    return save_draft(connection, wish, types=TYPES, now=lambda: now)


def test_versions_are_numbered_and_stay_as_they_are(connection: Connection) -> None:
    first = put(connection, WISH)
    second = put(connection, wish(source=SECOND, author="bo", note="dollars"))
    assert (first.version, second.version) == (1, 2)
    assert version_of(connection, "shop", 1) == first
    assert [(one.version, one.author, one.note) for one in history(connection, "shop")] == [
        (2, "bo", "dollars"),
        (1, "ann", "begins"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "id: shop\n",
        "id: other\nsites: [self]\n",
        "id: [\n",
        "id: shop\nsites: [self]\ntags: 5\n",
    ],
)
def test_what_is_wrong_is_not_published(connection: Connection, source: str) -> None:
    with pytest.raises(ConfigError, match="shop"):
        put(connection, wish(source=source))
    assert history(connection, "shop") == []


def test_tags_are_checked_against_their_destinations(connection: Connection) -> None:
    tags = "tags: {a: {type: webhok, fires_on: [all_pages]}}\n"
    with pytest.raises(ConfigError, match="did you mean webhook"):
        put(connection, wish(source=FIRST + tags))


def test_what_runs_already_is_not_published_again(connection: Connection) -> None:
    put(connection, WISH)
    with pytest.raises(Refused, match="version 1, which runs in live, is the same"):
        put(connection, WISH)
    assert put(connection, wish(environment=Environment.STAGING)).version == 2
    with pytest.raises(Refused, match="runs in staging"):
        put(connection, wish(environment=Environment.STAGING))


def test_each_environment_has_its_own_running_version(connection: Connection) -> None:
    put(connection, WISH)
    put(connection, wish(source=SECOND, environment=Environment.STAGING))
    live = running(connection, "shop", Environment.LIVE)
    staging = running(connection, "shop", Environment.STAGING)
    assert [one and one.version for one in (live, staging)] == [1, 2]
    assert running(connection, "blog", Environment.LIVE) is None


def test_whoever_has_not_seen_the_newest_version_is_told(connection: Connection) -> None:
    put(connection, WISH)
    put(connection, wish(source=SECOND, author="bo", note="dollars", after=1))
    with pytest.raises(Refused, match="bo has published version 2 of shop meanwhile, 'dollars'"):
        put(connection, wish(source=FIRST + "name: x\n", after=1))
    with pytest.raises(Refused, match="blog has no version 3: it was never published"):
        put(connection, wish(container_id="blog", after=3))
    assert len(history(connection, "shop")) == 2


def test_of_people_who_publish_at_once_each_has_a_number_or_is_told(
    connection: Connection, shared_store: EmbeddedStore
) -> None:
    """Rounds of four who all begin at the same moment."""
    won: list[Version] = []
    told: list[str] = []

    def one(number: int, start: threading.Barrier, round_: int) -> None:
        own = connect(shared_store)
        start.wait()
        try:
            won.append(put(own, wish(source=f"{FIRST}name: {round_}-{number}\n", note=str(number))))
        except Refused as error:
            told.append(str(error))
        finally:
            own.close()

    for round_ in range(6):
        start = threading.Barrier(4)
        people = [threading.Thread(target=one, args=(n, start, round_)) for n in range(4)]
        for person in people:
            person.start()
        for person in people:
            person.join()
    assert len(won) + len(told) == 24
    assert all("has published version" in text for text in told)
    assert sorted(one.version for one in won) == list(range(1, len(won) + 1))
    for version in won:
        assert find_version(connection, "shop", version.version) == version
    assert told, "nobody met anybody: the race was none"


def test_an_older_version_comes_back_as_a_new_one(connection: Connection) -> None:
    put(connection, WISH)
    put(connection, wish(source=SECOND))
    back = rollback(connection, 1, wish(note=""), types=TYPES, now=lambda: NOON)
    assert (back.version, back.source, back.restores) == (3, FIRST, 1)
    assert back.note == "back to version 1"
    with pytest.raises(Refused, match="version 3, which runs in live, is the same"):
        rollback(connection, 1, WISH, types=TYPES, now=lambda: NOON)
    with pytest.raises(Refused, match="shop has no version 9; the newest is 3"):
        rollback(connection, 9, WISH, types=TYPES, now=lambda: NOON)


def test_without_clickhouse_nothing_is_published_and_it_is_told() -> None:
    nobody = Connection(Endpoint(host="127.0.0.1", port=free_port()))
    with pytest.raises(StoreUnavailable, match="does not answer: connection refused"):
        put(nobody, WISH)


class Vanishing(Connection):
    """Loses its ClickHouse after so many openings."""

    def __init__(self, endpoint: Endpoint, lose: Callable[[], object], after: int) -> None:
        super().__init__(endpoint)
        self._lose, self._left = lose, after

    def open(self):  # type: ignore[no-untyped-def]
        self._left -= 1
        if self._left < 0:
            self._lose()
        return super().open()


def test_when_clickhouse_dies_in_the_middle_a_version_is_there_or_not_and_it_is_told(
    tmp_path: Path,
) -> None:
    from server.store.migrate import migrate

    with EmbeddedStore(tmp_path) as store:
        plain = connect(store)
        migrate(plain, retention=RETENTION)
        for after in range(1, 5):
            fragile = Vanishing(plain.endpoint, store.kill, after)
            before = len(find_history(plain, "shop", limit=99))
            source = f"{FIRST}name: try {after}\n"
            try:
                put(fragile, wish(source=source))
                told = ""
            except StoreUnavailable as error:
                told = str(error)
            store.start()
            plain.close()
            sources = [version_of(plain, "shop", n + 1).source for n in range(before)]
            there = len(find_history(plain, "shop", limit=99)) - before
            assert source not in sources
            assert there == 0 or version_of(plain, "shop", before + 1).source == source
            assert told or there == 1
            if there:
                assert "it is not known whether shop version" in told
        plain.close()


def test_a_draft_is_saved_shown_and_ended(connection: Connection) -> None:
    put(connection, WISH)
    saved = save(connection, wish(source=SECOND))
    assert saved.base == 1
    assert find_draft(connection, "shop") == saved
    assert save(connection, wish(source=SECOND), NOON + 5) == saved
    again = save(connection, wish(source=FIRST), NOON - 5)
    assert find_draft(connection, "shop") == again
    save(connection, wish(source=""))
    assert find_draft(connection, "shop") is None


def test_a_draft_that_could_not_be_published_is_not_saved(connection: Connection) -> None:
    with pytest.raises(ConfigError, match="shop, draft:1:1: sites: missing"):
        save(connection, wish(source="id: shop\n"))
    assert find_draft(connection, "shop") is None
