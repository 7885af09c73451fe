"""A store and a pipeline of their own, pinned to one core: `with Node(folder, core=0) as node:`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from loadtests.proc import cpu_s
from loadtests.traffic import CONTAINER_ID
from server.endpoints import analyst_connection
from server.errors import FreeholdError
from server.pipeline.state import STATE_FILE, State
from server.settings import read_settings
from server.store.queries import ask
from tests.embedded_store import free_port

ROOT = Path(__file__).parents[2]
CONTAINER = Path(__file__).with_name("container.yaml")
SECRET = "DRAIN"
START_S = 60


class Node:
    """Two processes; the journal comes later, so that their start is not measured."""

    def __init__(self, folder: Path, *, core: int, partner: str) -> None:
        self.data = folder / "data"
        self.journal = self.data / "journal" / "w0"
        self.log = folder / "node.log"
        self.journal.parent.mkdir(parents=True, mode=0o700)
        self._core = core
        containers = folder / "containers"
        containers.mkdir()
        text = CONTAINER.read_text().replace("{partner}", partner)
        (containers / f"{CONTAINER_ID}.yaml").write_text(text)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("FREEHOLD_")}
        own = {
            "FREEHOLD_DATA": str(self.data),
            "FREEHOLD_CONTAINERS": str(containers),
            "FREEHOLD_CLICKHOUSE_LISTEN": f"127.0.0.1:{free_port()}",
            "FREEHOLD_DEMO_LISTEN": "none",
            "FREEHOLD_PARTNER_NETWORKS": "127.0.0.1",
        }
        self._environ = clean | own
        self._settings = read_settings(self._environ)
        self._analyst = analyst_connection(self._settings)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Node:
        try:
            self._start("store")
            self._until(self._answers, "the store")
            self._start("pipeline")
            self._until(lambda: self.rows() == 0, "the tables")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def rows(self) -> int:
        """Rows of `events` that can be counted; -1 while nobody answers."""
        try:
            answer = ask(self._analyst, "SELECT count() FROM freehold.events", fmt="TSV")
            return int(b"".join(answer))
        except FreeholdError:
            return -1

    def counts(self) -> dict[str, int]:
        """What the pipeline has counted so far."""
        state = State(self.data / STATE_FILE)
        try:
            return state.counts()
        finally:
            state.close()

    def deliver(self) -> None:
        """Gives the tags the secret that they wait for."""
        path = self.data / "keys" / "secrets" / SECRET
        draft = path.with_suffix(".draft")
        draft.write_text("a-secret-of-a-benchmark")
        draft.chmod(0o600)
        draft.rename(path)

    def cpu_s(self, name: str) -> float:
        """Processor time that a process has used."""
        return cpu_s(self.processes[name].pid)

    def rss_mb(self, name: str, *, most: bool = False) -> float:
        """A process's resident memory, now or at its most."""
        word = "VmHWM:" if most else "VmRSS:"
        lines = Path(f"/proc/{self.processes[name].pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(word)) / 1024

    def check(self) -> None:
        """Exits, with what they said, when one of the processes has ended."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise SystemExit(f"the {name} has ended:\n{self.log.read_text()[-4000:]}")

    def _start(self, name: str) -> None:
        with self.log.open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "server", name],
                cwd=ROOT,
                env=self._environ,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: os.sched_setaffinity(0, {self._core}),
            )

    def _answers(self) -> bool:
        with socket.socket() as client:
            address = self._settings.clickhouse_listen
            return client.connect_ex((address.host, address.port)) == 0

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_S
        while not holds():
            self.check()
            if time.monotonic() > deadline:
                raise SystemExit(f"after {START_S} s still not there: {what}")
            time.sleep(0.1)

    def _stop(self) -> None:
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            process.wait(30)
