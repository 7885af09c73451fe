"""What each process is made of: the parts of `up`, put together from the settings."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn

from server.clock import now_ms
from server.collector.app import Collector, make_app
from server.collector.protocol import BoundedProtocol
from server.collector.site import make_site
from server.containers.load import load_containers
from server.endpoints import keys_file, passwords_file, private, writer_endpoint
from server.enrich import open_places
from server.errors import ConfigError
from server.identity import load_keys
from server.journal import FolderInUse, Journal, SegmentWriter, claim_slot
from server.pipeline.loader import Loader
from server.pipeline.loops import LOAD_PAUSE_S, SORT_PAUSE_S, Loop, run_loops
from server.pipeline.sorter import Sorter
from server.pipeline.state import STATE_FILE, create_state
from server.settings import Address, Settings
from server.store import embedded
from server.store.client import Connection
from server.supervise import Program, follow_lifeline

GRACE_S = 3

log = logging.getLogger(__name__)


@contextmanager
def listen(address: Address) -> Iterator[socket.socket]:
    """A listening socket that children inherit, so that it outlives each of them."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((address.host, address.port))
        except OSError as error:
            raise ConfigError([f"FREEHOLD_LISTEN={address}: {error.strerror}"]) from error
        door.listen(2048)
        yield door


def programs(settings: Settings, door: socket.socket) -> list[Program]:
    """Everything that `up` runs; the store first, since the pipeline asks for it."""
    found = [] if settings.clickhouse else [_program("store")]
    return [*found, _program("pipeline"), *collectors(settings, door)]


def collectors(settings: Settings, door: socket.socket) -> list[Program]:
    """The collector's processes on one listening socket."""
    fd = door.fileno()
    return [
        Program(name=f"collector {n}", argv=[*_argv("collect"), "--fd", str(fd)], fds=(fd,))
        for n in range(settings.workers)
    ]


def _program(name: str) -> Program:
    return Program(name=name, argv=_argv(name))


def _argv(command: str) -> list[str]:
    return [sys.executable, "-P", "-m", "server", command]  # -P: ours, not the folder's `server`


def run_store(settings: Settings) -> None:
    """The embedded ClickHouse, until SIGTERM."""
    folder = private(settings.data / "clickhouse")
    listen_on = settings.clickhouse_listen
    embedded.serve(
        folder,
        listen=(listen_on.host, listen_on.port),
        passwords=embedded.load_passwords(passwords_file(settings)),
        memory_bytes=settings.clickhouse_memory,
        on_fenced=follow_lifeline,
    )


def run_pipeline(settings: Settings) -> bool:
    """Sorter and loader, until SIGTERM; true when they ended well."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    data = private(settings.data)
    create_state(data / STATE_FILE)
    sorter = partial(
        Sorter,
        data,
        containers=load_containers(settings.containers),
        places=open_places(settings.geo),
        now=now_ms,
    )
    loader = partial(
        Loader,
        data,
        connection=Connection(writer_endpoint(settings)),
        retention=settings.retention,
        now=now_ms,
    )
    loops = [
        Loop("sorter", sorter, pause_s=SORT_PAUSE_S),
        Loop("loader", loader, pause_s=LOAD_PAUSE_S),
    ]
    return run_loops(loops, stop)


def run_collector(settings: Settings, fd: int) -> None:
    """One collector on an inherited socket, until SIGTERM."""
    keys = load_keys(keys_file(settings))
    sites = {
        name: make_site(container, keys)
        for name, container in load_containers(settings.containers).items()
    }
    collector = Collector(
        sites=sites,
        journal=Journal(_open_journal(settings)),
        trusted=settings.trusted_proxies,
        now=now_ms,
        refusals=Counter(),
    )
    config = uvicorn.Config(
        make_app(collector),
        loop="uvloop",
        http=BoundedProtocol,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        backlog=2048,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=fd)])


def _open_journal(settings: Settings) -> SegmentWriter:
    """The first journal that no other worker writes."""
    root = private(settings.data / "journal")
    while True:
        folder, slot = claim_slot(root)
        try:
            return SegmentWriter(folder, slot=slot, durability=settings.durability, now=now_ms)
        except FolderInUse:
            continue


class Banner:
    """What `up` says once everything answers."""

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
        containers = load_containers(self._settings.containers)
        if "demo" in containers:
            yield f"  demo page    {self._url}/demo/"
        for name in containers:
            yield f"  tag          {self._url}/{name}/tag.js"
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
