"""Against a real server: what a partner may do to us, and what we make of it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from server.delivery import Refused, Request, Response, Retry
from server.pipeline.forwarder import partner as out
from tests.partner import LocalPartner, Says


@pytest.fixture
def partner() -> Iterator[LocalPartner]:
    with LocalPartner() as running:
        yield running


def ask(request: Request) -> Response | Retry | Refused:
    async def once() -> Response | Retry | Refused:
        async with out.Partner() as partner:
            return await partner.ask(request)

    return asyncio.run(once())


def test_a_request_goes_out_as_it_is_and_the_answer_comes_back(partner: LocalPartner) -> None:
    partner.answers.append(Says(status=201, headers={"X-Trace": "7"}, body=b"thanks"))
    request = Request(
        url=f"{partner.url}/in?a=b%20c", headers={"Content-Type": "text/x"}, body=b"\0\xff"
    )
    answer = ask(request)
    assert isinstance(answer, Response)
    assert (answer.status, answer.headers["x-trace"], answer.body) == (201, "7", b"thanks")
    [asked] = partner.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/in?a=b%20c", b"\0\xff")
    assert (asked.headers["content-type"], asked.headers["user-agent"]) == ("text/x", "freehold")
    assert "cookie" not in asked.headers


def test_a_partner_that_is_not_there_is_unreachable(partner: LocalPartner) -> None:
    partner.stop()
    answer = ask(Request(url=partner.url))
    partner.start()
    assert isinstance(answer, Retry)
    assert answer.reason == "unreachable"


def test_a_redirect_is_an_answer_and_is_not_followed(partner: LocalPartner) -> None:
    partner.answers.append(Says(status=302, headers={"Location": f"{partner.url}/elsewhere"}))
    answer = ask(Request(url=partner.url))
    assert isinstance(answer, Response)
    assert answer.status == 302
    assert len(partner.asked) == 1


def test_a_gigabyte_is_cut_at_64_kib(partner: LocalPartner) -> None:
    partner.answers.append(Says(status=200, pieces=16_384))
    began = time.monotonic()
    answer = ask(Request(url=partner.url))
    assert isinstance(answer, Response)
    assert answer.body == b"x" * 65_536
    assert time.monotonic() - began < 5


def test_a_partner_that_hangs_is_given_up(
    partner: LocalPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out, "TOTAL_S", 0.3)
    hold = threading.Event()
    partner.answers.append(Says(hold=hold))
    answer = ask(Request(url=partner.url))
    hold.set()
    assert isinstance(answer, Retry)
    assert answer.reason == "timeout"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00nonsense\r\n\r\n",
        b"HTTP/1.1 999999 ?\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
    ],
    ids=["nothing", "binary", "status", "short", "chunks", "headers"],
)
def test_nonsense_is_tried_again_later(partner: LocalPartner, raw: bytes) -> None:
    partner.answers.append(Says(raw=raw))
    answer = ask(Request(url=partner.url))
    assert isinstance(answer, Retry)
    assert answer.reason == "broken_answer"


@pytest.mark.parametrize("url", ["nowhere", "ftp://x.example/", "http://", "http://[::1", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    answer = ask(Request(url=url))
    assert isinstance(answer, Refused)
    assert answer.reason == "bad_url"


def test_a_header_that_http_does_not_allow_is_refused(partner: LocalPartner) -> None:
    answer = ask(Request(url=partner.url, headers={"X-A": "a\r\nX-B: b"}))
    assert isinstance(answer, Refused)
    assert partner.asked == []


def test_bytes_that_are_no_text_in_a_header_can_be_told(partner: LocalPartner) -> None:
    partner.answers.append(Says(raw=b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9\r\n\r\n"))
    answer = ask(Request(url=partner.url))
    assert isinstance(answer, Response)
    assert answer.headers["location"] == "/caf\N{REPLACEMENT CHARACTER}"


def test_a_compressed_answer_is_not_inflated(partner: LocalPartner) -> None:
    partner.answers.append(Says(status=200, headers={"Content-Encoding": "gzip"}, body=b"no gzip"))
    answer = ask(Request(url=partner.url))
    assert isinstance(answer, Response)
    assert answer.body == b"no gzip"
