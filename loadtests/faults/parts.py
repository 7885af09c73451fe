"""A Freehold in pieces: store, pipeline and collector started and killed one by one.

    with Parts(folder) as parts:
        load = Load(parts.hit_url); load.start()
        parts.kill("pipeline"); parts.start("pipeline")
        outcome = judge(parts, load.stop(), ...)        # oracle.py

The harness stands in for the supervisor, so that a round need not wait for its pauses; it holds the
listening socket as the supervisor does. `pipeline_argv` replaces the pipeline's command,
`store_port` is the port at which the pipeline (alone) looks for ClickHouse.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from loadtests.load import CONSENT
from server.endpoints import writer_endpoint
from server.errors import FreeholdError, StoreUnavailable
from server.settings import read_settings
from server.store.client import Connection
from server.store.endpoint import Endpoint
from tests.embedded_store import free_port
from tests.running import ROOT, wait_for

NAMES = ("store", "pipeline", "collect")
CONTAINER = "id: faults\nsites: [self]\ncookie: {mode: consent}\n"
START_S = 60


class Parts:
    """Three processes, one data folder."""

    def __init__(
        self,
        folder: Path,
        *,
        container: str = CONTAINER,
        pipeline_argv: Sequence[str] = ("-m", "server", "pipeline"),
        store_port: int = 0,
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        (folder / "tag_configs").mkdir(exist_ok=True)
        (folder / "tag_configs" / "faults.yaml").write_text(container)
        self._door = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self.hit_url = f"{self.url}/faults/hit"
        self.clickhouse_port = free_port()
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("FREEHOLD_")},
            "FREEHOLD_DATA": str(self.data),
            "FREEHOLD_DISK_RESERVE": "none",
            "FREEHOLD_METRICS_LISTEN": "none",
            "FREEHOLD_PARTNER_NETWORKS": "127.0.0.1",
            "FREEHOLD_CONTAINERS": str(folder / "tag_configs"),
            "FREEHOLD_CLICKHOUSE_LISTEN": f"127.0.0.1:{self.clickhouse_port}",
        }
        self._pipeline_argv = pipeline_argv
        self.store_port = store_port
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.probes: set[str] = set()
        """Ids that `first_answer` sent: they were acknowledged too."""
        self._connection: Connection | None = None

    def __enter__(self) -> Parts:
        logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # killed on purpose
        try:
            for name in NAMES:
                self.start(name)
            wait_for(self.answers, "a store with tables", START_S)
            self.first_answer()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, name: str, more: Mapping[str, str] | None = None) -> None:
        """Starts one of the three; `more` is added to its environment."""
        environ, argv = {**self.environ, **(more or {})}, ["-m", "server", name]
        if name == "pipeline":
            argv = list(self._pipeline_argv)
            if self.store_port:
                environ["FREEHOLD_CLICKHOUSE_LISTEN"] = f"127.0.0.1:{self.store_port}"
        fds = (self._door.fileno(),) if name == "collect" else ()
        argv += [word for fd in fds for word in ("--fd", str(fd))]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *argv], cwd=ROOT, env=environ, stdout=log, stderr=log, pass_fds=fds
            )

    def kill(self, *names: str) -> None:
        """SIGKILL, to all at once, and waits until they are gone."""
        gone = [self.processes.pop(name) for name in names]
        for process in gone:
            process.kill()
        for process in gone:
            process.wait()

    def stop(self, *names: str) -> None:
        """SIGTERM, and waits."""
        for name in names:
            process = self.processes.pop(name)
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    def close(self) -> None:
        """Ends what runs."""
        self.kill(*self.processes)
        if self._connection is not None:
            self._connection.close()
        self._door.close()

    def log(self, name: str) -> str:
        """What one of the three has said."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def endpoint(self) -> Endpoint:
        """ClickHouse itself, past any proxy, as the pipeline."""
        return writer_endpoint(read_settings(self.environ))

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a question, on a connection that is kept."""
        if self._connection is None:
            self._connection = Connection(self.endpoint, timeout_s=60)
        try:
            return self._rows(self._connection, sql)
        except StoreUnavailable:  # perhaps only the connection is no more
            return self._rows(self._connection, sql)

    @staticmethod
    def _rows(connection: Connection, sql: str) -> list[tuple[Any, ...]]:
        with connection.open() as client:
            return [tuple(row) for row in client.query(sql).result_rows]

    def command(self, sql: str) -> None:
        """A statement without rows."""
        connection = Connection(self.endpoint)
        try:
            with connection.open() as client:
                client.command(sql)
        finally:
            connection.close()

    def answers(self) -> bool:
        """Whether the store has its table of events."""
        try:
            return bool(self.ask("SELECT count() FROM freehold.events"))
        except FreeholdError:
            return False

    def first_answer(self, *, seconds: float = START_S) -> float:
        """Posts one event until it is acknowledged; returns the seconds that took."""
        began = time.monotonic()
        event = {"id": str(uuid.uuid4()), "name": "page_view", "at": int(time.time() * 1000)}
        tries = 0
        while not 200 <= self.post([{**event, "try": tries}]) < 300:
            assert time.monotonic() < began + seconds, "the collector does not answer"
            tries += 1
            time.sleep(0.01)
        self.probes.add(str(event["id"]))
        return time.monotonic() - began

    def post(self, events: list[dict[str, Any]], *, timeout_s: float = 10) -> int:
        """The status of one hit, 0 when there is no answer."""
        body = {"v": 1, "sent_at": int(time.time() * 1000), "consent": CONSENT, "events": events}
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=timeout_s)
        with contextlib.closing(connection):
            try:
                headers = {"Content-Type": "text/plain"}
                connection.request("POST", "/faults/hit?c=1", json.dumps(body), headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return 0
            return answer.status
