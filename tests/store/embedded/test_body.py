from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message, Receive

from server.store.embedded.body import MAX_STATEMENT_BYTES, Body, ClientGone, read_statement
from server.store.embedded.errors import StoreError, refusal
from server.store.embedded.statement import Insert


def receiver(*bodies: bytes, gone: bool = False) -> Receive:
    messages: list[Message] = [
        {"type": "http.request", "body": body, "more_body": gone or number < len(bodies)}
        for number, body in enumerate(bodies, 1)
    ]
    if gone:
        messages.append({"type": "http.disconnect"})

    async def receive() -> Message:
        return messages.pop(0)

    return receive


async def collect(chunks: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]


def statement_of(front: bytes, *bodies: bytes) -> tuple[bytes, Insert | None, bytes, list[bytes]]:
    async def read() -> tuple[bytes, Insert | None, bytes, list[bytes]]:
        chunks = Body(receiver(*bodies), "").chunks()
        statement, insert, data = await read_statement(front, chunks)
        return statement, insert, data, await collect(chunks)

    return asyncio.run(read())


def test_a_body_is_decoded_as_it_arrives() -> None:
    packed = gzip.compress(b"SELECT 1")
    body = Body(receiver(packed[:9], packed[9:]), "gzip")
    assert b"".join(asyncio.run(collect(body.chunks()))) == b"SELECT 1"


def test_a_client_that_goes_away_is_noticed() -> None:
    with pytest.raises(ClientGone):
        asyncio.run(collect(Body(receiver(b"SEL", gone=True), "").chunks()))


def test_a_statement_is_read_whole() -> None:
    assert statement_of(b"", b"SELECT", b" 1") == (b"SELECT 1", None, b"", [])
    assert statement_of(b"SELECT 1", b"") == (b"SELECT 1\n", None, b"", [])
    assert statement_of(b"SELECT 1", b" + 1") == (b"SELECT 1\n + 1", None, b"", [])


def test_an_insert_is_cut_from_its_data_which_stay_unread() -> None:
    _, insert, data, rest = statement_of(b"", b"INSERT INTO t FORMAT CS", b"V\n1\n", b"2\n", b"3\n")
    assert insert == Insert(header=b"INSERT INTO t ", format="CSV", data_at=25)
    assert (data, rest) == (b"1\n", [b"2\n", b"3\n"])


def test_the_url_may_hold_the_header_and_the_body_the_data() -> None:
    _, insert, data, rest = statement_of(b"INSERT INTO t FORMAT CSV", b"1\n", b"2\n")
    assert insert is not None
    assert (data, rest) == (b"1\n", [b"2\n"])


def test_an_insert_without_data_is_an_empty_one() -> None:
    _, insert, data, _ = statement_of(b"INSERT INTO t FORMAT CSV", b"")
    assert (insert is not None, data) == (True, b"")


def test_a_statement_has_a_bound_and_data_have_none_of_that_kind() -> None:
    with pytest.raises(StoreError) as refused:
        statement_of(b"", *[b"SELECT '" + b"x" * MAX_STATEMENT_BYTES] * 2)
    assert (refused.value.code, refused.value.status) == (305, 413)
    _, insert, data, _ = statement_of(b"", b"INSERT INTO t FORMAT CSV\n", b"x" * (20 << 20))
    assert insert is not None
    assert len(data) == 20 << 20


def test_after_a_refusal_the_rest_is_read() -> None:
    receive = receiver(b"1", b"2", b"3")

    async def refuse() -> None:
        body = Body(receive, "")
        async with body.read_to_the_end():
            await anext(body.chunks())
            raise refusal(62, "x")

    with pytest.raises(StoreError):
        asyncio.run(refuse())
    with pytest.raises(IndexError):
        asyncio.run(anext_message(receive))


async def anext_message(receive: Receive) -> Message:
    return await receive()
