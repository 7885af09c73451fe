"""Against a real server: what a partner may do to us, and what we make of it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from server.delivery import Denied, Refused, Request, Response, Retry
from server.pipeline.forwarder import partner as out
from server.pipeline.forwarder.reach import Reach
from tests.partner import LocalPartner, Says
from tests.pipeline.forwarder.owed import HERE


@pytest.fixture
def partner() -> Iterator[LocalPartner]:
    with LocalPartner() as running:
        yield running


def ask(request: Request, reach: Reach = HERE, names: AbstractResolver | None = None) -> out.Answer:
    async def once() -> out.Answer:
        async with out.Partner(reach, names=names) as partner:
            return await partner.ask(request)

    return asyncio.run(once())


class Names(AbstractResolver):
    """A name server that answers each time with the next of these addresses, then with the last."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        found = self.answers[min(self.asked, len(self.answers)) - 1].split()
        if not found:
            raise OSError("no such host")
        return [
            ResolveResult(
                hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=0
            )
            for one in found
        ]

    async def close(self) -> None:
        pass


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


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "localhost.", "0x7f.1", "0x7f000001", "0177.0.0.1", "2130706433",
     "127.1", "0", "[::ffff:127.0.0.1]", "[::1]", "[::]", "127.0.0.1.",
     "%ef%bc%91%ef%bc%92%ef%bc%97.0.0.1"],
)  # fmt: skip
def test_no_spelling_of_a_private_address_gets_through(partner: LocalPartner, host: str) -> None:
    port = urlsplit(partner.url).port
    answer = ask(Request(url=f"http://{host}:{port}/"), Reach())
    assert not isinstance(answer, Response)
    assert answer.reason in ("private_address", "bad_url", "unreachable")
    assert partner.asked == []


def test_a_private_address_says_how_it_can_be_allowed(partner: LocalPartner) -> None:
    port = urlsplit(partner.url).port
    told = "; FREEHOLD_PARTNER_NETWORKS can allow it"
    assert ask(Request(url=partner.url), Reach()) == Denied(
        "private_address", f"127.0.0.1 is no address of the internet{told}"
    )
    assert ask(Request(url=f"http://hooks.example:{port}/"), Reach(), Names("10.0.0.7")) == Denied(
        "private_address",
        f"hooks.example is at 10.0.0.7, which is no address of the internet{told}",
    )
    assert isinstance(ask(Request(url=partner.url)), Response)


def test_of_several_addresses_only_those_that_are_open_are_asked(partner: LocalPartner) -> None:
    url = f"http://hooks.example:{urlsplit(partner.url).port}/"
    assert isinstance(ask(Request(url=url), HERE, Names("10.0.0.7 127.0.0.1")), Response)
    assert len(partner.asked) == 1


def test_a_name_server_that_changes_its_mind_changes_no_connection(
    partner: LocalPartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = urlsplit(partner.url).port
    names = Names("127.0.0.1", "10.0.0.7")
    monkeypatch.setattr(out, "NAMES_KEPT_S", 0)

    async def twice() -> list[out.Answer]:
        reach = Reach(doors=frozenset({("127.0.0.1", port or 0)}))
        async with out.Partner(reach, names=names) as one:
            request = Request(url=f"http://hooks.example:{port}/")
            return [await one.ask(request), await one.ask(request)]

    first, second = asyncio.run(twice())
    assert isinstance(first, Response)
    assert isinstance(second, Denied)  # the test's server ends each connection with its answer
    assert (names.asked, len(partner.asked)) == (2, 1)


def test_a_name_that_is_not_found_is_asked_for_again_later(partner: LocalPartner) -> None:
    url = f"http://hooks.example:{urlsplit(partner.url).port}/"
    answer = ask(Request(url=url), HERE, Names(""))
    assert isinstance(answer, Retry)
    assert answer.reason == "unreachable"


def test_a_redirect_to_a_private_address_leads_nowhere(partner: LocalPartner) -> None:
    partner.answers.append(Says(status=307, headers={"Location": "http://169.254.169.254/"}))
    answer = ask(Request(url=partner.url))
    assert isinstance(answer, Response)
    assert (answer.status, len(partner.asked)) == (307, 1)
