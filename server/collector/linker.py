"""Links between the sites of a brand: what a container makes of its visitor, and whom it believes.

    click on shop.example ──▶ token ──▶ other.example ──▶ hit with `?l=<token>.<page load>`

A token is believed for two minutes, once, and only if it was made on a site that the container
lists itself. So both sides have to list each other, whether they share a container or not.
"""

from __future__ import annotations

import re
from enum import StrEnum

from server.clock import MINUTE_MS
from server.collector.link_token import Link, LinkSeal
from server.collector.used_links import UsedLinks
from server.domains import is_within
from server.identity import KeyRing
from server.model import Visitor

LASTS_MS = 2 * MINUTE_MS
AHEAD_MS = 10_000
"""How far the clock of the collector that made it may be ahead of ours."""

_PAGE = re.compile(r"[A-Za-z0-9-]{1,64}")


class Refusal(StrEnum):
    """Why a token is not believed; counted beside refused hits."""

    FORGED = "link_forged"
    """Not sealed by us, or altered since."""
    LATE = "link_late"
    FOREIGN = "link_foreign"
    """Made on a site that the container does not list."""
    USED = "link_used"
    UNWRITABLE = "link_unwritable"
    """That it is used could not be noted."""


class Linker:
    """One container's."""

    def __init__(self, keys: KeyRing, domains: list[str], used: UsedLinks) -> None:
        self._seal = LinkSeal(keys)
        self._domains = tuple(domains)
        self._used = used

    def token(self, visitor: Visitor, *, host: str, now: int) -> str:
        """What a link on a page of this host takes along."""
        return self._seal.seal(visitor, host=host, now=now)

    def follow(self, own: Visitor, given: str, now: int) -> tuple[Visitor, Refusal | None]:
        """Who came by a link, and why the link does not count; `own` is who the browser's cookie
        says it is, or a newcomer."""
        token, _, page = given.partition(".")
        link = self._seal.unseal(token) if _PAGE.fullmatch(page) else None
        refusal = Refusal.FORGED if link is None else self._refusal(link, page, now)
        if link is None or refusal is not None:
            return own, refusal
        return _joined(own, link), None

    def _refusal(self, link: Link, page: str, now: int) -> Refusal | None:
        if not -AHEAD_MS <= now - link.made_at < LASTS_MS:
            return Refusal.LATE
        if not any(is_within(link.host, domain) for domain in self._domains):
            return Refusal.FOREIGN
        try:
            return None if self._used.use(link.id, page) else Refusal.USED
        except OSError:
            return Refusal.UNWRITABLE


def _joined(own: Visitor, link: Link) -> Visitor:
    """The link's visitor, unless the browser knew one of its own before the click; of the same
    visitor, the later session."""
    if own.visitor_id == link.visitor.visitor_id:
        return max(own, link.visitor, key=lambda one: one.session_id)
    return link.visitor if own.is_new or own.issued_at >= link.made_at else own
