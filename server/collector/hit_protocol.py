"""The short way of a hit: taken and answered in the parser's callbacks, without ASGI.

    a POST to a hit path, whole in one small read, nothing else open ──▶ journal ──▶ 204
    anything else ──▶ told to uvicorn from its first callback on ──▶ `plain`

So what is slow, chunked, pipelined, expects a 100 or meets a client that does not read is uvicorn's
and `plain`'s, with their care; what is left here is one read, one hit, one write. The checks are
`accept`'s on both ways, and tests/collector/test_app.py runs over both.

It leans on uvicorn's `HttpToolsProtocol`: on its attributes `url`, `headers`, `cycle`, `pipeline`
and `flow`, and on what it asks of a cycle: `response_complete` and `keep_alive`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from server.collector import answers
from server.collector.answers import CLOSE, CLOSING, Answer
from server.collector.asked import Asked, first_of
from server.collector.collector import Collector
from server.collector.door import MAX_HEADER_BYTES
from server.collector.hits import Arrival
from server.collector.protocol import BoundedProtocol
from server.collector.site import Site
from server.envelope import seal
from server.errors import BadHit, JournalUnwritable

UNUSUAL = frozenset({b"expect", b"transfer-encoding", b"upgrade"})
"""Headers that ask for more than an answer."""


def hit_protocol(collector: Collector) -> type[HitProtocol]:
    """The protocol class of one collector, for uvicorn's `http=`; its `sites` can be changed."""
    paths = hit_paths(collector.sites)
    return type("HitProtocol", (HitProtocol,), {"collector": collector, "sites": paths})


def hit_paths(sites: Mapping[str, Site]) -> dict[bytes, Site]:
    """The sites by the path of their hits."""
    return {
        f"/{name}/{leaf}".encode(): site
        for name, site in sites.items()
        for leaf, kind in site.leaves.items()
        if kind == "hit"
    }


class HitCycle:
    """A hit from its headers to its answer; for uvicorn it is its connection's cycle."""

    __slots__ = (
        "arrival",
        "asked",
        "keep_alive",
        "pieces",
        "protocol",
        "response_complete",
        "site",
    )

    def __init__(self, protocol: HitProtocol, asked: Asked, site: Site, keep_alive: bool) -> None:
        self.protocol = protocol
        self.asked = asked
        self.site = site
        self.keep_alive = keep_alive
        self.pieces: list[bytes] = []
        self.arrival: Arrival | None = None
        self.response_complete = False

    def take(self) -> None:
        """Hands the hit to the journal, or answers at once why not."""
        collector = self.protocol.collector
        try:
            self.arrival = collector.accept(self.asked, b"".join(self.pieces), self.site)
            collector.journal.submit(seal(self.arrival.hit), self.settle)
        except (BadHit, JournalUnwritable) as error:
            self.protocol.say(self, collector.refuse(error))

    def settle(self, error: Exception | None) -> None:
        """The disk has it, or will not promise to."""
        assert self.arrival is not None
        if error is None:
            answer = answers.stored(self.arrival, answers.STORED)
            self.protocol.say(self, answer, answers.cookie(self.arrival))
        else:
            self.protocol.say(self, self.protocol.collector.refuse(error))


class HitProtocol(BoundedProtocol):
    """One connection."""

    collector: ClassVar[Collector]
    sites: ClassVar[dict[bytes, Site]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held: HitCycle | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._answered_at = 0.0
        self._is_small = False
        self._usual: tuple[object, bytes] = (None, b"")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._rest is not None:
            self._rest.cancel()
        if isinstance(self.cycle, HitCycle):  # its hit is stored all the same
            self.cycle = None  # type: ignore[assignment]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._is_small = len(data) <= MAX_HEADER_BYTES
        super().data_received(data)
        if self._held is not None and not self.transport.is_closing():
            self._pass_on()  # its body is not whole, and may take its time

    def on_message_begin(self) -> None:
        self.headers_begin()
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_headers:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.headers_end()
        self._held = self._hold()
        if self._held is None:
            self._pass_on()

    def on_body(self, body: bytes) -> None:
        if self._held is not None:
            self._held.pieces.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._held is None:
            super().on_message_complete()
            return
        held, self._held = self._held, None
        self.cycle = held  # type: ignore[assignment]
        held.take()

    def _hold(self) -> HitCycle | None:
        """The hit that begins here, unless there is anything unusual about it."""
        path, _, query = self.url.partition(b"?")
        site = self.sites.get(path)
        is_busy = self.cycle is not None and not self.cycle.response_complete
        if site is None or is_busy or self.flow.write_paused or not self._is_small:
            return None
        fields = first_of(self.headers)
        is_post = self.parser.get_method() == b"POST"
        if not is_post or b"#" in query or not UNUSUAL.isdisjoint(fields):
            return None
        peer = self.client[0] if self.client else ""
        asked = Asked(headers=self.headers, fields=fields, query=query, peer=peer)
        return HitCycle(self, asked, site, self._keeps_alive(fields))

    def _keeps_alive(self, fields: dict[bytes, bytes]) -> bool:
        """As uvicorn sees it: not in HTTP/1.0, where a client has to ask for it."""
        if not self.parser.should_keep_alive():
            return False
        return b"connection" not in fields or bool(self.parser.get_http_version() == "1.1")

    def _pass_on(self) -> None:
        """Tells uvicorn the request that it has not heard of."""
        held, self._held = self._held, None
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.url = url
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()
        for piece in held.pieces if held else ():
            super().on_body(piece)

    def say(self, cycle: HitCycle, answer: Answer, cookie: bytes = b"") -> None:
        """Writes an answer, if anybody is still there, and turns to what comes next."""
        cycle.response_complete = True
        if self.transport.is_closing():
            return
        is_last = not cycle.keep_alive or answer.status in CLOSING
        cors = answers.cors(cycle.asked, cycle.site)
        closing = CLOSE if is_last else b""
        self.transport.write(answer.to_http(self._usual_lines(), cors, cookie, closing))
        if is_last:
            self.transport.close()
        if is_last or self.pipeline:
            self.on_response_complete()
            return
        self.server_state.total_requests += 1
        self._answered_at = self.loop.time()
        if self._rest is None:
            self._rest = self.loop.call_later(self.timeout_keep_alive, self._end_rest)

    def _usual_lines(self) -> bytes:
        """uvicorn's own headers: the date, in a list that it makes anew each second."""
        pairs = self.server_state.default_headers
        if self._usual[0] is not pairs:
            self._usual = (pairs, b"".join([b"%b: %b\r\n" % pair for pair in pairs]))
        return self._usual[1]

    def _end_rest(self) -> None:
        """Closes a connection that has said nothing since its last answer.

        One timer that looks at the clock when it rings is cheaper than a new one for each hit.
        """
        self._rest = None
        is_busy = self._in_headers or not isinstance(self.cycle, HitCycle)
        if is_busy or not self.cycle.response_complete or self.transport.is_closing():
            return  # the next answer begins another
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._rest = self.loop.call_later(left, self._end_rest)
        else:
            self.transport.close()
