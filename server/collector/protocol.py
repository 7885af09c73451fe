"""uvicorn's HTTP protocol with the two bounds that it lacks: how long a request's headers may
take, and how many bytes they may have. A connection that says nothing counts as slow headers.

It leans on uvicorn's `HttpToolsProtocol` and its parser callbacks; its tests talk to a real server.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_S = 5.0
MAX_HEADERS_BYTES = 64 * 1024
UNDERWAY_S = 0.2
"""How long a request may be on its way, on a connection that has been made."""


class BoundedProtocol(HttpToolsProtocol):
    """Gives a client five seconds and 64 KiB to come to the end of its headers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._in_headers = False
        self._begins_here = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.headers_begin()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self.headers_end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._begins_here = False
        super().data_received(data)
        if not self._in_headers:
            return
        if self._deadline is None:  # headers that come in one piece never need a timer
            self._watch()
        if not self._begins_here:  # else part of the data belongs to the requests before
            self._header_bytes += len(data)
        if self._header_bytes > MAX_HEADERS_BYTES:
            self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        self.headers_begin()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_headers:  # trailers of a chunked body are no headers
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.headers_end()
        super().on_headers_complete()

    def shutdown(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            # It may have a request on its way; closed at once, that one is lost.
            self.loop.call_later(UNDERWAY_S, super().shutdown)
        else:
            super().shutdown()  # its answer is the last one, and says so

    def headers_begin(self) -> None:
        """From now on the client's bytes are counted, and its time if they do not come at once."""
        self._in_headers = self._begins_here = True
        self._header_bytes = 0

    def headers_end(self) -> None:
        """They are counted no longer."""
        self._in_headers = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _watch(self) -> None:
        self._deadline = self.loop.call_later(HEADERS_S, self._give_up)

    def _give_up(self) -> None:
        if self.flow.read_paused:  # it is us who are slow, with the requests before
            self._watch()
        else:
            self._refuse(b"408 Request Timeout")

    def _refuse(self, status: bytes) -> None:
        """Says why and hangs up, without waiting for what else may come."""
        self.headers_end()
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 %b\r\nConnection: close\r\n\r\n" % status)
            self.transport.close()
