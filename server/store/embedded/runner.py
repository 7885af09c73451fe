"""Runs a call in a thread: connection, settings, gate, statement, result."""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from msgspec import Struct

from server.store.embedded.errors import (
    QUERY_WAS_CANCELLED,
    TIMEOUT_EXCEEDED,
    UNKNOWN_DATABASE,
    StoreError,
    refusal,
)
from server.store.embedded.gate import Gate
from server.store.embedded.pipe import Pipe
from server.store.embedded.request import Call
from server.store.embedded.running import Query, Running
from server.store.embedded.sessions import Session, Sessions
from server.store.embedded.statement import (
    Insert,
    Totals,
    cut_select,
    exchange_query_ids,
    first_word,
    killed,
)
from server.store.embedded.vocabulary import READS

if TYPE_CHECKING:
    from server.store.embedded.engine import Connection, Engine

_T = TypeVar("_T")
Pieces: TypeAlias = AsyncGenerator["bytes | Totals", None]
_KILL_AGAIN_S = 0.5
_KILL_S = 60


class Reply(Struct, frozen=True, kw_only=True):
    """A small result; `has_result` even if it has no rows, as SHOW TABLES may have none."""

    body: bytes
    totals: Totals
    has_result: bool


class Runner:
    def __init__(self, engine: Engine, gate: Gate, running: Running, scratch: Path) -> None:
        self._engine = engine
        self._gate = gate
        self._running = running
        self._scratch = scratch
        self._sessions = Sessions(lambda call: engine.connect(call.user))
        self.threads = concurrent.futures.ThreadPoolExecutor(max_workers=running.places)

    async def answer(self, call: Call, sql: bytes) -> Reply:
        """Runs a statement whose result is small; a client that goes away does not stop it."""

        def work() -> Reply:
            with self._connection(call) as (connection, session):
                kind = self._gate.check(connection, call, sql)
                self._gate.lock(connection, call)
                doomed = self._doomed(call, sql)
                self._running.query(call).check_alive()
                body, totals = connection.answer(self._with_engine_ids(call, sql), call.format)
                self._see_ended(doomed)
                if session is not None:
                    session.remember(kind, sql)
                return Reply(body=body, totals=totals, has_result=bool(body) or kind in READS)

        return await self._in_thread(work)

    async def read(self, call: Call, sql: bytes) -> Pieces:
        """The result in pieces, then its totals; closing the iterator early kills the query."""
        pipe = Pipe(self._scratch)

        def work() -> Totals:
            with self._connection(call) as (connection, _):
                kind = self._gate.check(connection, call, sql)
                self._gate.lock(connection, call)
                self._running.query(call).check_alive()
                if kind not in READS:  # WITH … INSERT
                    return connection.answer(sql, call.format)[1]
                select = cut_select(self._with_engine_ids(call, sql), call.format)
                return connection.read(select, pipe.path)

        running = asyncio.ensure_future(self._in_thread(work))
        running.add_done_callback(lambda _: pipe.finish())
        try:
            async for chunk in pipe.chunks():
                yield chunk
            yield await asyncio.shield(running)
        finally:
            pipe.close()
            self._running.query(call).kill()
            while not running.done():  # once may be too early: before the engine knows the query
                await asyncio.to_thread(self._engine.kill, call.mark)
                await asyncio.wait({running}, timeout=_KILL_AGAIN_S)
            running.exception()

    async def insert(
        self, call: Call, insert: Insert, first: bytes, rest: AsyncIterator[bytes]
    ) -> Totals:
        """Data goes to the engine as it arrives; a client that goes away before its end cancels."""
        query = self._running.query(call)
        feed = Feed(first, rest, query)
        query.when_killed(feed.break_off)

        def work() -> Totals:
            with self._connection(call) as (connection, _):
                header = b"%s FORMAT %s\n" % (insert.header, insert.format.encode())
                self._gate.check(connection, call, header)
                return connection.insert(insert, feed.chunks())

        running = asyncio.ensure_future(self._in_thread(work))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            feed.break_off()
            await asyncio.wait({running})
            raise

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    @contextmanager
    def _connection(self, call: Call) -> Iterator[tuple[Connection, Session | None]]:
        """Everything of a call that happens in the engine happens in here."""
        database, wished = self._gate.database(call), dict(self._gate.settings(call))
        wished |= {f"param_{name}": value for name, value in call.parameters.items()}
        wished.setdefault("log_comment", call.query_id)
        query = self._running.query(call)
        query.check_alive()
        try:
            with self._fresh_or_kept(call, database, wished) as found:
                yield found
        finally:
            query.has_ended = True

    @contextmanager
    def _fresh_or_kept(
        self, call: Call, database: str, settings: dict[str, str]
    ) -> Iterator[tuple[Connection, Session | None]]:
        if call.user.reads_only or not call.session_id:
            with self._engine.connect(call.user) as connection:
                _prepare(connection, call, database, settings)
                yield connection, None
            return
        session = self._sessions.take(call, database)
        try:
            session.begin({name for name in settings if not name.startswith("param_")})
            _prepare(session.connection, call, call.database and database, settings)
            yield session.connection, session
        finally:
            self._sessions.give_back(call, session)

    def _with_engine_ids(self, call: Call, sql: bytes) -> bytes:
        """A client's query ids, in KILL and in questions to system.processes, as the engine's."""
        if call.user.reads_only or (first_word(sql) != b"KILL" and b"processes" not in sql):
            return sql
        ids = {}
        for query in self._running.all():
            query_id = query.names["query_id"].encode()
            if query_id in sql and (found := self._engine.ids(query.mark)):
                ids[query_id] = found[0].encode()
        return exchange_query_ids(sql, ids)

    def _doomed(self, call: Call, sql: bytes) -> list[Query]:
        """The queries that a KILL names, marked: the engine may not know of them yet."""
        aim = None if call.user.reads_only else killed(sql, call.parameters)
        if aim is None:
            return []
        column, value = aim
        doomed = [query for query in self._running.all() if query.names[column] == value]
        for query in doomed:
            query.kill()
        return doomed

    def _see_ended(self, doomed: list[Query]) -> None:
        """A KILL that has been answered has killed: what it named is not running, nor will be."""
        deadline = time.monotonic() + _KILL_S
        while left := [query for query in doomed if not query.is_over]:
            if time.monotonic() > deadline:
                raise refusal(TIMEOUT_EXCEEDED, f"{len(left)} queries did not end in {_KILL_S} s")
            for query in left:
                self._engine.kill(query.mark)
            time.sleep(_KILL_AGAIN_S / 10)


