from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from server.store.embedded.pipe import Pipe


async def collect(pipe: Pipe) -> bytes:
    return b"".join([chunk async for chunk in pipe.chunks()])


def test_what_is_written_by_name_is_read(tmp_path: Path) -> None:
    data = os.urandom(5 << 20)

    async def carry() -> bytes:
        pipe = Pipe(tmp_path)
        loop = asyncio.get_running_loop()

        def write() -> None:
            pipe.path.write_bytes(data)
            loop.call_soon_threadsafe(pipe.finish)

        writing = threading.Thread(target=write)
        writing.start()
        read = await collect(pipe)
        writing.join()
        pipe.close()
        return read

    assert asyncio.run(carry()) == data
    assert list(tmp_path.iterdir()) == []


def test_nothing_written_is_an_end_and_not_a_wait(tmp_path: Path) -> None:
    async def carry() -> bytes:
        pipe = Pipe(tmp_path)
        asyncio.get_running_loop().call_later(0.01, pipe.finish)
        read = await collect(pipe)
        pipe.close()
        return read

    assert asyncio.run(carry()) == b""


def test_a_writer_whose_reader_has_gone_fails(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path)
    with pipe.path.open("wb", buffering=0) as file:
        pipe.close()
        with pytest.raises(BrokenPipeError):
            file.write(b"x")
    pipe.finish()
