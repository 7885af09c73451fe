"""The pipeline's process: its loops, put together from the settings."""

from __future__ import annotations

import gc
import logging
import os
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from server.clock import now_ms
from server.containers.chosen import go_on
from server.destinations import DESTINATIONS, tag_types
from server.endpoints import partner_secrets, writer_endpoint
from server.enrich import open_places
from server.errors import ConfigError
from server.folders import containers_folder, private, seal_file
from server.histogram import Histogram
from server.journal import FolderInUse, FolderLock
from server.person.sealing import Seal, load_seal_keys
from server.pipeline.accountant import ACCOUNTS_PAUSE_S, Accountant
from server.pipeline.accounts import open_books
from server.pipeline.catalogue import Catalogue
from server.pipeline.follower import FOLLOW_PAUSE_S, FOLLOW_TIMEOUT_S, Follower
from server.pipeline.forwarder.forwarder import ForwardLoop
from server.pipeline.forwarder.reach import Reach
from server.pipeline.loader import Loader
from server.pipeline.loops import (
    LOAD_EVERY_S,
    LOAD_PAUSE_S,
    SORT_PAUSE_S,
    SWEEP_PAUSE_S,
    Loop,
    Runs,
    run_loops,
)
from server.pipeline.previewing import Plans
from server.pipeline.reconcile import RECONCILE_PAUSE_S, STATEMENT_S, Reconciler
from server.pipeline.scrape import Scrape
from server.pipeline.sorter import Sorter
from server.pipeline.spools import recover_all
from server.pipeline.state import STATE_FILE, State, create_state
from server.pipeline.sweeper import Sweeper
from server.processes import has_recorder
from server.settings import Settings
from server.store.client import Connection

GARBAGE_OBJECTS = 50_000

log = logging.getLogger(__name__)


def run_pipeline(settings: Settings) -> bool:
    """All of its loops, until SIGTERM; true when they ended well."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    data = private(settings.data)
    create_state(data / STATE_FILE)
    with _alone(data):
        loops = _loops(settings, data)
        gc.freeze()
        gc.set_threshold(GARBAGE_OBJECTS, 20, 20)  # rows make no cycles, and there are many
        return run_loops(loops, stop)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Keeps a second pipeline away from this data, and takes up what the last one left."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))  # each tag's spool is a file
    try:
        lock = FolderLock((data / STATE_FILE).parent)
    except FolderInUse as error:
        raise ConfigError([f"{data}: another pipeline works on this data folder"]) from error
    try:
        state = State(data / STATE_FILE)
        recover_all(data, state)
        open_books(data, state)
        state.close()
        yield
    finally:
        lock.release()


def _loops(settings: Settings, data: Path) -> list[Runs]:
    types = tag_types()
    chosen = go_on(containers_folder(settings), settings.containers, types)
    catalogue = Catalogue(types, chosen.values())
    seal = Seal(load_seal_keys(seal_file(settings)))
    sorter = partial(
        Sorter,
        data,
        plans=Plans(
            live=catalogue.plans,
            drafts=catalogue.drafts,
            destinations=DESTINATIONS,
            runs_page_tags=settings.page_tags,
        ),
        places=open_places(settings.geo),
        seal=seal,
        now=now_ms,
    )
    connection = Connection(writer_endpoint(settings))
    return [
        Loop("sorter", sorter, pause_s=SORT_PAUSE_S),
        _loader(settings, data, connection),
        _reconciler(settings, data),
        Loop("accounts", partial(Accountant, data, now=now_ms), pause_s=ACCOUNTS_PAUSE_S),
        _sweeper(settings, data),
        _forwarder(settings, data, catalogue, seal),
        _follower(settings, data, catalogue),
        *_metrics(settings, data, catalogue, connection.inserts),
    ]


def _loader(settings: Settings, data: Path, connection: Connection) -> Loop:
    make = partial(
        Loader,
        data,
        connection=connection,
        retention=settings.retention,
        now=now_ms,
        verifies=not settings.clickhouse,  # a server says so when it cannot keep rows
    )
    return Loop("loader", make, pause_s=LOAD_PAUSE_S, every_s=LOAD_EVERY_S)


def _metrics(
    settings: Settings, data: Path, catalogue: Catalogue, inserts: Histogram
) -> list[Runs]:
    if settings.metrics_listen is None:
        return []
    return [
        Scrape(
            data=data,
            address=settings.metrics_listen,
            inserts=inserts,
            destinations=catalogue.destinations,
            now=now_ms,
        )
    ]


def _follower(settings: Settings, data: Path, catalogue: Catalogue) -> Loop:
    make = partial(
        Follower,
        data,
        containers_folder(settings),
        connection=Connection(writer_endpoint(settings), timeout_s=FOLLOW_TIMEOUT_S),
        catalogue=catalogue,
    )
    return Loop("follower", make, pause_s=FOLLOW_PAUSE_S)


def _sweeper(settings: Settings, data: Path) -> Loop:
    make = partial(Sweeper, data, reserve_bytes=settings.disk_reserve, now=now_ms)
    return Loop("sweeper", make, pause_s=SWEEP_PAUSE_S)


def _reconciler(settings: Settings, data: Path) -> Loop:
    connection = Connection(writer_endpoint(settings), timeout_s=STATEMENT_S)
    make = partial(Reconciler, data, connection=connection, now=now_ms, rests=True)
    return Loop("reconciler", make, pause_s=RECONCILE_PAUSE_S)


def _forwarder(settings: Settings, data: Path, catalogue: Catalogue, seal: Seal) -> ForwardLoop:
    return ForwardLoop(
        data=data,
        destinations=DESTINATIONS,
        secrets=partner_secrets(settings, os.environ),
        seal=seal,
        now=now_ms,
        reach=reach(settings),
        needed=catalogue.needed,
    )


def reach(settings: Settings) -> Reach:
    """Where tags may send: the internet, networks that the operator allows, the demo's recorder."""
    doors: frozenset[tuple[str, int]] = frozenset()
    if has_recorder(settings) and (door := settings.demo_listen) is not None:
        is_any = door.host in {"localhost", "0.0.0.0", "::"}  # noqa: S104
        hosts = ("127.0.0.1", "::1") if is_any else (door.host,)
        doors = frozenset((host, door.port) for host in hosts)
    return Reach(networks=settings.partner_networks, doors=doors)
