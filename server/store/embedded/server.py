"""`freehold store`: one process that holds the embedded ClickHouse and answers for it over HTTP."""

from __future__ import annotations

import fcntl
import logging
import os
import resource
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from server.errors import FreeholdError
from server.store.embedded.answers import Place
from server.store.embedded.app import make_app
from server.store.embedded.configuration import Layout, lay_out, prepare
from server.store.embedded.gate import Gate
from server.store.embedded.landlock import fence
from server.store.embedded.runner import Runner
from server.store.embedded.running import Running
from server.store.embedded.users import FREEHOLD, Passwords

if TYPE_CHECKING:
    from server.store.embedded.engine import Engine

_LOG = logging.getLogger(__name__)

# SIGTERM: this long for what runs, then it is cancelled, then this long for its threads to end.
_GRACE_S = 2
_THREADS_S = 1
# ClickHouse's own default; shorter than what clients keep connections for.
_KEEP_ALIVE_S = 30
_MAX_CONNECTIONS = 512


def serve(
    folder: Path,
    *,
    listen: tuple[str, int],
    passwords: Passwords,
    memory_bytes: int,
    on_fenced: Callable[[], None] = lambda: None,
) -> None:
    """Serves until SIGTERM or SIGINT, and then stops within four seconds.

    Fences the process for good; raises FreeholdError when the folder or the address is taken.
    `on_fenced` may start threads, which the fence then holds too.
    """
    layout = lay_out(folder)
    with _locked(layout), _listening(listen) as listener:
        prepare(layout, memory_bytes)
        _allow_many_files()
        # Everything that the process itself, Python or the engine puts aside stays in the folder.
        tempfile.tempdir = os.environ["TMPDIR"] = str(layout.scratch)
        fence(layout.folder)
        on_fenced()
        # chDB starts threads when it is imported, and Landlock holds only threads started after it.
        from server.store.embedded.engine import Engine

        _serve(Engine(layout), layout, listener, passwords, memory_bytes)


def _serve(
    engine: Engine,
    layout: Layout,
    listener: socket.socket,
    passwords: Passwords,
    memory_bytes: int,
) -> None:
    with engine.connect(FREEHOLD) as connection:
        gate = Gate(connection, memory_bytes)
        place = Place(
            name=socket.gethostname(),
            timezone=connection.timezone(),
            content_types=connection.content_types(),
        )
    running = Running()
    runner = Runner(engine, gate, running, layout.scratch)
    config = uvicorn.Config(
        make_app(runner, running, place, passwords),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_S,
        lifespan="off",
    )
    with _signals_end_here():
        uvicorn.Server(config).run(sockets=[listener])
        _end_threads(engine, runner)


def _allow_many_files() -> None:
    """As ClickHouse does: each of its threads holds three, each part that is read a few."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says "unlimited" and does not mean it
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def _locked(layout: Layout) -> Iterator[None]:
    """Before anything in the folder is touched; the kernel lets go when the process ends."""
    layout.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (layout.folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FreeholdError(
                f"{layout.folder}: another process has this store open, and only one can. "
                "Stop it, or use it over HTTP"
            ) from None
        yield


@contextmanager
def _listening(listen: tuple[str, int]) -> Iterator[socket.socket]:
    """Bound before the fence, which then allows no port at all."""
    family = socket.AF_INET6 if ":" in listen[0] else socket.AF_INET
    try:
        listener = socket.create_server(listen, family=family, backlog=512)
    except OSError as error:
        raise FreeholdError(f"{listen[0]}:{listen[1]}: cannot listen: {error.strerror}") from None
    with listener:
        yield listener


@contextmanager
def _signals_end_here() -> Iterator[None]:
    """uvicorn raises a signal again once it has stopped, which would end us before the engine."""
    kept = {
        number: signal.signal(number, _do_nothing) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _do_nothing(number: int, frame: FrameType | None) -> None:
    pass


def _end_threads(engine: Engine, runner: Runner) -> None:
    """Waits for threads in the engine; one that does not end would hold the process for ever."""

    def end() -> None:
        engine.kill_all()
        runner.threads.shutdown()
        engine.close()

    ending = threading.Thread(target=end, daemon=True)
    ending.start()
    ending.join(_THREADS_S)
    if ending.is_alive():
        _LOG.warning("a query did not stop in time: leaving without it, as after a power cut")
        logging.shutdown()
        os._exit(0)
