"""The partners of the ten tags: answers 204 to everything, and counts, in a process of its own.

    python -m loadtests.drain.recorder FD FILE

A request of GA4's may hold 25 events, one of a webhook's holds one. FILE gets the number of events
each tenth of a second.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from pathlib import Path

import msgspec

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)


class Recorder(asyncio.Protocol):
    """One connection."""

    events = 0

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
            is_ga4 = head.startswith(b"POST /mp/")
            Recorder.events += len(msgspec.json.decode(body)["events"]) if is_ga4 else 1
            self._transport.write(ANSWER)


async def record(door: socket.socket, told: Path) -> None:
    """Until killed."""
    await asyncio.get_running_loop().create_server(Recorder, sock=door)
    while True:
        draft = told.with_suffix(".draft")
        draft.write_text(str(Recorder.events))
        draft.rename(told)
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(record(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])))
