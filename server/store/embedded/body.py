"""A request's body: decoded as it arrives, the statement taken off its front, its size bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.types import Receive

from server.store.embedded.encoding import Decoder
from server.store.embedded.errors import QUERY_IS_TOO_LARGE, StoreError, refusal
from server.store.embedded.statement import Insert, cut_insert

# The engine refuses statements over max_query_size (256 KiB by default) with better words.
MAX_STATEMENT_BYTES = 16 << 20
MAX_BODY_BYTES = 4 << 30
_PATIENCE_S = 1
# Longer statements are looked through again only when they have doubled.
_SMALL_BYTES = 1 << 16


class ClientGone(Exception):
    """The client closed the connection before the answer was complete."""


class Body:
    def __init__(self, receive: Receive, encoding: str, *, in_blocks: bool = False) -> None:
        self._receive = receive
        self._decoder = Decoder(encoding, in_blocks=in_blocks)
        self._size = 0
        self._more = True

    async def chunks(self) -> AsyncIterator[bytes]:
        while self._more:
            for piece in self._decoder.feed(await self._raw()):
                self._size += len(piece)
                if self._size > MAX_BODY_BYTES:
                    raise refusal(QUERY_IS_TOO_LARGE, f"The body is over {MAX_BODY_BYTES} bytes")
                if piece:
                    yield piece
        self._decoder.finish()

    @asynccontextmanager
    async def read_to_the_end(self) -> AsyncIterator[None]:
        """Around an answer: after a refusal the rest is still read, a client that writes cannot."""
        try:
            yield
        except StoreError:
            with suppress(TimeoutError):
                while self._more and self._size < MAX_BODY_BYTES:
                    self._size += len(await asyncio.wait_for(self._raw(), _PATIENCE_S))
            raise

    async def _raw(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        self._more = message.get("more_body", False)
        return bytes(message.get("body", b""))


async def read_statement(
    front: bytes, chunks: AsyncIterator[bytes]
) -> tuple[bytes, Insert | None, bytes]:
    """The whole statement; or an INSERT's header and the first of its data, the rest left unread.

    `front` is the `query` of the URL: as in ClickHouse, the body follows it on a new line.
    """
    text = bytearray(front + b"\n" if front else b"")
    looked_at = 0
    async for chunk in chunks:
        text += chunk
        if len(text) < _SMALL_BYTES or len(text) >= 2 * looked_at:
            looked_at = len(text)
            insert = cut_insert(bytes(text))
            if insert and insert.data_at < len(text):
                return bytes(text), insert, bytes(text[insert.data_at :])
        if len(text) > MAX_STATEMENT_BYTES:
            raise refusal(QUERY_IS_TOO_LARGE, f"The statement is over {MAX_STATEMENT_BYTES} bytes")
    whole = bytes(text)
    insert = cut_insert(whole + b"\n")
    return whole, insert, whole[insert.data_at :] if insert else b""
