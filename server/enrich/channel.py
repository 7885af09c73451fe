"""Puts the channel: by what kind of way the visitor came, in the words and order of GA4.

It stands last and judges what the other steps found, the first of these that is there:

    the campaign              source and medium as written; what is missing comes from below
    a paid click id           `gclid` → google / cpc, `msclkid` → bing / cpc, …
    the referrer's host       a search engine → organic, an assistant → ai-assistant,
                              a mail box → email, any other → referral
    another click id          `fbclid` → facebook / social: no proof of an advertisement
    nothing                   (direct) / (none)

An event whose referrer is the site itself, with neither campaign nor click id, is not a touch: its
three columns are empty. The definitions are those of https://support.google.com/analytics/answer/9756891
for manual traffic, with AI Assistant as GA4 has it since 13 May 2026 (medium `ai-assistant`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from server.enrich.contract import Context, Subject
from server.enrich.tables.click_ids import CLICK_IDS
from server.enrich.tables.sources import ALIASES, SEARCH_LABELS, SOURCES, Category

NOT_SET = "(not set)"
DIRECT = ("(direct)", "(none)")
MAX_HOST_CHARS = 253
AI_MEDIUM = "ai-assistant"

# Google writes `^(.*cp.*|ppc|retargeting|paid.*)$` and `^(.*(([^a-df-z]|^)shop|shopping).*)$`.
_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*", re.S)
_SHOP = re.compile(r"(?:[^a-df-z]|^)shop|shopping")
_SOCIAL = {"social", "social-network", "social-media", "sm", "social network", "social media"}
_DISPLAY = {"display", "banner", "expandable", "interstitial", "cpm"}
_EMAIL = {"email", "e-mail", "e_mail", "e mail"}


class Touch(NamedTuple):
    """What a channel is judged from, in lower case."""

    source: str
    medium: str
    campaign: str
    category: Category | None

    @property
    def is_paid(self) -> bool:
        return _PAID.fullmatch(self.medium) is not None

    @property
    def is_shopping(self) -> bool:
        return self.category is Category.SHOPPING or _SHOP.search(self.campaign) is not None


RULES: tuple[tuple[str, Callable[[Touch], bool]], ...] = (
    ("Direct", lambda t: t.source == "(direct)" and t.medium in {"(none)", NOT_SET}),
    ("Cross-network", lambda t: "cross-network" in t.campaign),
    ("Paid Shopping", lambda t: t.is_shopping and t.is_paid),
    ("Paid Search", lambda t: t.category is Category.SEARCH and t.is_paid),
    ("Paid Social", lambda t: t.category is Category.SOCIAL and t.is_paid),
    ("Paid Video", lambda t: t.category is Category.VIDEO and t.is_paid),
    ("Display", lambda t: t.medium in _DISPLAY),
    ("Paid Other", lambda t: t.is_paid),
    ("AI Assistant", lambda t: t.medium == AI_MEDIUM),
    ("Organic Shopping", lambda t: t.is_shopping),
    ("Organic Social", lambda t: t.category is Category.SOCIAL or t.medium in _SOCIAL),
    ("Organic Video", lambda t: t.category is Category.VIDEO or "video" in t.medium),
    ("Organic Search", lambda t: t.category is Category.SEARCH or t.medium == "organic"),
    ("Referral", lambda t: t.medium in {"referral", "app", "link"}),
    ("Email", lambda t: t.source in _EMAIL or t.medium in _EMAIL),
    ("Affiliates", lambda t: t.medium == "affiliate"),
    ("Audio", lambda t: t.medium == "audio"),
    ("SMS", lambda t: "sms" in {t.source, t.medium}),
    ("Mobile Push Notifications", lambda t: _is_push(t)),
)
"""The first that holds names the channel; if none does it is `Unassigned`."""


def put_channel(subject: Subject, _: Context) -> Subject:
    """`channel`, `channel_source` and `channel_medium`."""
    event = subject.event
    campaign = (event.campaign_source, event.campaign_medium, event.campaign_name)
    is_linked = event.referrer.startswith(("http://", "https://"))
    found = _judge(tuple(event.click_ids), event.referrer_host, campaign, is_linked)
    if found is None:
        return subject
    channel, source, medium = found
    event = replace(event, channel=channel, channel_source=source, channel_medium=medium)
    return replace(subject, event=event)


@lru_cache(maxsize=8192)
def _judge(
    kinds: tuple[str, ...], host: str, campaign: tuple[str, str, str], is_linked: bool
) -> tuple[str, str, str] | None:
    """Channel, source and medium; None: no touch."""
    source, medium, name = (text.lower() for text in campaign)
    found = _click(kinds, paid=True) or _referral(host) or _click(kinds, paid=False)
    if any(campaign):
        found = _campaign(source, medium, found)
    elif found is None:
        if is_linked:
            return None
        found = DIRECT
    return _channel(*found, name), *found


def _campaign(source: str, medium: str, inferred: tuple[str, str] | None) -> tuple[str, str]:
    """A missing medium is inferred only for the source that it was inferred with."""
    given = inferred or (NOT_SET, NOT_SET)
    source = source or given[0]
    if medium:
        return source, medium
    if source == given[0]:
        return given
    # ChatGPT writes `utm_source=chatgpt.com` and no more on the links that it gives.
    return source, AI_MEDIUM if _category(source) is Category.ASSISTANT else NOT_SET


def _click(kinds: tuple[str, ...], *, paid: bool) -> tuple[str, str] | None:
    """The first kind that proves a paid click, or the first that does not."""
    for kind in kinds:
        known = CLICK_IDS.get(kind)
        if known and (known[1] not in {"social", "organic"}) is paid:
            return known
    return None


def _referral(host: str) -> tuple[str, str] | None:
    if not host:
        return None
    word = _word(host)
    match SOURCES.get(word):
        case Category.SEARCH:
            return word, "organic"
        case Category.ASSISTANT:
            return host, AI_MEDIUM
        case Category.EMAIL:
            return host, "email"
        case _:
            return host, "referral"


def _channel(source: str, medium: str, campaign: str) -> str:
    touch = Touch(source, medium, campaign, _category(source))
    return next((channel for channel, holds in RULES if holds(touch)), "Unassigned")


def _category(source: str) -> Category | None:
    return ALIASES.get(source) or SOURCES.get(_word(source))


def _word(source: str) -> str:
    """The word of the table that stands for this source; the source itself if none does."""
    if len(source) > MAX_HOST_CHARS:
        return source
    labels = source.split(".")
    for start in range(max(len(labels) - 1, 1)):
        host = ".".join(labels[start:])
        if host in SOURCES:
            return host
    # `google.fr`, `google.co.uk`, `google.com.br`: a name, then one label or a short one and one.
    for at in (-2, -3):
        name, *suffix = labels[at:]
        if name in SOURCES and len(suffix) == -at - 1 and all(len(x) <= 3 for x in suffix[:-1]):
            return name if _may_precede(labels[:at], SOURCES[name]) else source
    return source


def _may_precede(labels: list[str], category: Category) -> bool:
    if category is not Category.SEARCH:
        return True
    return all(len(label) <= 2 or label in SEARCH_LABELS for label in labels)


def _is_push(touch: Touch) -> bool:
    medium, source = touch.medium, touch.source
    return (
        medium.endswith("push")
        or "mobile" in medium
        or "notification" in medium
        or source == "firebase"
    )
