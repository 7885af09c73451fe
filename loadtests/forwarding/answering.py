"""The partners: answer as each of them does when all is well, and count events, in a process.

    python -m loadtests.forwarding.answering FD FILE LATENCY_MS

FILE gets the number of events each tenth of a second.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from pathlib import Path

import msgspec

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
_LISTS = ((b"POST /mp/", "events", b""), (b"POST /open_api/", "data", b'{"code":0}'))


class Partner(asyncio.Protocol):
    """One connection."""

    events = 0
    latency_s = 0.0

    def __init__(self) -> None:
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._data, 0, end + 2)
            stop = end + 4 + (int(found[1]) if found else 0)
            if len(self._data) < stop:
                return
            head, body = self._data[:end], self._data[end + 4 : stop]
            self._data = self._data[stop:]
            answer = _answer(head, body)
            asyncio.get_running_loop().call_later(self.latency_s, self._transport.write, answer)


def _answer(head: bytes, body: bytes) -> bytes:
    for start, name, said in _LISTS:
        if head.startswith(start):
            Partner.events += len(msgspec.json.decode(body)[name])
            return _ok(said)
    if head.startswith(b"POST /v"):
        count = len(msgspec.json.decode(body)["data"])
        Partner.events += count
        return _ok(b'{"events_received":%d,"fbtrace_id":"x"}' % count)
    Partner.events += 1
    return _ok(b"")


def _ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def answer(door: socket.socket, told: Path) -> None:
    """Until killed."""
    await asyncio.get_running_loop().create_server(Partner, sock=door, backlog=512)
    while True:
        draft = told.with_suffix(".draft")
        draft.write_text(str(Partner.events))
        draft.rename(told)
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    Partner.latency_s = float(sys.argv[3]) / 1000
    asyncio.run(answer(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])))
