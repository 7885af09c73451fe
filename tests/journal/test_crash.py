from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.journal import Chunk, DamageReason, FolderInUse, Mark, SegmentWriter

from .reading import drain, now, payloads

ROUNDS = 8
# Eight clients append; each acknowledged payload is told to the parent.
WRITER = """
import asyncio, os, sys, time
from pathlib import Path
from server.journal import Journal, SegmentWriter

async def client(journal, name):
    index = 0
    while True:
        payload = b"%s.%d.%d" % (sys.argv[2].encode(), name, index)
        await journal.append(payload)
        os.write(1, payload + b"\\n")
        index += 1

async def main():
    now = lambda: time.time_ns() // 1_000_000
    writer = SegmentWriter(Path(sys.argv[1]), segment_bytes=50_000, now=now)
    journal = Journal(writer)
    await asyncio.gather(*[client(journal, name) for name in range(8)])

asyncio.run(main())
"""


def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    folder = tmp_path / "w0"
    acknowledged: list[bytes] = []
    read = Chunk(records=[], mark=Mark(), damage=[])
    chance = random.Random(7)
    for number in range(ROUNDS):
        with writing(folder, number) as process:
            acknowledged.append(process.stdout.readline().strip())
            killed_at = time.monotonic() + chance.uniform(0, 0.15)
            while time.monotonic() < killed_at:
                read_on(folder, read)
            process.kill()
            # The last line may be cut: it was being told when the process died.
            acknowledged += process.stdout.read().split(b"\n")[:-1]
        SegmentWriter(folder, now=now).close()  # the lock died with the process
    read_on(folder, read)
    assert len(acknowledged) > ROUNDS
    assert set(acknowledged) <= set(payloads(read))
    assert read.records == drain(folder).records
    assert len({(record.src, record.off) for record in read.records}) == len(read.records)
    assert {found.reason for found in read.damage} <= {DamageReason.TORN_TAIL}


def test_a_folder_is_free_only_when_its_writer_is_dead(tmp_path: Path) -> None:
    with writing(tmp_path, 0) as process:
        process.stdout.readline()
        with pytest.raises(FolderInUse):
            SegmentWriter(tmp_path, now=now)
        process.kill()
    SegmentWriter(tmp_path, now=now).close()


@contextlib.contextmanager
def writing(folder: Path, number: int) -> Iterator[Any]:
    command = [sys.executable, "-c", WRITER, str(folder), str(number)]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_on(folder: Path, so_far: Chunk) -> None:
    chunk = drain(folder, so_far.mark)
    so_far.records += chunk.records
    so_far.damage += chunk.damage
    so_far.mark = chunk.mark