class Feed:
    """Carries an INSERT's data from the event loop into the thread that runs the INSERT."""

    def __init__(self, first: bytes, rest: AsyncIterator[bytes], query: Query) -> None:
        self._first = first
        self._rest = rest
        self._query = query
        self._loop = asyncio.get_running_loop()
        self._awaited: concurrent.futures.Future[bytes] | None = None
        self._broken = False

    def chunks(self) -> Iterator[bytes]:
        """Blocks; for the thread. What was killed ends here: the engine would go on (chDB 4.4)."""
        chunk = self._first
        while chunk:
            self._query.check_alive()
            yield chunk
            self._awaited = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
            if self._broken:
                self._awaited.cancel()
            try:
                chunk = self._awaited.result()
            except concurrent.futures.CancelledError:
                raise refusal(QUERY_WAS_CANCELLED, "Query was cancelled") from None
        self._query.check_alive()

    def break_off(self) -> None:
        """No more data comes: what waits for it, or will, is cancelled."""
        self._broken = True
        if self._awaited is not None:
            self._awaited.cancel()

    async def _next(self) -> bytes:
        return await anext(self._rest, b"")


def _prepare(connection: Connection, call: Call, database: str, settings: dict[str, str]) -> None:
    try:
        if database:
            connection.use(database)
    except StoreError as error:
        # Before the first migration, or after DROP DATABASE: one has to be able to create it.
        if call.database or error.code != UNKNOWN_DATABASE:
            raise
    connection.mark(call.mark)  # before the settings, among which may be readonly = 1
    connection.set(settings)
