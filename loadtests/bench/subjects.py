"""What is measured, and the child process that runs one of them: pinned, on an inherited socket."""

from __future__ import annotations

import os
import socket
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import uvicorn
from msgspec import Struct
from starlette.types import ASGIApp, Receive, Scope, Send

from loadtests.bench.request import CONTAINER, KEYS
from server.clock import now_ms
from server.collector.app import make_app, spare_collections
from server.collector.collector import Collector
from server.collector.hit_protocol import hit_protocol
from server.collector.protocol import BoundedProtocol
from server.collector.site import make_site
from server.journal import Journal, SegmentWriter


class Subject(Struct, frozen=True, kw_only=True):
    """One line of the table."""

    name: str
    label: str
    stores: bool = False
    durability: Literal["sync", "os"] = "sync"


SUBJECTS = (
    Subject(name="nginx", label="nginx, body in its log, unsynced"),
    Subject(name="bare", label="bare ASGI application, 204"),
    Subject(name="os", label="Freehold os", stores=True, durability="os"),
    Subject(name="sync", label="Freehold sync", stores=True),
    Subject(name="plain", label="Freehold sync, plain ASGI", stores=True),
)


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """The least that an ASGI application can do."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _parts(subject: Subject, folder: Path) -> tuple[ASGIApp, Any]:
    """The application and the protocol class."""
    if subject.name == "bare":
        return bare, "httptools"
    collector = Collector(
        sites={CONTAINER.id: make_site(CONTAINER, KEYS)},
        journal=Journal(SegmentWriter(folder, durability=subject.durability, now=now_ms)),
        trusted=(),
        now=now_ms,
        refusals=Counter(),
    )
    spare_collections()
    protocol = BoundedProtocol if subject.name == "plain" else hit_protocol(collector)
    return make_app(collector), protocol


def serve(subject: Subject, folder: Path, fd: int, core: int) -> None:
    """Runs one subject until SIGTERM."""
    os.sched_setaffinity(0, {core})
    app, protocol = _parts(subject, folder)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=protocol,
        lifespan="on" if subject.stores else "off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=fd)])


if __name__ == "__main__":
    _, name, place, number, core_number = sys.argv
    chosen = next(subject for subject in SUBJECTS if subject.name == name)
    serve(chosen, Path(place), int(number), int(core_number))
