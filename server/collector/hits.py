"""A request becomes a Hit: what came in through the door, with nothing that may not be kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import parse_qsl

import uuid_utils
from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import ClientDisconnect, Request

from server import identity
from server.collector import cookies, door
from server.collector.address import client_address
from server.collector.site import Site
from server.containers.model import CookieMode
from server.dialects import native
from server.errors import BadHit
from server.model import Hit, Visitor
from server.settings import Network

BODY_TIMEOUT_S = 10
KEPT_HEADERS = (
    "accept-language",
    "dnt",
    "referer",
    "sec-ch-ua",
    "sec-ch-ua-full-version-list",
    "sec-ch-ua-mobile",
    "sec-ch-ua-model",
    "sec-ch-ua-platform",
    "sec-ch-ua-platform-version",
    "sec-gpc",
    "signature-agent",
)
MAX_HEADER_CHARS = 2048
MAX_QUERY_FIELDS = 200
WITHDRAWN = "2"
"""`?c=2`: consent to the cookie is taken back. It is read once more, to know whose consent it was,
and deleted."""


class Arrival(Struct, frozen=True, kw_only=True):
    """A hit and what the answer has to say of it."""

    hit: Hit
    set_cookie: str | None
    debug: bool


def read_hit(
    request: Request,
    body: bytes,
    site: Site,
    *,
    trusted: Sequence[Network],
    now: int,
) -> Arrival:
    """The hit of a request that has passed the door."""
    query = request.scope["query_string"].decode("latin-1")
    fields = _fields(query)
    choice = fields.get("c", "")
    visitor, set_cookie = _visitor(request, site, choice, now)
    withdrawer = ""
    if choice == WITHDRAWN:
        withdrawer, set_cookie = _withdrawer(request, site, now)
    headers = request.headers
    hit = Hit(
        hit_id=str(uuid_utils.uuid7()),
        received_at=now,
        container_id=site.container.id,
        dialect=native.NAME,
        visitor=visitor,
        ip=client_address(
            request.client.host if request.client else "",
            ",".join(headers.getlist("x-forwarded-for")),
            trusted,
        ),
        user_agent=headers.get("user-agent", "")[:MAX_HEADER_CHARS],
        headers={
            name: headers[name][:MAX_HEADER_CHARS] for name in KEPT_HEADERS if name in headers
        },
        cookies=cookies.keep(headers.get("cookie", ""), site.kept_cookies) if visitor else {},
        query=query,
        body=body,
        withdrawer=withdrawer,
    )
    return Arrival(hit=hit, set_cookie=set_cookie, debug=fields.get("debug") == "1")


def _fields(query: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(query, max_num_fields=MAX_QUERY_FIELDS)) if query else {}
    except ValueError as error:
        detail = f"more than {MAX_QUERY_FIELDS} fields"
        raise BadHit(400, "too_many_fields", detail, at="query") from error


def _visitor(
    request: Request, site: Site, choice: str, now: int
) -> tuple[Visitor | None, str | None]:
    """Who came, and the cookie to set if it is due."""
    if not site.may_identify(choice):
        return None, None
    visitor = cookies.recognise(request.headers.get("cookie", ""), site, now=now)
    if not identity.is_due(visitor, now=now):
        return visitor, None
    visitor = replace(visitor, session_seen_at=now)
    host = request.headers.get("host", "")
    return visitor, cookies.set_cookie(visitor, site, host=host, now=now)


def _withdrawer(request: Request, site: Site, now: int) -> tuple[str, str | None]:
    """Whose consent ends, and the end of their cookie; nobody's without a genuine one."""
    known = cookies.recognise(request.headers.get("cookie", ""), site, now=now)
    if known.is_new or site.cookie.mode is CookieMode.NEVER:
        return "", None
    return known.visitor_id, cookies.end_cookie(site, host=request.headers.get("host", ""))


async def read_body(request: Request) -> bytes:
    """The body within its bounds of size and time; raises BadHit."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > door.MAX_BODY_BYTES:
        raise door.too_large()
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for piece in request.stream():
                size += len(piece)
                if size > door.MAX_BODY_BYTES:
                    raise door.too_large()
                pieces.append(piece)
    except ClientDisconnect as error:
        raise BadHit(400, "cut_off", "the client went away before the body was whole") from error
    except TimeoutError as error:
        raise BadHit(408, "slow_body", f"not whole after {BODY_TIMEOUT_S} s") from error
    return b"".join(pieces)
