"""Moves click ids out of the addresses: they identify one click of one person.

It stands after the campaign. The kinds stay on the event (`gclid`), the values go to the `Person`
and from there, where consent allows, to `event_context` for thirty days. The referrer loses them
too: inside a site it is the landing page, with the same ids. They are the person's as well, where
the visitor grants `ad_storage` now: the answer often comes only on the second page.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote_plus

from msgspec.structs import replace

from server.enrich.contract import Context, Subject, keeps_ads
from server.enrich.tables.click_ids import CLICK_IDS

MAX_CHARS = 512


def drop_click_ids(subject: Subject, context: Context) -> Subject:
    """The kinds of the page's own on the event, sorted; the values in `person.click_ids`, with the
    event's time; the addresses without."""
    event, person = subject.event, subject.person
    found = _read(event.query) if "=" in event.query else {}
    url = _without_ids(event.url) if "?" in event.url else event.url
    referrer = _without_ids(event.referrer) if "?" in event.referrer else event.referrer
    if url == event.url and referrer == event.referrer and not found:
        return subject
    kinds = sorted({*event.click_ids, *found})
    query = _keep(event.query)
    event = replace(event, url=url, query=query, referrer=referrer, click_ids=kinds)
    is_own = referrer != subject.event.referrer and not event.referrer_host
    if is_own and keeps_ads(event, context.container):
        found = _read(subject.event.referrer.partition("?")[2]) | found
    if found:
        times = dict.fromkeys(found, event.occurred_at)
        person = replace(
            person, click_ids=person.click_ids | found, clicked_at=person.clicked_at | times
        )
    return replace(subject, event=event, person=person)


def _read(query: str) -> dict[str, str]:
    """The first value of each kind; an empty one or an unfilled macro (`{gclid}`) is none."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        name = name.lower()
        if name in CLICK_IDS and value and not value.startswith(("{", "%7B")):
            found.setdefault(name, unquote_plus(value)[:MAX_CHARS])
    return found


def _without_ids(url: str) -> str:
    """The page's parameters and those of its route lose the ids; all else stays as it is."""
    return "#".join(_without_ids_in(part) for part in url.split("#", 1))


def _without_ids_in(part: str) -> str:
    base, _, query = part.partition("?")
    kept = _keep(query)
    return part if kept == query else f"{base}?{kept}" if kept else base


@lru_cache(maxsize=8192)
def _keep(query: str) -> str:
    pairs = query.split("&")
    return "&".join([p for p in pairs if p.partition("=")[0].lower() not in CLICK_IDS])
