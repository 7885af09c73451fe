"""The collector's routes, on Starlette.

POST /{container}/hit      JSON in, 204 once the disk has it     OPTIONS: the CORS preflight
GET  /{container}/hit.gif  the same by query string, for mail and noscript
GET  /{container}/tag.js   the tag, from memory
GET  /healthz  /readyz     the process is there; it can store
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.collector import answers, door
from server.collector.hits import Arrival, read_body, read_hit
from server.collector.site import Site
from server.envelope import seal
from server.errors import BadHit, JournalUnwritable
from server.journal import Journal, JournalBroken
from server.settings import Network

ALLOWED_METHODS = "GET, POST, OPTIONS"
TELL_EVERY_S = 60
TELL_ONE_IN = 1_000

log = logging.getLogger(__name__)


class Collector(Struct, frozen=True, kw_only=True):
    """What the routes need; made by cli.py."""

    sites: Mapping[str, Site]
    journal: Journal
    trusted: tuple[Network, ...]
    now: Callable[[], int]
    refusals: Counter[str]
    """Requests that the door refused, by reason."""


Handler = Callable[["Collector", Request], Awaitable[Response]]


def make_app(collector: Collector, *, pages: Sequence[Route] = ()) -> Starlette:
    """The ASGI application; `pages` are served beside the collector's own paths."""

    def route(path: str, handler: Handler, methods: list[str]) -> Route:
        async def endpoint(request: Request) -> Response:
            return await _answer(handler, collector, request)

        return Route(path, endpoint, methods=methods)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        telling = asyncio.create_task(_tell_refusals(collector.refusals))
        yield
        telling.cancel()
        await collector.journal.close()

    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/healthz", _healthz),
            route("/readyz", _readyz, ["GET"]),
            route("/{container}/tag.js", _tag, ["GET"]),
            route("/{container}/hit", _hit, ["POST", "OPTIONS"]),
            route("/{container}/hit.gif", _pixel, ["GET"]),
            *pages,
        ],
        exception_handlers={404: _not_found, 405: _wrong_method},
    )
    app.router.redirect_slashes = False  # it would build a URL from the client's Host
    return app


async def _tell_refusals(refusals: Counter[str]) -> None:
    """Once a minute, what was refused in it: an operator sees a site that was forgotten."""
    told: Counter[str] = Counter()
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        new = refusals - told
        if new:
            log.warning("refused: %s", ", ".join(f"{reason} {n}" for reason, n in new.items()))
        told = Counter(refusals)


async def _answer(handler: Handler, collector: Collector, request: Request) -> Response:
    """Runs a handler; whatever it refuses becomes an answer, with CORS when the origin may know."""
    try:
        door.check_headers(request.headers.raw)
        door.check_query(request.scope["query_string"])
        response = await handler(collector, request)
    except BadHit as error:
        collector.refusals[error.reason] += 1
        response = answers.refused(error)
    except JournalUnwritable as error:
        collector.refusals["unwritable"] += 1
        if collector.refusals["unwritable"] % TELL_ONE_IN == 1:  # the log may be on the same disk
            log.error("hit not stored: %s", error)
        response = answers.unwritable(error)
        if isinstance(error, JournalBroken):  # no write of this process will be believed again
            os.kill(os.getpid(), signal.SIGTERM)
    _allow_origin(collector, request, response)
    return response


async def _hit(collector: Collector, request: Request) -> Response:
    site = _site(collector, request)
    door.check_origin(request.headers.get("origin"), request.headers.get("host", ""), site)
    if request.method == "OPTIONS":
        return _preflight()
    headers = request.headers
    door.check_media(headers.get("content-type", ""), headers.get("content-encoding", ""))
    body = await read_body(request)
    door.check_body(body)
    arrival = await _store(collector, request, site, body)
    response = answers.verdict(arrival.hit) if arrival.debug else answers.stored()
    return _with_cookie(response, arrival)


async def _pixel(collector: Collector, request: Request) -> Response:
    site = _site(collector, request)
    arrival = await _store(collector, request, site, b"")
    response = answers.verdict(arrival.hit) if arrival.debug else answers.pixel()
    return _with_cookie(response, arrival)


async def _store(collector: Collector, request: Request, site: Site, body: bytes) -> Arrival:
    """Returns when the disk has the hit."""
    arrival = read_hit(request, body, site, trusted=collector.trusted, now=collector.now())
    await collector.journal.append(seal(arrival.hit))
    return arrival


async def _tag(collector: Collector, request: Request) -> Response:
    script = _site(collector, request).script
    headers = {
        "Cache-Control": "public, max-age=300, stale-while-revalidate=86400",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": script.etag,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if script.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = script.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = script.gzip, "gzip"
    return Response(body, media_type="text/javascript", headers=headers)


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok\n", headers=answers.NO_STORE)


async def _readyz(collector: Collector, _: Request) -> Response:
    """503 while the journal cannot take hits: a load balancer then sends them elsewhere."""
    problem = collector.journal.problem
    if problem:
        return PlainTextResponse(f"{problem}\n", status_code=503, headers=answers.NO_STORE)
    return PlainTextResponse("ok\n", headers=answers.NO_STORE)


def _site(collector: Collector, request: Request) -> Site:
    name = request.path_params["container"]
    site = collector.sites.get(name)
    if site is None:
        raise BadHit(404, "container", f"no container {name[:64]!r} here", at="path")
    return site


def _preflight() -> Response:
    headers = {
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Max-Age": "86400",
    }
    return Response(status_code=204, headers=headers)


def _with_cookie(response: Response, arrival: Arrival) -> Response:
    if arrival.set_cookie is not None:
        response.headers["Set-Cookie"] = arrival.set_cookie
    return response


def _allow_origin(collector: Collector, request: Request, response: Response) -> None:
    """CORS, exactly: the origin of a page that the container names, and no other."""
    if "origin" not in request.headers:
        return
    site = collector.sites.get(request.path_params.get("container", ""))
    origin = request.headers["origin"]
    response.headers.add_vary_header("Origin")
    if site is not None and site.allows(origin, request.headers.get("host", "")):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Expose-Headers"] = "X-Freehold-Error, Retry-After"


async def _not_found(request: Request, _: Exception) -> Response:
    return answers.refused(BadHit(404, "path", f"nothing at {request.url.path[:200]!r}", at="path"))


async def _wrong_method(request: Request, _: Exception) -> Response:
    error = BadHit(405, "method", f"{request.method} is not answered here", at="method")
    response = answers.refused(error)
    response.headers["Allow"] = ALLOWED_METHODS
    return response
