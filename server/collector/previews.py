"""Previews at the collector: the link that begins one, the cookie that goes on with it, its end.

    GET /shop/preview?token=…&to=https://www.example.com/  ──▶ cookie, 303 to the page
    GET /shop/preview                                       ──▶ the preview is over in this browser

Nothing is injected into the page: its own tag.js is another one, and its hits run through the
draft, so a strict Content-Security-Policy changes nothing.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from server.collector.answers import NO_STORE, Answer
from server.collector.asked import Asked
from server.collector.cookies import is_local
from server.collector.site import Site
from server.errors import BadHit
from server.studio.preview import COOKIE, read_preview

HEAD = NO_STORE + (
    b"referrer-policy: no-referrer\r\n"
    b"x-robots-tag: noindex\r\n"
    # Or the browser goes on with the tag.js that it has: of the live version, later of the draft.
    b'clear-site-data: "cache"\r\n'
)
TEXT = b"content-type: text/plain; charset=utf-8\r\n"
_ADDRESS = re.compile(r"(https?://[^/?#\\\s]+)(?:[/?#][\x21-\x5b\x5d-\x7e]*)?")
"""An origin and what follows it, in ASCII; without the backslash, which browsers read as `/`."""
MAX_FIELDS = 20


def answer(asked: Asked, site: Site, now: int) -> Answer:
    """Begins a preview, or ends it; raises BadHit for a link that is none, or no more."""
    query = asked.query.decode("latin-1")
    if query.count("&") >= MAX_FIELDS:
        raise BadHit(400, "too_many_fields", f"more than {MAX_FIELDS} fields", at="query")
    fields = dict(parse_qsl(query))
    token = fields.get("token", "")
    if not token:
        text = f"The preview of {site.container.id} is over in this browser.\n"
        return Answer(
            status=200, head=HEAD + TEXT + _cookie("", 0, asked, site), body=text.encode()
        )
    preview = read_preview(token, signer=site.previewer, now=now)
    if preview is None:
        raise _refused("the link is not one of this container's, or its time is over")
    if site.container.version > preview.base:
        version = site.container.version
        raise _refused(f"version {version} was published since the link was made; make a new one")
    if site.draft is None:
        raise _refused("the draft is not here yet, or it was ended; open the link again")
    to = _page(fields.get("to", ""), asked, site)
    cookie = _cookie(token, (preview.until - now) // 1000, asked, site)
    return Answer(status=303, head=HEAD + b"location: %b\r\n" % to.encode() + cookie)


def _page(to: str, asked: Asked, site: Site) -> str:
    """The page to go on to: one of the container's own sites, as it is or as it is drafted."""
    address, host = _ADDRESS.fullmatch(to), asked.fields.get(b"host", b"")
    origin = address[1].encode() if address else b""
    assert site.draft is not None
    if not any(one.allows(origin, host) for one in (site, site.draft)):
        detail = f"{to[:200]!r} is not a page of one of the container's sites"
        raise BadHit(403, "preview", detail, at="query to")
    return to


def _cookie(value: str, max_age_s: int, asked: Asked, site: Site) -> bytes:
    secure = "" if is_local(asked.text(b"host")) else "; Secure"
    text = (
        f"{COOKIE}{site.container.id}={value}; Max-Age={max_age_s}; Path=/; HttpOnly; SameSite=Lax"
    )
    return f"set-cookie: {text}{secure}\r\n".encode()


def _refused(detail: str) -> BadHit:
    return BadHit(403, "preview", detail, at="query token")
