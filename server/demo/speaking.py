"""How an answer leaves, by the trouble that struck: whole, byte by byte, never, or cut off."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.demo.partners.contract import Answer
from server.demo.playing import Played

MAX_UNPACKED_BYTES = 24 * 1024 * 1024
GZIP = 31
"""zlib's word for a gzip header."""
PIECES = 20
"""A slow answer comes in so many."""
_AT_ONCE = struct.pack("ii", 1, 0)


async def say(played: Played, request: Request) -> Response:
    """The answer on its way; of a reset connection nothing more is sent."""
    answer, trouble = played.answer, played.trouble
    kind = trouble.kind if trouble else ""
    if trouble and kind == "hang":
        await _until_gone(request, trouble.seconds)
        _reset(request)
    elif kind in ("reset", "lost"):
        _reset(request)
    elif trouble and kind == "slow":
        body = answer.body or b" " * PIECES
        status = 200 if answer.status == 204 else answer.status
        headers = _headers(answer) | {"content-length": str(len(body))}
        return StreamingResponse(_slowly(body, trouble.seconds), status, headers)
    return Response(answer.body, answer.status, _headers(answer))


def unpacked(headers: Mapping[str, str], body: bytes) -> bytes | None:
    """The body as it was before it was packed; None: it cannot be, or is too large."""
    if headers.get("content-encoding", "").lower() != "gzip":
        return body
    unpacking = zlib.decompressobj(GZIP)
    try:
        whole = unpacking.decompress(body, MAX_UNPACKED_BYTES)
    except zlib.error:
        return None
    return whole if unpacking.eof else None


def _headers(answer: Answer) -> dict[str, str]:
    return {"x-content-type-options": "nosniff", **answer.headers}


async def _until_gone(request: Request, seconds: float) -> None:
    """Waits until the client has had enough, or the time is over."""
    try:
        async with asyncio.timeout(seconds):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        pass


async def _slowly(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    step = -(-len(body) // PIECES)
    for begin in range(0, len(body), step):
        await asyncio.sleep(seconds / PIECES)
        yield body[begin : begin + step]


def _reset(request: Request) -> None:
    """Ends the connection without a word. ASGI has none for it; uvicorn's receiver, a method of its
    request, knows the transport."""
    transport: Any = request.receive.__self__.transport  # type: ignore[attr-defined]
    if transport.is_closing():  # the client went first
        return
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()
