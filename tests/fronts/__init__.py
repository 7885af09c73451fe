"""Real web servers in front of a collector, with the recipes of docs/operating.md.

`python -m tests.fronts` installs those that are missing, as root on Debian.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import ROOT, listens, wait_for

OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
COLLECTOR = "127.0.0.1:8000"
"""Where the recipes have it."""


def program(name: str) -> str | None:
    """Where it is; Debian keeps some where only root looks."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def connect(port: int, host: str, *, client: str = "127.0.0.1", is_tls: bool) -> socket.socket:
    """A connection of a client's address to a server of this machine that is known as the host,
    whoever signed its certificate."""
    connection = socket.create_connection(("127.0.0.1", port), 10, (client, 0))
    if not is_tls:
        return connection
    try:
        return ssl._create_unverified_context().wrap_socket(connection, server_hostname=host)
    except OSError:
        connection.close()
        raise


@contextmanager
def started(command: list[str], port: int, folder: Path, **environment: str) -> Iterator[None]:
    """A server that listens on the port, with what it says in the folder's `said`."""
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=said, env=environment or None
        )
        try:
            wait_for(lambda: process.poll() is not None or listens(port), command[0])
            assert process.poll() is None, (folder / "said").read_text()
            yield
        finally:
            process.terminate()
            process.wait(10)
