"""Reads the campaign that the marketer wrote on the landing URL.

What a dialect already said of the campaign stays. GA4's names come first, then Matomo's: `mtm_`,
then the older `pk_`. Values are decoded, stripped and cut.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote_plus

from msgspec.structs import replace

from server.enrich.contract import Context, Subject

MAX_CHARS = 512

PARAMETERS: dict[str, tuple[str, ...]] = {
    "campaign_source": ("utm_source", "mtm_source", "pk_source"),
    "campaign_medium": ("utm_medium", "mtm_medium", "pk_medium"),
    "campaign_name": ("utm_campaign", "mtm_campaign", "pk_campaign"),
    "campaign_term": ("utm_term", "mtm_keyword", "mtm_kwd", "pk_keyword", "pk_kwd"),
    "campaign_content": ("utm_content", "mtm_content", "pk_content"),
    "campaign_id": ("utm_id", "mtm_cid", "pk_cid"),
}
"""Column → parameters, the most telling first."""

_PREFIXES = ("utm_", "mtm_", "pk_")


def put_campaign(subject: Subject, _: Context) -> Subject:
    """The `campaign_*` columns that are still empty, from the page's query."""
    event = subject.event
    found = _columns(event.query) if "_" in event.query else ()
    changes = {column: value for column, value in found if not getattr(event, column)}
    return replace(subject, event=replace(event, **changes)) if changes else subject


@lru_cache(maxsize=8192)
def _columns(query: str) -> tuple[tuple[str, str], ...]:
    """Column and value; cached, since a campaign's links are opened by many."""
    values = _read(query)
    if not values:
        return ()
    best = {
        column: next((values[name] for name in names if name in values), "")
        for column, names in PARAMETERS.items()
    }
    return tuple((column, value) for column, value in best.items() if value)


def _read(query: str) -> dict[str, str]:
    """Campaign parameters in lower case; the first value that is not empty."""
    values: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        name = name.lower()
        if value and name.startswith(_PREFIXES):
            text = unquote_plus(value).strip()[:MAX_CHARS]
            if text:
                values.setdefault(name, text)
    return values
