"""Publishing, and what goes with it: history, going back, drafts.

    source ──check──▶ insert version n+1 under the token container:n+1 ──▶ read it back: ours?

Whoever is second with a number is told who was first, and has published nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from server.containers.model import TagTypes
from server.containers.versions import check_id, container_of, container_of_draft
from server.errors import FreeholdError, StoreUnavailable
from server.publication import Draft, Environment, Version
from server.store.client import Connection
from server.store.publications import (
    find_draft,
    find_history,
    find_version,
    insert_draft,
    insert_version,
    newest_number,
)

MAX_WORDS = 2_000
"""Characters of a note, and of an author's name."""
HISTORY = 50


class Refused(FreeholdError):
    """It was not published; the text says why."""


class Wish(Struct, frozen=True, kw_only=True):
    """What somebody wants to publish."""

    container_id: str
    source: str
    """The YAML."""
    environment: Environment = Environment.LIVE
    author: str
    note: str = ""
    after: int | None = None
    """The version that they have seen: it must still be the newest."""
    restores: int = 0


def publish(
    connection: Connection, wish: Wish, *, types: TagTypes, now: Callable[[], int]
) -> Version:
    """The new version, on ClickHouse's disk; raises ConfigError, Refused, StoreUnavailable."""
    newest = newest_number(connection, wish.container_id)
    if wish.after is not None and wish.after != newest:
        raise Refused(_overtaken(wish, find_version(connection, wish.container_id, newest)))
    version = Version(
        container_id=wish.container_id,
        version=newest + 1,
        environment=wish.environment,
        publication=str(uuid.uuid4()),
        published_at=now(),
        author=wish.author[:MAX_WORDS],
        note=wish.note[:MAX_WORDS],
        restores=wish.restores,
        source=wish.source,
    )
    check_id(wish.container_id, wish.environment)
    container_of(version, types)
    _refuse_the_same(connection, wish)
    return _insert(connection, version)


def rollback(
    connection: Connection, number: int, wish: Wish, *, types: TagTypes, now: Callable[[], int]
) -> Version:
    """An older version's source as a new version; the wish's own source is not looked at."""
    older = version_of(connection, wish.container_id, number)
    note = wish.note or f"back to version {number}"
    wish = replace(wish, source=older.source, note=note, restores=number)
    return publish(connection, wish, types=types, now=now)


def history(connection: Connection, container_id: str, *, limit: int = HISTORY) -> list[Version]:
    """Its versions without their sources, the newest first."""
    return find_history(connection, container_id, limit=limit)


def version_of(connection: Connection, container_id: str, number: int) -> Version:
    """One version with its source; raises Refused when there is none."""
    found = find_version(connection, container_id, number)
    if found is None:
        newest = newest_number(connection, container_id)
        there = f"the newest is {newest}" if newest else "it was never published"
        raise Refused(f"{container_id} has no version {number}; {there}")
    return found


def running(connection: Connection, container_id: str, environment: Environment) -> Version | None:
    """The version that runs in an environment, without its source."""
    versions = find_history(connection, container_id, limit=10_000)
    return next((one for one in versions if one.environment is environment), None)


def save_draft(
    connection: Connection, wish: Wish, *, types: TagTypes, now: Callable[[], int]
) -> Draft:
    """The wish's source as the container's draft, unless it is that already; an empty one ends the
    draft. Raises ConfigError for one that could not be published."""
    known = find_draft(connection, wish.container_id)
    base = newest_number(connection, wish.container_id)
    if known is not None and (known.source, known.base) == (wish.source, base):
        return known
    draft = Draft(
        container_id=wish.container_id,
        draft_id=str(uuid.uuid4()),
        saved_at=max(now(), known.saved_at + 1 if known else 0),  # the latest counts
        author=wish.author[:MAX_WORDS],
        base=base,
        source=wish.source,
    )
    if draft.source:
        container_of_draft(draft, types)
    insert_draft(connection, draft)
    return draft


def _refuse_the_same(connection: Connection, wish: Wish) -> None:
    now_running = running(connection, wish.container_id, wish.environment)
    if now_running is None:
        return
    same = find_version(connection, wish.container_id, now_running.version)
    if same is not None and same.source == wish.source:
        raise Refused(
            f"{wish.container_id}: version {same.version}, which runs in {wish.environment}, is "
            "the same; nothing was published"
        )


def _insert(connection: Connection, version: Version) -> Version:
    """Inserts and reads back: the row that is there has the number, whoever wrote it."""
    doubt = None
    try:
        insert_version(connection, version)
    except StoreUnavailable as error:
        doubt = error
    try:
        there = find_version(connection, version.container_id, version.version)
    except StoreUnavailable as error:
        name = f"{version.container_id} version {version.version}"
        raise StoreUnavailable(
            f"it is not known whether {name} was published; look with `freehold container history "
            f"{version.container_id}` before you publish again: {error}"
        ) from error
    if there is None:
        raise doubt or StoreUnavailable(
            "ClickHouse took the version and has not kept it: is its disk full?"
        )
    if there.publication != version.publication:
        raise Refused(_overtaken_by(there))
    return there


def _overtaken(wish: Wish, newest: Version | None) -> str:
    if newest is not None:
        return _overtaken_by(newest)
    return f"{wish.container_id} has no version {wish.after}: it was never published"


def _overtaken_by(there: Version) -> str:
    note = f", {there.note!r}" if there.note else ""
    return (
        f"{there.author} has published version {there.version} of {there.container_id} meanwhile"
        f"{note}; nothing of yours was published. Look at it with `freehold container history` "
        "and `freehold container diff`, then publish again"
    )
