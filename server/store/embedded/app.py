"""The HTTP face of the store: ClickHouse's paths, on 8123."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, suppress

from starlette.applications import Starlette
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from server.store.embedded.answers import WHOLE_BYTES, Answer, Broken, Place
from server.store.embedded.body import Body, ClientGone, read_statement
from server.store.embedded.errors import (
    QUERY_IS_NOT_SUPPORTED,
    QUERY_WAS_CANCELLED,
    UNKNOWN_EXCEPTION,
    StoreError,
    refusal,
)
from server.store.embedded.form import read_form
from server.store.embedded.request import Call, read_call
from server.store.embedded.runner import Runner
from server.store.embedded.running import Running
from server.store.embedded.spool import Spool
from server.store.embedded.statement import Totals, cut_select, first_word, reads
from server.store.embedded.users import Passwords

# From here on each column has one more byte (custom serialization). clickhouse-connect offers an
# earlier version, sees that we do not take it up, and goes on without.
_UNSPOKEN_VERSION = 54454
_LOG = logging.getLogger(__name__)


def make_app(runner: Runner, running: Running, place: Place, passwords: Passwords) -> Starlette:
    return Starlette(
        routes=[
            Route("/ping", _ok),
            Route("/replicas_status", _ok),
            Route("/", Queries(runner, running, place, passwords)),
        ]
    )


async def _ok(_: Request) -> Response:
    return PlainTextResponse("Ok.\n")


class Queries:
    """`/`: a query in the URL, in the body, or in both."""

    def __init__(
        self, runner: Runner, running: Running, place: Place, passwords: Passwords
    ) -> None:
        self._runner = runner
        self._running = running
        self._place = place
        self._passwords = passwords

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query, headers = dict(QueryParams(scope["query_string"])), Headers(scope=scope)
        answer = Answer(send, self._place, head=scope["method"] == "HEAD")
        try:
            if scope["method"] in ("GET", "HEAD") and "query" not in query and _is_bare(headers):
                await answer.text(200, "Ok.\n", {})
                return
            call = read_call(scope["method"], query, headers, self._passwords)
            answer.call = call
            body = Body(receive, call.body_encoding, in_blocks=call.body_in_blocks)
            chunks = body.chunks()
            content_type = headers.get("content-type", "")
            if content_type.startswith("multipart/"):
                query |= await read_form(content_type, chunks)
                call = read_call(scope["method"], query, headers, self._passwords)
            async with body.read_to_the_end():
                await self._respond(call, chunks, answer, receive)
        except StoreError as error:
            await answer.error(error)
        except asyncio.CancelledError:
            if not answer.started:
                await answer.error(refusal(QUERY_WAS_CANCELLED, "The store is stopping"))
        except (ClientGone, Broken):
            return
        except Exception:
            _LOG.exception("a request met a bug of ours")
            if not answer.started:
                await answer.error(refusal(UNKNOWN_EXCEPTION, "The store has a bug; see its log"))

    async def _respond(
        self, call: Call, chunks: AsyncIterator[bytes], answer: Answer, receive: Receive
    ) -> None:
        statement, insert, data = await read_statement(call.query.encode(), chunks)
        if insert is not None:
            async with self._running.place(call):
                await answer.done(await self._runner.insert(call, insert, data, chunks))
        elif reads(statement):
            await _unless_gone(self._read(call, statement, answer), receive)
        else:
            is_urgent = first_word(statement) == b"KILL" and not call.user.reads_only
            async with self._running.place(call, is_urgent=is_urgent):
                await self._small(call, statement, answer)

    async def _small(self, call: Call, sql: bytes, answer: Answer) -> None:
        reply = await self._runner.answer(call, sql)
        if not reply.has_result:
            await answer.done(reply.totals)
            return
        with Spool(WHOLE_BYTES) as spool:
            spool.write(reply.body)
            await answer.result(cut_select(sql, call.format).format, spool, reply.totals)

    async def _read(self, call: Call, sql: bytes, answer: Answer) -> None:
        """Small results whole; large ones as they come, or through the disk if the client waits."""
        format = cut_select(sql, call.format).format
        if format == "Native" and call.protocol_version >= _UNSPOKEN_VERSION:
            raise refusal(
                QUERY_IS_NOT_SUPPORTED,
                f"Native for client_protocol_version {call.protocol_version} (clickhouse-go) is "
                "not supported: the engine writes Native without versions; ask for another format",
            )
        async with (
            self._running.place(call),
            aclosing(self._runner.read(call, sql)) as pieces,
        ):
            with Spool(WHOLE_BYTES) as front:
                async for piece in pieces:
                    if isinstance(piece, Totals):
                        await answer.result(format, front, piece)
                        return
                    front.write(piece)
                    if front.size > WHOLE_BYTES and not call.waits_for_end:
                        break
                await answer.stream(format, _following(front, pieces))


async def _following(front: Spool, pieces: AsyncIterator[bytes | Totals]) -> AsyncIterator[bytes]:
    for chunk in front.chunks():
        yield chunk
    async for piece in pieces:
        if isinstance(piece, bytes):
            yield piece


async def _unless_gone(work: Coroutine[None, None, None], receive: Receive) -> None:
    """Does the work, or stops it when the client has closed the connection."""
    task = asyncio.create_task(work)
    gone = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientGone
        await task
    finally:
        for each in (gone, task):
            each.cancel()
            with suppress(asyncio.CancelledError, StoreError, Broken):
                await each


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _is_bare(headers: Headers) -> bool:
    return headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
