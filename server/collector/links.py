"""The path that a page asks for the token of a link to another site of the brand.

    POST /shop/link?c=1, from a page of the container's sites, with the visitor's cookie ──▶ token

A POST, since a browser always says with one which origin asks, also on its own host.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec.structs import replace

from server import identity
from server.collector import cookies, door, opt_out
from server.collector.answers import NO_STORE, Answer, set_cookie
from server.collector.asked import Asked
from server.collector.hits import ALLOWED, switches
from server.collector.site import Site
from server.errors import BadHit

HEAD = NO_STORE + b"content-type: text/plain; charset=utf-8\r\n"


def answer(asked: Asked, site: Site, now: int) -> Answer:
    """The token of a visitor whom the browser's cookie knows; raises BadHit."""
    door.check_query(asked.query)
    door.check_origin(asked, site)
    choice = switches(asked.query.decode("latin-1")).choice
    cookie, host = asked.text(b"cookie"), asked.text(b"host")
    opt_out.check(asked, cookie, choice, site, is_post=False)
    visitor = cookies.recognise(cookie, site, now=now)
    may_know = choice == ALLOWED and site.may_identify(choice) and not visitor.is_new
    if site.linker is None or not may_know:
        raise BadHit(204, "link_visitor", "no cookie tells who it is", at="header Cookie")
    told = Answer(status=200, head=HEAD)
    if identity.is_due(visitor, now=now):
        visitor = replace(visitor, session_seen_at=now)
        told = told.more(set_cookie(cookies.set_cookie(visitor, site, host=host, now=now)))
    token = site.linker.token(visitor, host=_host(asked), now=now)
    return replace(told, body=token.encode())


def _host(asked: Asked) -> str:
    """Of the page that asks; raises BadHit when none says so."""
    try:
        host = urlsplit(asked.text(b"origin")).hostname
    except ValueError:
        host = None
    if not host:
        raise BadHit(403, "origin", "a page asks, and says where it is", at="header Origin")
    return host
