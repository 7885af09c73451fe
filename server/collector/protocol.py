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


class BoundedProtocol(HttpToolsProtocol):
    """Gives a client five seconds and 64 KiB to come to the end of its headers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._headers_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._deadline is None:
            return
        self._header_bytes += len(data)
        if self._header_bytes > MAX_HEADERS_BYTES:
            self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait_for_headers()

    def on_headers_complete(self) -> None:
        self._headers_came()
        super().on_headers_complete()

    def _wait_for_headers(self) -> None:
        self._headers_came()
        self._header_bytes = 0
        self._deadline = self.loop.call_later(HEADERS_S, self._refuse, b"408 Request Timeout")

    def _headers_came(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: bytes) -> None:
        """Says why and hangs up, without waiting for what else may come."""
        self._headers_came()
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 %b\r\nConnection: close\r\n\r\n" % status)
            self.transport.close()
