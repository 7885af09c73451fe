"""Our cookies on the wire: found among the others, and set."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from server import identity
from server.collector.adoption import adopted_id
from server.collector.site import Site
from server.model import Visitor
from server.studio.preview import COOKIE, Preview, read_preview

MAX_TRIES = 4
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def find(header: str, name: str) -> list[str]:
    """Every value of one cookie, in the order they were sent; a few at most."""
    key, at = f"{name}=", -1
    found: list[str] = []
    for _ in range(MAX_TRIES):
        at = header.find(key, at + 1)
        if at < 0:
            break
        if at == 0 or header[at - 1] in "; ":
            found.append(header[at + len(key) :].partition(";")[0].strip(' "'))
    return found


def keep(header: str, names: Iterable[str]) -> dict[str, str]:
    """The cookies of an allow-list, first value each; nothing else leaves this function."""
    return {name: value for name in names for value in find(header, name)[:1]}


def recognise(header: str, site: Site, *, now: int) -> Visitor:
    """The visitor of the first cookie of ours that is genuine; else a new one, with the id that
    another tag's cookie stands for, where the container adopts such."""
    newcomer: Visitor | None = None
    for value in find(header, site.container.cookie_name) if header else ():
        visitor = identity.recognise(value, signer=site.signer, now=now, max_age_ms=site.max_age_ms)
        if not visitor.is_new:
            return visitor
        newcomer = visitor
    newcomer = newcomer or identity.recognise(None, signer=site.signer, now=now)
    adopted = adopted_id(header, site.cookie.adopt) if site.cookie.adopt else None
    return replace(newcomer, visitor_id=adopted) if adopted else newcomer


def preview_of(cookie: str, site: Site, now: int) -> Preview | None:
    """The preview that a browser is in, if its draft is here and nothing was published since."""
    if site.draft is None or COOKIE not in cookie:
        return None
    for value in find(cookie, COOKIE + site.container.id):
        preview = read_preview(value, signer=site.previewer, now=now)
        if preview is not None and site.container.version <= preview.base:
            return preview
    return None


def set_cookie(visitor: Visitor, site: Site, *, host: str, now: int) -> str:
    """The Set-Cookie header's value. In exempt mode it ends with the identity, never later."""
    end = visitor.issued_at if site.max_age_ms is not None else now
    max_age_s = site.cookie.days * 86_400 - (now - end) // 1000
    value = identity.sign(visitor, signer=site.signer)
    return _cookie(site.container.cookie_name, value, max_age_s, site, host)


def end_cookie(site: Site, *, host: str) -> str:
    """The Set-Cookie header's value that deletes it."""
    return _cookie(site.container.cookie_name, "", 0, site, host)


def set_opt_out(site: Site, *, days: int, host: str) -> str:
    """The Set-Cookie header's value that remembers an opt-out."""
    return _cookie(site.opt_out_cookie, "1", days * 86_400, site, host)


def end_opt_out(site: Site, *, host: str) -> str:
    """The Set-Cookie header's value that forgets it."""
    return _cookie(site.opt_out_cookie, "", 0, site, host)


def _cookie(name: str, value: str, max_age_s: int, site: Site, host: str) -> str:
    parts = [
        f"{name}={value}",
        f"Max-Age={max_age_s}",
        "Path=/",
        "HttpOnly",
        "SameSite=Lax",
    ]
    if site.cookie.domain:
        parts.append(f"Domain={site.cookie.domain}")
    if not is_local(host):
        parts.append("Secure")
    return "; ".join(parts)


def is_local(host: str) -> bool:
    """Whether the request was sent to this very machine, where plain HTTP is no risk."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    return name in LOCAL_HOSTS or name.endswith(".localhost")
