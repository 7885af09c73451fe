"""A named pipe that carries one result from the engine's thread to the client."""

from __future__ import annotations

import asyncio
import fcntl
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

_PIECE = 1 << 20


class Pipe:
    """The engine opens it by name and writes; closing the reader makes the engine's write fail."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{uuid.uuid4().hex}.pipe"
        os.mkfifo(self.path, 0o600)
        self._reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        # Ours, so that the reader meets no end before the engine has opened and closed its own.
        self._writer = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):
                fcntl.fcntl(self._reader, fcntl.F_SETPIPE_SZ, _PIECE)

    def finish(self) -> None:
        """The engine is done: what is in the pipe is the last."""
        os.close(self._writer)
        self.path.unlink()

    def close(self) -> None:
        os.close(self._reader)

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            try:
                data = os.read(self._reader, _PIECE)
            except BlockingIOError:
                await self._readable()
                continue
            if not data:
                return
            yield data

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self._reader, _mark_ready, ready)
        try:
            await ready
        finally:
            loop.remove_reader(self._reader)


def _mark_ready(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
