from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from starlette.types import Message

from server.store.embedded.answers import Answer, Broken, Place
from server.store.embedded.errors import StoreError, refusal
from server.store.embedded.spool import Spool
from server.store.embedded.statement import Totals

PLACE = Place(name="here", timezone="Etc/UTC", content_types={"CSV": "text/csv"})
COMMON = {"X-ClickHouse-Server-Display-Name": "here", "X-ClickHouse-Timezone": "Etc/UTC"}


def sent(act: Callable[[Answer], Awaitable[None]], *, head: bool = False) -> list[Message]:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def run() -> None:
        await act(Answer(send, PLACE, head=head))

    asyncio.run(run())
    return messages


def headers_of(message: Message) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in message["headers"]}


def test_an_error_has_its_number_in_a_header_and_its_text_in_the_body() -> None:
    start, body = sent(lambda answer: answer.error(refusal(497, "no")))
    assert start["status"] == 403
    assert body["body"] == b"Code: 497. DB::Exception: no. (ACCESS_DENIED)\n"
    assert headers_of(start) == {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Length": "46",
        "X-ClickHouse-Exception-Code": "497",
        **COMMON,
    }


def test_a_statement_without_result_has_a_summary_and_no_format() -> None:
    totals = Totals(written_rows=3, written_bytes=30)
    start, _ = sent(lambda answer: answer.done(totals))
    summary = json.loads(headers_of(start)["X-ClickHouse-Summary"])
    assert summary == {
        "read_rows": "0",
        "read_bytes": "0",
        "written_rows": "3",
        "written_bytes": "30",
        "total_rows_to_read": "0",
        "result_rows": "3",
        "result_bytes": "30",
        "elapsed_ns": summary["elapsed_ns"],
    }
    assert "X-ClickHouse-Format" not in headers_of(start)


def test_a_result_has_its_length_unless_it_is_a_head() -> None:
    async def act(answer: Answer) -> None:
        with Spool(10) as spool:
            spool.write(b"1\n")
            await answer.result("CSV", spool, Totals())

    messages = sent(act)
    headers = headers_of(messages[0])
    assert (headers["Content-Type"], headers["Content-Length"]) == ("text/csv", "2")
    assert b"".join(message.get("body", b"") for message in messages) == b"1\n"
    assert b"".join(message.get("body", b"") for message in sent(act, head=True)) == b""


def test_a_stream_that_fails_says_so_and_is_left_unfinished() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"1\n"
        raise StoreError(395, "Code: 395. DB::Exception: boom")

    async def act(answer: Answer) -> None:
        with pytest.raises(Broken):
            await answer.stream("CSV", chunks())

    start, first, last = sent(act)
    tag = headers_of(start)["X-ClickHouse-Exception-Tag"]
    assert first["body"] == b"1\n"
    assert last["body"].decode() == (
        f"\r\n__exception__\r\n{tag}\r\nCode: 395. DB::Exception: boom\n"
        f"31 {tag}\r\n__exception__\r\n"
    )
    assert last["more_body"] is True
