"""Puts the host of the page that linked here.

`referrer_host` is empty when that page is the site's own: same registrable domain as the page, as
one of the container's sites or as one of the brand's other domains. `referrer` itself stays, for
paths within the site. The host has no `www.`; a link in an Android app has the app's package
(`com.google.android.gm`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec.structs import replace

from server.domains import registrable_domain
from server.enrich.contract import Context, Subject

_REFERRER = re.compile(
    r"(?:https?|android-app|ios-app)://(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[\w.-]{1,253})(?::\d*)?(?![^/?#])",
    re.I,
)


def put_referrer(subject: Subject, context: Context) -> Subject:
    """`referrer_host`, if the visitor comes from somewhere else."""
    event = subject.event
    host = _host(event.referrer) if event.referrer else ""
    container = context.container
    if host and _is_own(host, event.host, tuple(container.sites), tuple(container.links.domains)):
        host = ""
    if host == event.referrer_host:
        return subject
    return replace(subject, event=replace(event, referrer_host=host))


@lru_cache(maxsize=8192)
def _host(url: str) -> str:
    match = _REFERRER.match(url.strip())
    return match[1].lower().rstrip(".").removeprefix("www.") if match else ""


@lru_cache(maxsize=8192)
def _is_own(host: str, page_host: str, sites: tuple[str, ...], domains: tuple[str, ...]) -> bool:
    own = {page_host, *map(_host, sites), *domains} - {""}
    return _site(host) in set(map(_site, own))


@lru_cache(maxsize=8192)
def _site(host: str) -> str:
    """The registrable domain; the host itself if it has none (an address, `localhost`)."""
    return registrable_domain(host) or host.removeprefix("www.")
