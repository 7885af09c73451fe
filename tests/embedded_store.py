"""A real embedded store in a process of its own: `with EmbeddedStore(folder) as store:`."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from server.store.embedded.users import Passwords, load_passwords

_PROGRAM = """
import sys
from pathlib import Path
from server.store.embedded.server import serve
from server.store.embedded.users import load_passwords
folder, passwords, port, memory = sys.argv[1:]
serve(
    Path(folder),
    listen=("127.0.0.1", int(port)),
    passwords=load_passwords(Path(passwords)),
    memory_bytes=int(memory),
)
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class EmbeddedStore:
    """Start, stop, kill and start again: the folder, the port and the passwords stay."""

    def __init__(self, folder: Path, *, memory_bytes: int = 2 << 30) -> None:
        self.folder = folder / "clickhouse"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._passwords_file = folder / "store-passwords"
        self.passwords: Passwords = load_passwords(self._passwords_file)
        self.process: subprocess.Popen[bytes] | None = None
        self._memory_bytes = memory_bytes
        self._log = folder / "store.log"

    def __enter__(self) -> EmbeddedStore:
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

    def start(self, *, wait_s: float = 30) -> None:
        arguments = [self.folder, self._passwords_file, self.port, self._memory_bytes]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, *map(str, arguments)], stdout=log, stderr=log
            )
        deadline = time.monotonic() + wait_s
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the store did not start:\n{self.log}")
            time.sleep(0.02)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/ping", timeout=1) as answer:
                return bool(answer.read() == b"Ok.\n")
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, *, wait_s: float = 10) -> int:
        """SIGTERM; the exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        try:
            return self.process.wait(wait_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process = None

    def kill(self) -> None:
        """SIGKILL: what a power cut does to a process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
