from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from msgspec.structs import replace

from server.errors import StoreUnavailable
from server.publication import Draft, Environment, TagTrace, Trace, Version
from server.store import insert as plain_insert
from server.store.client import Connection, QueryRefused
from server.store.publications import (
    VERSIONS,
    DraftHead,
    find_draft,
    find_history,
    find_traces,
    find_version,
    has_tables,
    insert_draft,
    insert_version,
    newest_drafts,
    newest_number,
    newest_versions,
)
from server.store.rows import encode_row, split_row
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore
from tests.samples import NOON

ODD = "id: shop # ' \" \\ \t é \U0001f600\nsites: [self]\n"


def version(number: int = 1, **changed: object) -> Version:
    made = Version(
        container_id="shop",
        version=number,
        publication=str(uuid.uuid4()),
        published_at=NOON + number,
        author="Änn",
        note='it\'s "new"\n',
        source=ODD,
    )
    return replace(made, **changed)


def draft(**changed: object) -> Draft:
    made = Draft(
        container_id="shop", draft_id=str(uuid.uuid4()), saved_at=NOON, author="ann", source=ODD
    )
    return replace(made, **changed)


def test_tables_are_there_once_they_were_made(connection: Connection, tmp_path: Path) -> None:
    assert has_tables(connection)
    with EmbeddedStore(tmp_path) as empty:
        other = connect(empty)
        assert not has_tables(other)
        other.close()


def test_a_version_comes_back_as_it_was(connection: Connection) -> None:
    first = version(restores=3, environment=Environment.STAGING)
    insert_version(connection, first)
    assert find_version(connection, "shop", 1) == first
    assert find_history(connection, "shop", limit=5) == [replace(first, source="")]
    assert find_version(connection, "shop", 2) is None
    assert find_version(connection, "other", 1) is None


def test_of_two_that_take_the_same_number_the_first_has_it(connection: Connection) -> None:
    first, second = version(published_at=NOON + 9), version(published_at=NOON)
    insert_version(connection, first)
    insert_version(connection, second)
    assert find_version(connection, "shop", 1) == first


def test_if_both_are_there_after_all_everybody_reads_the_earlier_one(
    connection: Connection,
) -> None:
    late, early = version(published_at=NOON + 9), version(published_at=NOON)
    for number, one in enumerate((late, early)):
        line = f'{{"container_id":"shop","version":1,"environment":"live","publication":"{one.publication}","published_at":{one.published_at / 1000},"author":"{number}"}}'  # noqa: E501
        plain_insert.insert(connection, VERSIONS, [line.encode()], token=f"by hand {number}")
    found = find_version(connection, "shop", 1)
    assert found is not None
    assert found.publication == early.publication
    assert [one.publication for one in find_history(connection, "shop", limit=9)] == [
        early.publication
    ]
    assert [head.publication for head in newest_versions(connection)] == [early.publication]


def test_each_environment_runs_its_newest(connection: Connection) -> None:
    assert newest_versions(connection) == []
    assert newest_number(connection, "shop") == 0
    for one in (
        version(1),
        version(2, environment=Environment.STAGING),
        version(3),
        version(4, environment=Environment.STAGING),
        version(1, container_id="blog"),
    ):
        insert_version(connection, one)
    found = {(head.container_id, head.environment): head.version for head in newest_versions(connection)}  # noqa: E501  # fmt: skip
    assert found == {
        ("shop", Environment.LIVE): 3,
        ("shop", Environment.STAGING): 4,
        ("blog", Environment.LIVE): 1,
    }
    assert newest_number(connection, "shop") == 4
    assert [one.version for one in find_history(connection, "shop", limit=3)] == [4, 3, 2]


def test_the_latest_draft_counts_until_it_is_ended(connection: Connection) -> None:
    assert find_draft(connection, "shop") is None
    first, second = draft(base=4), draft(saved_at=NOON + 1)
    insert_draft(connection, second)
    insert_draft(connection, first)
    assert find_draft(connection, "shop") == second
    head = DraftHead(container_id="shop", draft_id=second.draft_id)
    assert newest_drafts(connection) == [head]
    insert_draft(connection, draft(saved_at=NOON + 2, source=""))
    assert find_draft(connection, "shop") is None


def test_an_analyst_reads_versions_and_no_drafts(
    connection: Connection, shared_store: EmbeddedStore
) -> None:
    insert_version(connection, version())
    insert_draft(connection, draft())
    analyst = connect(shared_store, "analyst")
    assert find_version(analyst, "shop", 1) is not None
    with pytest.raises((QueryRefused, StoreUnavailable), match="privileges"):
        find_draft(analyst, "shop")
    with pytest.raises((QueryRefused, StoreUnavailable)):
        insert_version(analyst, version(2))
    analyst.close()


def test_traces_are_found_in_the_order_of_their_receipt(connection: Connection) -> None:
    tag = TagTrace(
        tag="erp", type="webhook", outcome="send", words=["fired by all_pages"], method="POST",
        url="https://erp.example/", headers={"a": "b"}, body='{"x":"é\\n"}',
    )  # fmt: skip
    made = [
        Trace(
            src=2**63 + 5, off=off, idx=1, container_id="shop",
            event_id="0199c000-0000-7000-8000-000000000001", received_at=NOON + off,
            draft_id="0199c000-0000-7000-8000-000000000002", is_sent=True, event_name="purchase",
            url="https://shop.example/", tags=[tag, TagTrace(tag="b", type="ga4", outcome="x")],
        )
        for off in (1, 2)
    ]  # fmt: skip
    lines = [split_row(encode_row(one))[1] for one in reversed(made)]
    plain_insert.insert(connection, "traces", lines, token="traces")
    assert find_traces(connection, "shop", since=NOON) == made
    assert find_traces(connection, "shop", since=NOON + 2) == made[1:]
    assert find_traces(connection, "blog", since=NOON) == []
