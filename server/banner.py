"""What `up` says once everything answers: where everything is."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

from server.demo import DEMO
from server.endpoints import writer_endpoint
from server.folders import passwords_file
from server.processes import containers_of, has_recorder
from server.settings import Address, Settings


class Banner:
    """Waits until it may speak."""

    def __init__(self, settings: Settings, door: socket.socket) -> None:
        host, port = door.getsockname()[:2]
        self._settings = settings
        self._url = f"http://{Address(host, port)}"

    def show(self, stop: threading.Event, say: Callable[[str], None]) -> None:
        """Waits for the collector and for ClickHouse, then tells where they are."""
        endpoint = writer_endpoint(self._settings)
        scheme = "https" if endpoint.secure else "http"
        clickhouse = f"{scheme}://{endpoint.host}:{endpoint.port}"
        for url in (f"{self._url}/readyz", f"{clickhouse}/ping"):
            while not _answers(url):
                if stop.wait(0.2):
                    return
        for line in self._lines(clickhouse):
            say(line)

    def _lines(self, clickhouse: str) -> Iterator[str]:
        yield ""
        yield "Freehold is running."
        containers = containers_of(self._settings)
        if DEMO in containers:
            yield f"  demo shop    {self._url}/demo/"
        if has_recorder(self._settings):
            yield f"  recorder     http://{self._settings.demo_listen}/  what partners receive"
        for name, container in containers.items():
            yield f"  tag          {self._url}/{name}/{container.paths.tag}"
        yield f"  ClickHouse   {clickhouse}"
        if not self._settings.clickhouse:
            yield f"  analysts     user analyst, password in {passwords_file(self._settings)}"
        yield '  ask          freehold query "SELECT name, count() FROM freehold.events GROUP BY 1"'
        yield "  stop         Ctrl-C"
        yield ""


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
