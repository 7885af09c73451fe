"""The collector's application: the containers' own paths, and on Starlette what stands beside them.

GET  /healthz  /readyz     the process is there; it can store
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from server.collector import answers
from server.collector.collector import Collector
from server.collector.plain import ContainerPaths
from server.collector.teller import Teller
from server.errors import BadHit

TELL_EVERY_S = 60
GARBAGE_OBJECTS = 20_000
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

log = logging.getLogger(__name__)


def make_app(
    collector: Collector,
    *,
    pages: Sequence[Route] = (),
    teller: Teller | None = None,
    beside: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
) -> ASGIApp:
    """The ASGI application; `pages` are served beside the collector's own paths, `teller` tells of
    it, and what is `beside` runs as long as it."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_tell_refusals(collector.refusals))]
        if teller is not None:
            tasks.append(asyncio.create_task(teller.run()))
        tasks += [asyncio.create_task(run()) for run in beside]
        yield
        for task in tasks:
            task.cancel()
        await collector.journal.close()
        if teller is not None:
            await asyncio.to_thread(teller.tell)

    async def readyz(_: Request) -> Response:
        """503 while the journal cannot take hits: a load balancer then sends them elsewhere."""
        problem = collector.problem()
        status = 503 if problem else 200
        return PlainTextResponse(f"{problem or 'ok'}\n", status_code=status, headers=NO_STORE)

    rest = Starlette(
        lifespan=lifespan,
        routes=[Route("/healthz", _healthz), Route("/readyz", readyz), *pages],
        exception_handlers={404: _not_found, 405: _wrong_method},
    )
    rest.router.redirect_slashes = False  # it would build a URL from the client's Host
    return ContainerPaths(collector, rest)


def spare_collections() -> None:
    """For a process that only collects: hits make no cycles, so garbage is looked for rarely.

    Python's default of 700 new objects is a dozen hits, and costs a tenth of the hot path.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS, 20, 20)


async def _tell_refusals(refusals: Counter[str]) -> None:
    """Once a minute, what was refused in it: an operator sees a site that was forgotten."""
    told: Counter[str] = Counter()
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        new = refusals - told
        if new:
            log.warning("refused: %s", ", ".join(f"{reason} {n}" for reason, n in new.items()))
        told = Counter(refusals)


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok\n", headers=NO_STORE)


async def _not_found(request: Request, _: Exception) -> Response:
    detail = f"nothing at {request.url.path[:200]!r}"
    return _refused(BadHit(404, "path", detail, at="path"))


async def _wrong_method(request: Request, error: Exception) -> Response:
    response = _refused(
        BadHit(405, "method", f"{request.method} is not answered here", at="method")
    )
    response.headers.update(getattr(error, "headers", None) or {})  # Allow
    return response


def _refused(error: BadHit) -> Response:
    answer = answers.refused(error)
    response = Response(answer.body, status_code=answer.status)
    response.raw_headers += answer.to_asgi()
    return response
