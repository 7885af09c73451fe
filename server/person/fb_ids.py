"""Meta's `fbc` and `fbp`, as Meta's own parameter builder makes them for its two cookies.

    fb.<subdomain index>.<made at, ms>.<fbclid, or a number up to 2^31 - 1>

The subdomain index is the number of dots in the domain that the cookie is set for: 1 for
example.com, 2 for example.co.uk, 0 for an address. Meta's builder adds a fifth part, which says
which release of it made the value; a cookie that has one keeps it, ours have none.
https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc
"""

from __future__ import annotations

import hashlib

from server.domains import registrable_domain
from server.model import NO_VISITOR, Person
from server.person.clicks import META_COOKIE

FBC_COOKIE, FBP_COOKIE = "_fbc", "_fbp"
_DERIVED_FROM_MS = 1_700_000_000_000


def fbc(person: Person, host: str, now: int) -> str:
    """The click that brought the visitor to `host`; "" when there was none.

    The cookie, unless the address told of another click that is not older. `now`, in ms, is when
    it was clicked if the person does not say.
    """
    cookie = _cookie(person, FBC_COOKIE)
    fbclid = person.click_ids.get("fbclid", "")
    if not fbclid:
        return cookie
    clicked_at = person.clicked_at.get("fbclid", now)
    match = META_COOKIE.fullmatch(cookie)
    if match and (match["id"] == fbclid or int(match["ms"]) > clicked_at):
        return cookie
    return f"fb.{subdomain_index(host)}.{clicked_at}.{fbclid}"


def fbp(person: Person, visitor_id: str, host: str) -> str:
    """The browser: its cookie, else a value made of our own visitor's id; "" of nobody.

    A made one is the same at each visit and needs no memory. It joins what the server sends of one
    visitor, but it is not what a pixel in the page would say, and the time in it is none.
    """
    cookie = _cookie(person, FBP_COOKIE)
    if cookie or visitor_id in ("", NO_VISITOR):
        return cookie
    digest = hashlib.sha256(f"fbp/{visitor_id}".encode()).digest()
    spread, number = (int.from_bytes(digest[at : at + 4]) % 2**31 for at in (0, 4))
    return f"fb.{subdomain_index(host)}.{_DERIVED_FROM_MS + spread}.{number}"


def subdomain_index(host: str) -> int:
    """How many dots the domain has that a site of this host sets its cookies for."""
    return registrable_domain(host).count(".")


def _cookie(person: Person, name: str) -> str:
    """The cookie as it is, if it is one of Meta's."""
    value = person.cookies.get(name, "")
    return value if META_COOKIE.fullmatch(value) else ""
