"""One real collector process with its journal, to which hits are sent over the network, with or
without the shim under it."""

from __future__ import annotations

import http.client
import json
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from loadtests.faults.reading import drain
from loadtests.faults.shim import Shim
from server.envelope import unseal
from server.journal import Mark
from server.model import Hit

ROOT = Path(__file__).parents[2]
CONTAINER = "faults"
YAML = f"id: {CONTAINER}\nsites: [self]\ncookie: {{mode: consent}}\n"
ANSWER_S = 10.0
START_S = 60.0


class Answer(Struct, frozen=True, kw_only=True):
    """What came back; status 0: nothing did."""

    status: int
    seconds: float
    retry_after: str = ""
    set_cookie: str = ""

    @property
    def is_well(self) -> bool:
        """An acknowledgement."""
        return 200 <= self.status < 300

    @property
    def is_busy(self) -> bool:
        """The refusal that a full disk is answered with."""
        return self.status == 503 and self.retry_after.isdecimal()


class Collecting:
    """`with Collecting(folder) as collecting:`; `folder/data` may be a file system of its own."""

    def __init__(
        self, folder: Path, *, shim: Shim | None = None, tags: str = "", reserve: str = "none"
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.acknowledged: set[str] = set()
        self.answers: list[Answer] = []
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("FREEHOLD_")}
        self.environ |= {
            "FREEHOLD_DATA": str(self.data),
            "FREEHOLD_KEYS": str(folder / "keys"),
            "FREEHOLD_CONTAINERS": str(folder / "containers"),
            "FREEHOLD_DEMO_LISTEN": "none",
            "FREEHOLD_PARTNER_NETWORKS": "127.0.0.1",
            "FREEHOLD_DISK_RESERVE": reserve,
            **(shim.environ if shim else {}),
        }
        (folder / "containers").mkdir(parents=True)
        (folder / "containers" / f"{CONTAINER}.yaml").write_text(YAML + tags)
        self.lost = 0  # records that the journals' reader tells as lost
        self._sent = 0
        self._marks: dict[str, Mark] = {}
        self._events = Counter[str]()
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._door.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Collecting:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._door.close()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def start(self) -> None:
        """Starts the process, and returns when it answers."""
        fd = self._door.fileno()
        self.process = self.run("collect", "--fd", str(fd), fds=(fd,))
        deadline = time.monotonic() + START_S
        while self.get("/healthz") != 200:
            assert self.process.poll() is None, f"it does not start: {self.log}"
            assert time.monotonic() < deadline, f"it does not answer: {self.log}"

    def run(self, *words: str, fds: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        """`freehold …` on the same data."""
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "server", *words],
                cwd=ROOT,
                env=self.environ,
                pass_fds=fds,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
            )

    def stop(self) -> None:
        """SIGTERM, and SIGKILL to what does not hear it."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def get(self, path: str) -> int:
        """The status of a GET; 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def post(self, *, cookie: str = "", size: int = 10, name: str = "page_view") -> Answer:
        """One hit with one event of its own; remembers whether it was acknowledged."""
        with self._lock:
            self._sent += 1
            event_id = f"0199c000-0000-7000-8000-{self._sent:012d}"
        event = {"name": name, "id": event_id, "props": {"x": "x" * size}}
        answer = self._post(json.dumps({"v": 1, "events": [event]}), cookie)
        with self._lock:
            self.answers.append(answer)
            if answer.is_well:
                self.acknowledged.add(event_id)
        return answer

    def post_many(self, count: int, *, at_once: int, size: int = 10) -> list[Answer]:
        """Hits from so many clients."""
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(lambda _: self.post(size=size), range(count)))

    def hits(self) -> list[Hit]:
        """What has come to the journals since the last time, in order, as a pipeline reads it."""
        found: list[Hit] = []
        for folder in sorted((self.data / "journal").glob("w*")):
            chunk = drain(folder, self._marks.get(folder.name))
            self._marks[folder.name] = chunk.mark
            self.lost += sum(damage.lost or 0 for damage in chunk.damage)
            found += [unseal(record.payload) for record in chunk.records]
        for hit in found:
            self._events.update(event["id"] for event in json.loads(hit.body)["events"])
        return found

    def compared(self) -> tuple[int, int]:
        """How many acknowledged events are not in the journals, and how many are there twice."""
        self.hits()
        doubled = sum(times - 1 for times in self._events.values())
        return len(self.acknowledged - self._events.keys()), doubled

    def recovered(self, seconds: float = 30) -> float:
        """Posts until one is acknowledged again; returns the seconds it took, or inf."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.post().is_well:
                return time.monotonic() - began
            time.sleep(0.05)
        return math.inf

    def _post(self, body: str, cookie: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_S)
        began = time.monotonic()
        headers = {"Content-Type": "text/plain", "User-Agent": "Mozilla/5.0", "Cookie": cookie}
        try:
            connection.request("POST", f"/{CONTAINER}/hit?c=1", body=body, headers=headers)
            got = connection.getresponse()
            got.read()
            return Answer(
                status=got.status,
                seconds=time.monotonic() - began,
                retry_after=got.getheader("Retry-After") or "",
                set_cookie=got.getheader("Set-Cookie") or "",
            )
        except (OSError, http.client.HTTPException):
            return Answer(status=0, seconds=time.monotonic() - began)
        finally:
            connection.close()
