"""A process that forks a child for each line it is told, so that a crash costs milliseconds.

    journal FOLDER ACKS     append, and note in ACKS what was acknowledged
    sort DATA               sort what lies in a data folder, as a pipeline does from its start

It runs under the shim, which kills the child at some call; each line is answered with the child's
exit status (negative: the signal). The other half is `Stepper`, for the harness.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from loadtests.faults import node
from loadtests.faults.shim import Shim
from server.journal import Journal, SegmentWriter

ROOT = Path(__file__).parents[2]
RECORDS = 14
SEGMENT_BYTES = 600


class Stepper:
    """`with Stepper(shim) as stepper: stepper.do("sort", data)`."""

    def __init__(self, shim: Shim) -> None:
        self._shim = shim

    def __enter__(self) -> Stepper:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "loadtests.faults.stepper"],
            cwd=ROOT,
            env={**os.environ, **self._shim.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def do(self, *words: object) -> int:
        """The child's exit status: 0, or negative for the signal that killed it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def append(folder: Path, acks: Path) -> None:
    """Two clients append at once; small segments, so that they are rolled as well."""
    told = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def client(journal: Journal, name: int) -> None:
        for number in range(RECORDS // 2):
            payload = b"%d.%d:" % (name, number) + b"x" * 40
            await journal.append(payload)
            os.write(told, payload + b"\n")

    async def work() -> None:
        writer = SegmentWriter(folder, segment_bytes=SEGMENT_BYTES, now=lambda: node.NOW)
        journal = Journal(writer, look_every_s=0.001)  # spares are made while it appends
        await asyncio.gather(client(journal, 0), client(journal, 1))
        await journal.close()

    asyncio.run(work())


def main() -> None:
    for line in sys.stdin:
        kind, *words = line.split()
        child = os.fork()
        if child == 0:
            try:
                if kind == "sort":
                    node.sort(Path(words[0]))
                else:
                    append(Path(words[0]), Path(words[1]))
            except BaseException as error:
                print(repr(error), file=sys.stderr)
                os._exit(1)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
