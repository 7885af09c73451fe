"""A whole Freehold in its own processes and its own data folder, for end-to-end tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from server.endpoints import analyst_connection
from server.errors import FreeholdError, StoreUnavailable
from server.settings import read_settings
from server.store.client import Connection
from server.store.queries import ask
from tests.embedded_store import free_port

ROOT = Path(__file__).parent.parent
DEMO_URL = "http://127.0.0.1:8002"


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Returns when the condition holds; fails the test when it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds} s still not: {what}"
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class Running:
    """`freehold up` as an operator starts it: `with Running(folder) as freehold:`."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port, self.clickhouse_port, self.demo_port = free_port(), free_port(), free_port()
        self.metrics_url = f"http://127.0.0.1:{free_port()}/metrics"
        self.url = f"http://127.0.0.1:{self.port}"
        self.recorder_url = f"http://127.0.0.1:{self.demo_port}"
        self.containers = folder / "tag_configs"
        if not self.containers.exists():
            shutil.copytree(ROOT / "tag_configs", self.containers)
            demo = self.containers / "demo.yaml"
            demo.write_text(demo.read_text().replace(DEMO_URL, self.recorder_url))
        clean = {k: v for k, v in os.environ.items() if not k.startswith("FREEHOLD_")}
        self.environ = {
            **clean,
            "FREEHOLD_DATA": str(self.data),
            "FREEHOLD_DISK_RESERVE": "none",  # a machine that tests may have little room
            "FREEHOLD_LISTEN": f"127.0.0.1:{self.port}",
            "FREEHOLD_CLICKHOUSE_LISTEN": f"127.0.0.1:{self.clickhouse_port}",
            "FREEHOLD_DEMO_LISTEN": f"127.0.0.1:{self.demo_port}",
            "FREEHOLD_METRICS_LISTEN": urlsplit(self.metrics_url).netloc,
            "FREEHOLD_CONTAINERS": str(self.containers),
            "FREEHOLD_PARTNER_NETWORKS": "127.0.0.1",  # where the tests' partners are
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._log = folder / "up.log"
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def log(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def start(self) -> None:
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server", "up"],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
            )
        try:
            wait_for(lambda: "Freehold is running." in self.log, "running", 60)
            wait_for(self.has_tables, "tables", 60)
        except AssertionError:
            print(self.log)
            self.stop()
            raise

    def has_tables(self) -> bool:
        """Whether the last migration is done: on a busy machine that takes a while."""
        try:
            return bool(self.ask("EXISTS TABLE freehold.traces") == [[1]])
        except FreeholdError:
            return False

    def stop(self) -> float:
        """SIGTERM; returns the seconds that stopping took."""
        if self._connection is not None:
            self._connection.close()
        if self.process is None:
            return 0.0
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(20)
        self.process = None
        return time.monotonic() - began

    def children(self) -> dict[str, int]:
        """Process ids by command: `collect`, `pipeline`, `store`."""
        assert self.process is not None
        listed = subprocess.run(
            ["ps", "-axo", "ppid=,pid=,args="], capture_output=True, text=True, check=True
        ).stdout
        found: dict[str, int] = {}
        for line in listed.splitlines():
            parent, pid, *words = line.split()
            if int(parent) == self.process.pid and "server" in words:
                found[words[words.index("server") + 1]] = int(pid)
        return found

    def kill(self, *names: str) -> None:
        """SIGKILL to some of the processes; with none named, to every one, supervisor first."""
        children = self.children()
        if not names:
            assert self.process is not None
            self.process.kill()
            self.process.wait()
            self.process = None
        for name in names or children:
            if name in children:
                os.kill(children[name], signal.SIGKILL)

    def command(self, *arguments: str) -> str:
        """What `freehold …` prints; it must end well."""
        return subprocess.run(
            [sys.executable, "-m", "server", *arguments],
            cwd=ROOT, env=self.environ, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    def ask(self, sql: str) -> list[Any]:
        """Rows of a question, as `freehold query` asks it, but on a connection that is kept."""
        if self._connection is None:
            self._connection = analyst_connection(read_settings(self.environ))
        try:
            answer = b"".join(ask(self._connection, sql, fmt="JSONCompactEachRow"))
        except StoreUnavailable:  # perhaps only the connection is no more
            answer = b"".join(ask(self._connection, sql, fmt="JSONCompactEachRow"))
        return [json.loads(line) for line in answer.splitlines()]

    def post(self, body: Any, *, container: str = "demo", query: str = "c=1") -> int:
        """A hit as the tag sends it; returns the status, 0 when nobody answers."""
        request = urllib.request.Request(
            f"{self.url}/{container}/hit?{query}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "text/plain"},
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def recorded(self) -> Any:
        """What the demo's recorder shows: `partners`, and the `requests` that they were sent."""
        with urllib.request.urlopen(f"{self.recorder_url}/requests", timeout=5) as answer:
            return json.load(answer)
