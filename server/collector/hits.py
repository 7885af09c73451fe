"""A request becomes a Hit: what came in through the door, with nothing that may not be kept.

Pure: no socket, no clock, no framework. `plain` and `hit_protocol` both call it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from server import identity
from server.collector import cookies, door, image, opt_out
from server.collector.address import client_address
from server.collector.asked import Asked
from server.collector.site import Site
from server.containers.model import CookieMode
from server.dialects import native
from server.errors import BadHit
from server.model import KEPT_HEADERS, Hit, Preview, Visitor
from server.settings import Network

MAX_HEADER_CHARS = 2048
MAX_QUERY_FIELDS = 200
ALLOWED = "1"
"""`?c=1`: a cookie may be read and set."""
WITHDRAWN = "2"
"""`?c=2`: consent to the cookie is taken back. It is read once more, to know whose consent it was,
and deleted."""

_KEPT = tuple((name.encode(), name) for name in KEPT_HEADERS)


class Switches(NamedTuple):
    """What the query says to the door."""

    choice: str = ""
    """`c`: what may be known of the visitor."""
    debug: str = ""
    link: str = ""
    """`l`: what the link took along by which the visitor came."""


class Arrival(Struct, frozen=True, kw_only=True, gc=False):
    """A hit and what the answer has to say of it."""

    hit: Hit
    set_cookies: tuple[str, ...]
    debug: bool
    refused_link: str = ""
    """Why the link does not count by which the visitor came."""


def accept(
    asked: Asked, body: bytes, site: Site, *, trusted: Sequence[Network], now: int
) -> Arrival:
    """The hit of a POST that passes the door; raises BadHit. Its headers are bounded already."""
    fields = asked.fields
    door.check_origin(asked, site)
    door.check_media(fields.get(b"content-type", b""), fields.get(b"content-encoding", b""))
    door.check_body(body)
    return read_hit(asked, body, site, trusted=trusted, now=now)


def accept_image(asked: Asked, site: Site, *, trusted: Sequence[Network], now: int) -> Arrival:
    """The hit of an image: what its query tells, or the body in it, which passes the door as a
    POST's does; raises BadHit."""
    door.check_query(asked.query)
    asked, sent = image.unwrap(asked)
    body = b""
    if sent is not None:
        door.check_image(asked, site)
        body = image.body_of(sent)
        door.check_body(body)
    return read_hit(asked, body, site, trusted=trusted, now=now)


def read_hit(
    asked: Asked, body: bytes, site: Site, *, trusted: Sequence[Network], now: int
) -> Arrival:
    """The hit of a request that has passed the door; raises BadHit for its query."""
    door.check_query(asked.query)
    query = asked.query.decode("latin-1")
    choice, debug, link = switches(query)
    cookie = asked.text(b"cookie")
    opt_out.check(asked, cookie, choice, site, is_post=asked.is_post)
    if choice == opt_out.OUT:
        return _opting_out(asked, body, site, now)
    site, preview = _previewed(cookie, site, now)
    visitor, set_cookies, refused = _visitor(asked, choice, link, site, now)
    withdrawer = ""
    if choice == WITHDRAWN:
        withdrawer, set_cookies = _withdrawer(asked, site, now)
    forwarded_for = asked.every(b"x-forwarded-for") if trusted else ""
    hit = Hit(
        received_at=now,
        container_id=site.container.id,
        dialect=native.NAME,
        visitor=visitor,
        ip=client_address(asked.peer, forwarded_for, trusted),
        user_agent=asked.text(b"user-agent")[:MAX_HEADER_CHARS],
        headers=_kept(asked.fields),
        cookies=cookies.keep(cookie, site.kept_cookies) if visitor and site.kept_cookies else {},
        query=query,
        body=body,
        withdrawer=withdrawer,
        preview=preview,
    )
    return Arrival(hit=hit, set_cookies=set_cookies, debug=debug == "1", refused_link=refused)


def _visitor(
    asked: Asked, choice: str, link: str, site: Site, now: int
) -> tuple[Visitor | None, tuple[str, ...], str]:
    """Who it is, if that may be known, their cookie when it is due, and why a link is refused."""
    if not site.may_identify(choice):
        return None, (), ""
    own = cookies.recognise(asked.text(b"cookie"), site, now=now)
    visitor, refusal = site.linker.follow(own, link, now) if link and site.linker else (own, None)
    if visitor is own and not identity.is_due(own, now=now):
        return own, (), refusal or ""
    visitor = replace(visitor, session_seen_at=now)
    cookie = cookies.set_cookie(visitor, site, host=asked.text(b"host"), now=now)
    return visitor, (cookie,), refusal or ""


def _previewed(cookie: str, site: Site, now: int) -> tuple[Site, Preview]:
    """The draft's site and how it is looked at, in a browser that previews it."""
    preview = cookies.preview_of(cookie, site, now)
    if preview is None or site.draft is None:
        return site, ""
    return site.draft, preview.mode


def _withdrawer(asked: Asked, site: Site, now: int) -> tuple[str, tuple[str, ...]]:
    """Whose consent ends, and the end of their cookie; nobody's without a genuine one."""
    known = cookies.recognise(asked.text(b"cookie"), site, now=now)
    if known.is_new or site.cookie.mode is CookieMode.NEVER:
        return "", ()
    return known.visitor_id, (cookies.end_cookie(site, host=asked.text(b"host")),)


def _opting_out(asked: Asked, body: bytes, site: Site, now: int) -> Arrival:
    """The hit that takes all consent back, with nothing of its sender, and both cookies."""
    withdrawer, ended = _withdrawer(asked, site, now)
    hit = Hit(
        received_at=now,
        container_id=site.container.id,
        dialect=native.NAME,
        query=f"c={opt_out.OUT}",
        body=opt_out.refusal(body),
        withdrawer=withdrawer,
    )
    kept = cookies.set_opt_out(site, days=opt_out.DAYS, host=asked.text(b"host"))
    return Arrival(hit=hit, set_cookies=(*ended, kept), debug=False)


def _kept(fields: dict[bytes, bytes]) -> dict[str, str]:
    """The headers of the allow-list; nothing else leaves this function."""
    return {
        name: fields[raw].decode("latin-1")[:MAX_HEADER_CHARS]
        for raw, name in _KEPT
        if raw in fields
    }


@lru_cache(maxsize=256)
def switches(query: str) -> Switches:
    """The last of each; the other fields can wait for the dialect."""
    if query.count("&") >= MAX_QUERY_FIELDS:
        detail = f"more than {MAX_QUERY_FIELDS} fields"
        raise BadHit(400, "too_many_fields", detail, at="query")
    choice = debug = link = ""
    for field in query.split("&"):
        if field.startswith("c="):
            choice = field[2:]
        elif field.startswith("debug="):
            debug = field[6:]
        elif field.startswith("l="):
            link = field[2:]
    return Switches(choice, debug, link)
