"""What goes back to the client: headers, results, errors, and the break of a cut result."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping

from msgspec import Struct
from starlette.types import Send

from server.store.embedded.encoding import Compressor, choose, compressor
from server.store.embedded.errors import AUTHENTICATION_FAILED, StoreError
from server.store.embedded.request import Call
from server.store.embedded.spool import Spool
from server.store.embedded.statement import Totals

# Results up to this size are sent whole, with an exact status and summary. Larger ones stream.
WHOLE_BYTES = 1 << 20
_TEXT = "text/plain; charset=UTF-8"


class Place(Struct, frozen=True, kw_only=True):
    """What every answer says about this store."""

    name: str
    timezone: str
    content_types: Mapping[str, str]


class Broken(Exception):
    """The result failed after its beginning was sent: the connection has to be cut."""


class Answer:
    """One response; `call` is known once the client is."""

    def __init__(self, send: Send, place: Place, *, head: bool) -> None:
        self._send = send
        self._place = place
        self._head = head
        self._begun_ns = time.monotonic_ns()
        self.call: Call | None = None
        self.started = False

    async def text(self, status: int, text: str, extra: Mapping[str, str]) -> None:
        body = text.encode()
        length = {"Content-Type": _TEXT, "Content-Length": str(len(body))}
        await self._start(status, {**length, **self._common(), **extra})
        await self._finish(body)

    async def error(self, error: StoreError) -> None:
        extra = {"X-ClickHouse-Exception-Code": str(error.code)}
        if error.code == AUTHENTICATION_FAILED:
            extra["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
        await self.text(error.status, error.text + "\n", extra)

    async def done(self, totals: Totals) -> None:
        """A statement without a result."""
        await self.text(200, "", self._summary(totals, 0))

    async def result(self, format: str, spool: Spool, totals: Totals) -> None:
        """A result that is known to its end."""
        encoding = self._encoding() if spool.size else ""
        headers = {**self._headers(format, encoding), **self._summary(totals, spool.size)}
        if not encoding and not self._in_blocks:
            headers["Content-Length"] = str(spool.size)
        await self._start(200, headers)
        packer = self._packer(encoding)
        for chunk in spool.chunks():
            await self._more(packer.compress(chunk))
        await self._finish(packer.flush())

    async def stream(self, format: str, chunks: AsyncIterator[bytes]) -> None:
        """Sends as it comes. An error is written into the body, which is then left unfinished."""
        encoding = self._encoding()
        tag = secrets.token_hex(8)
        tagged = {"X-ClickHouse-Exception-Tag": tag}
        await self._start(200, {**self._headers(format, encoding), **tagged})
        packer = self._packer(encoding)
        try:
            async for chunk in chunks:
                await self._more(packer.compress(chunk))
        except StoreError as error:
            await self._more(packer.compress(_exception_block(error, tag)) + packer.flush())
            raise Broken(error.text) from None
        await self._finish(packer.flush())

    async def _start(self, status: int, headers: Mapping[str, str]) -> None:
        raw = [(k.encode("latin-1"), v.encode("latin-1", "replace")) for k, v in headers.items()]
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": raw})

    async def _more(self, body: bytes) -> None:
        if body and not self._head:
            await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def _finish(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": b"" if self._head else body})

    def _encoding(self) -> str:
        return choose(self.call.answer_encoding) if self.call else ""

    @property
    def _in_blocks(self) -> bool:
        return self.call is not None and self.call.answer_in_blocks

    def _packer(self, encoding: str) -> Compressor:
        return compressor(encoding, in_blocks=self._in_blocks)

    def _headers(self, format: str, encoding: str) -> dict[str, str]:
        content_type = self._place.content_types.get(format, _TEXT)
        headers = {"Content-Type": content_type, "X-ClickHouse-Format": format, **self._common()}
        return {**headers, "Content-Encoding": encoding} if encoding else headers

    def _common(self) -> dict[str, str]:
        common = {
            "X-ClickHouse-Server-Display-Name": self._place.name,
            "X-ClickHouse-Timezone": self._place.timezone,
        }
        return {**common, "X-ClickHouse-Query-Id": self.call.query_id} if self.call else common

    def _summary(self, totals: Totals, result_bytes: int) -> dict[str, str]:
        summary = {
            "read_rows": totals.read_rows,
            "read_bytes": totals.read_bytes,
            "written_rows": totals.written_rows,
            "written_bytes": totals.written_bytes,
            "total_rows_to_read": totals.read_rows,
            "result_rows": totals.written_rows,
            "result_bytes": totals.written_bytes or result_bytes,
            "elapsed_ns": time.monotonic_ns() - self._begun_ns,
        }
        return {"X-ClickHouse-Summary": json.dumps({k: str(v) for k, v in summary.items()})}


def _exception_block(error: StoreError, tag: str) -> bytes:
    """ClickHouse's frame around an error in the middle of a result (since 25.11)."""
    text = error.text.encode() + b"\n"
    mark = tag.encode()
    return b"".join(
        (
            b"\r\n__exception__\r\n" + mark + b"\r\n",
            text + f"{len(text)} ".encode() + mark,
            b"\r\n__exception__\r\n",
        )
    )
