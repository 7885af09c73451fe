"""A subject while it runs, and what it left in its journal."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from loadtests.bench import nginx
from loadtests.bench.request import Work
from loadtests.bench.subjects import Subject
from loadtests.proc import cpu_s
from server import journal
from server.journal import Mark

ROOT = Path(__file__).parents[2]
START_S = 20


class Running:
    """The child process of one subject: `with Running(subject, folder, core=0) as server:`."""

    def __init__(self, subject: Subject, folder: Path, *, core: int) -> None:
        self.subject = subject
        self.folder = folder / subject.name
        self.script = folder / f"{subject.name}.lua"
        self.acknowledged = self.bodies = 0
        """Answered well; and those of them that had a body."""
        self.cut_off = 0
        """Requests that may have been on their way when a run ended: stored, but not answered."""
        self._core = core

    def __enter__(self) -> Running:
        self._door = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port = self._door.getsockname()[1]
        fd = self._door.fileno()
        fds: list[int] = []
        if self.subject.name == "nginx":
            self._door.close()  # it listens by itself
            command = nginx.command(self.folder, self.port, self._core)
        else:
            command = [sys.executable, "-m", "loadtests.bench.subjects", self.subject.name]
            command += [str(self.folder), str(fd), str(self._core)]
            fds = [fd]
        self.process = subprocess.Popen(command, cwd=ROOT, pass_fds=fds)
        self._wait()
        return self

    def _wait(self) -> None:
        """Returns when the server answers."""
        deadline = time.monotonic() + START_S
        while True:
            with contextlib.suppress(OSError), socket.socket() as client:
                client.settimeout(START_S)
                client.connect(("127.0.0.1", self.port))
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                if client.recv(1):
                    return
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.subject.label} does not answer")
            time.sleep(0.05)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the process; what it stored can then be counted."""
        self.process.terminate()
        self.process.wait(10)
        self._door.close()

    def url(self, work: Work) -> str:
        """Where a kind of request goes."""
        return f"http://127.0.0.1:{self.port}{work.path}"

    def note(self, work: Work, answered: int, connections: int = 0) -> None:
        """So many were answered 2xx; as many as there were connections may have been cut off."""
        if work.is_stored:
            self.acknowledged += answered
            self.bodies += answered if work.body else 0
            self.cut_off += connections

    def rss_mb(self) -> float:
        """The process's resident memory now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2

    def cpu_s(self) -> float:
        """Processor time that the process has used."""
        return cpu_s(self.process.pid)

    def holds(self, stored: int) -> bool:
        """Whether so many stored are those that were answered, and perhaps those cut off."""
        return self.acknowledged <= stored <= self.acknowledged + self.cut_off

    def stored(self) -> int:
        """Records in the journal."""
        count, mark = 0, Mark()
        while (chunk := journal.read(self.folder, mark)).mark != mark:
            count += len(chunk.records)
            mark = chunk.mark
        return count
