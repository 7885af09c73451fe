"""Versions and drafts of containers in ClickHouse.

A version's number is its token: of two people who insert the same number at once, ClickHouse takes
the first and ignores the second, who reads back whose it is. Should it ever hold both, everybody
reads the earlier one.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from server.publication import Draft, Environment, Trace, Version
from server.store.client import Connection
from server.store.insert import insert

VERSIONS, DRAFTS, TRACES = "container_versions", "container_drafts", "traces"
_META = (
    "container_id, version, environment, publication, restores, author, note, "
    "toUnixTimestamp64Milli(published_at) AS published_at"
)
_KNOWN = f"environment IN ('{Environment.LIVE}', '{Environment.STAGING}')"
"""Of others, which only a later Freehold can publish to, this one runs nothing."""
_FIRST = "ORDER BY container_versions.published_at, publication LIMIT 1 BY container_id, version"


class Head(Struct, frozen=True, kw_only=True):
    """The newest version of a container in one environment."""

    container_id: str
    environment: Environment
    version: int
    publication: str


class DraftHead(Struct, frozen=True, kw_only=True):
    """The latest draft of a container."""

    container_id: str
    draft_id: str


def has_tables(connection: Connection) -> bool:
    """Whether the tables are there that publishing and previewing need."""
    with connection.open() as client:
        return bool(client.command(f"EXISTS TABLE freehold.{TRACES}"))  # the last one to be made


def newest_versions(connection: Connection) -> list[Head]:
    """What each container runs, in each of its environments."""
    rows = _rows(
        connection,
        "SELECT container_id, environment, version, publication FROM "
        f"(SELECT * EXCEPT source FROM freehold.{VERSIONS} WHERE {_KNOWN} {_FIRST}) "
        "ORDER BY version DESC LIMIT 1 BY container_id, environment",
    )
    return [msgspec.convert(row, Head, strict=False) for row in rows]


def newest_drafts(connection: Connection) -> list[DraftHead]:
    """The draft of each container that has one."""
    rows = _rows(
        connection,
        f"SELECT container_id, draft_id FROM freehold.{DRAFTS} "
        "ORDER BY saved_at DESC, draft_id LIMIT 1 BY container_id",
    )
    return [msgspec.convert(row, DraftHead, strict=False) for row in rows]


def newest_number(connection: Connection, container_id: str) -> int:
    """The number of the newest version, whatever its environment; 0: it was never published."""
    rows = _rows(
        connection,
        f"SELECT max(version) AS version FROM freehold.{VERSIONS} "
        "WHERE container_id = {id:String}",
        id=container_id,
    )
    return int(rows[0]["version"])


def find_version(connection: Connection, container_id: str, version: int) -> Version | None:
    """One version, with its source."""
    rows = _rows(
        connection,
        f"SELECT {_META}, source FROM freehold.{VERSIONS} "
        f"WHERE {_KNOWN} AND container_id = {{id:String}} AND version = {{version:UInt32}} "
        f"{_FIRST}",
        id=container_id,
        version=version,
    )
    return msgspec.convert(rows[0], Version, strict=False) if rows else None


def find_history(connection: Connection, container_id: str, *, limit: int) -> list[Version]:
    """The newest versions first, without their sources."""
    rows = _rows(
        connection,
        f"SELECT {_META} FROM (SELECT * FROM freehold.{VERSIONS} "
        f"WHERE container_id = {{id:String}} AND {_KNOWN} {_FIRST}) AS container_versions "
        "ORDER BY version DESC LIMIT {limit:UInt32}",
        id=container_id,
        limit=limit,
    )
    return [msgspec.convert(row, Version, strict=False) for row in rows]


def find_draft(connection: Connection, container_id: str) -> Draft | None:
    """The draft of a container, if there is one."""
    rows = _rows(
        connection,
        "SELECT * REPLACE (toUnixTimestamp64Milli(saved_at) AS saved_at) "
        f"FROM freehold.{DRAFTS} WHERE container_id = {{id:String}} "
        "ORDER BY container_drafts.saved_at DESC, draft_id LIMIT 1",
        id=container_id,
    )
    found = msgspec.convert(rows[0], Draft, strict=False) if rows else None
    return found if found is not None and found.source else None


def find_traces(
    connection: Connection, container_id: str, *, since: int, limit: int = 200
) -> list[Trace]:
    """The traces of a container's previews received from a time in ms on, the oldest first."""
    rows = _rows(
        connection,
        "SELECT * REPLACE (toUnixTimestamp64Milli(received_at) AS received_at) "
        f"FROM freehold.{TRACES} WHERE container_id = {{id:String}} "
        "AND traces.received_at >= fromUnixTimestamp64Milli({since:Int64}) "
        "ORDER BY traces.received_at, src, off, idx LIMIT {limit:UInt32}",
        id=container_id,
        since=since,
        limit=limit,
    )
    return [msgspec.convert(row, Trace, strict=False) for row in rows]


def insert_version(connection: Connection, version: Version) -> None:
    """Inserts the row, unless its number is taken; `find_version` tells whose it is."""
    token = f"{version.container_id}:{version.version}"
    line = {**msgspec.to_builtins(version), "published_at": version.published_at / 1000}
    insert(connection, VERSIONS, [msgspec.json.encode(line)], token=token)


def insert_draft(connection: Connection, draft: Draft) -> None:
    """Inserts the row, which then is the container's draft."""
    line = {**msgspec.to_builtins(draft), "saved_at": draft.saved_at / 1000}
    insert(connection, DRAFTS, [msgspec.json.encode(line)], token=f"draft:{draft.draft_id}")


def _rows(connection: Connection, sql: str, **parameters: Any) -> list[dict[str, Any]]:
    with connection.open() as client:
        answer = client.raw_query(sql, parameters=parameters, fmt="JSONEachRow")
    return [msgspec.json.decode(line) for line in answer.splitlines()]
