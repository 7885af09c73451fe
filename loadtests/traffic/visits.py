"""Visits: who comes, from where, and which page is looked at next."""

from __future__ import annotations

import random
from itertools import accumulate

from msgspec import Struct

from loadtests.traffic.agents import Agent, Agents

SITE = "https://www.shop.example"
VISITORS = 1_000_000
PAGES = 20_000
GRANTED = {
    "ad_storage": "granted",
    "analytics_storage": "granted",
    "ad_user_data": "granted",
    "ad_personalization": "granted",
}
ANALYTICS_ONLY = {**dict.fromkeys(GRANTED, "denied"), "analytics_storage": "granted"}
REFUSED = dict.fromkeys(GRANTED, "denied")
_LANGUAGES = ("en-GB", "en-US", "fr-FR", "de-DE", "es-ES", "nl-NL", "it-IT", "pl-PL")
_ZONES = ("Europe/London", "America/New_York", "Europe/Paris", "Europe/Berlin", "Europe/Madrid")
_SCREENS = ("1920x1080", "390x844", "412x915", "1440x900", "2560x1440", "360x800", "1536x864")
_CAMPAIGNS = 200


class Visit(Struct, kw_only=True):
    """One visitor's visit so far."""

    visitor_id: str
    number: int
    """Of the visitor."""
    agent: Agent
    consent: dict[str, str]
    ip: str
    language: str
    timezone: str
    screen: str
    session_id: int
    url: str
    referrer: str
    page_id: str
    page_seq: int = 0
    left: int = 0
    """How many hits are still to come."""


class Visits:
    """Some hundred visits at a time; each hit belongs to one of them."""

    def __init__(self, chance: random.Random, *, at_once: int = 2_000) -> None:
        self._chance = chance
        self._agents = Agents()
        self._pages = list(accumulate(1 / rank for rank in range(1, PAGES + 1)))
        self._at_once = at_once
        self._visits: list[Visit] = []

    def next(self, now: int) -> Visit:
        """The visit whose turn it is; its page may be another one than the last time."""
        chance = self._chance
        if len(self._visits) < self._at_once:
            self._visits.append(self._begin(now))
            return self._visits[-1]
        place = int(chance.random() * self._at_once)
        visit = self._visits[place]
        if visit.left <= 0:
            visit = self._visits[place] = self._begin(now)
        elif chance.random() < 0.6:
            visit.referrer, visit.url = visit.url, SITE + self.page()
            visit.page_id, visit.page_seq = uuid7(now, chance), 0
        visit.left -= 1
        visit.page_seq += 1
        return visit

    def page(self) -> str:
        """A page's path; the first is seen twenty thousand times as often as the last."""
        number = self._chance.choices(range(PAGES), cum_weights=self._pages)[0]
        return f"/{('', 'shoes', 'coats', 'bags', 'sale', 'blog')[number % 6]}/product-{number}"

    def _begin(self, now: int) -> Visit:
        chance = self._chance
        number = int(chance.random() ** 2 * VISITORS)  # some come far more often than others
        own = random.Random(number)
        query, referrer = self._source()
        return Visit(
            visitor_id=str(_uuid(own.getrandbits(128), 4)),
            number=number,
            agent=self._agents.of(own),
            consent=own.choices((GRANTED, ANALYTICS_ONLY, REFUSED), weights=(70, 15, 15))[0],
            ip=f"81.{own.getrandbits(8)}.{own.getrandbits(8)}.{own.getrandbits(8)}",
            language=own.choice(_LANGUAGES),
            timezone=own.choice(_ZONES),
            screen=own.choice(_SCREENS),
            session_id=now // 1000,
            url=SITE + self.page() + query,
            referrer=referrer,
            page_id=uuid7(now, chance),
            page_seq=1,
            left=int(chance.expovariate(1 / 9)),
        )

    def _source(self) -> tuple[str, str]:
        """The landing page's query and referrer."""
        chance = self._chance
        kind = chance.random()
        if kind < 0.25:
            return "", ""
        if kind < 0.50:
            return "", "https://www.google.com/"
        if kind < 0.60:
            return "", f"https://blog{chance.randrange(300)}.example.net/post"
        campaign = min(int(chance.paretovariate(1)), _CAMPAIGNS)
        click = f"{chance.getrandbits(320):080x}"
        if kind < 0.75:
            words = f"utm_source=google&utm_medium=cpc&utm_campaign=c{campaign}&gclid={click}"
            return f"?{words}", "https://www.google.com/"
        if kind < 0.90:
            words = f"utm_source=facebook&utm_medium=paid-social&utm_campaign=c{campaign}"
            return f"?{words}&fbclid={click}", "https://m.facebook.com/"
        return f"?utm_source=newsletter&utm_medium=email&utm_campaign=c{campaign}", ""


def uuid7(now: int, chance: random.Random) -> str:
    """RFC 9562: 48 bits of milliseconds, then chance."""
    return _uuid(now << 80 | chance.getrandbits(80), 7)


def _uuid(bits: int, version: int) -> str:
    bits = bits & ~(0xF << 76) | version << 76
    text = f"{bits & ~(0b11 << 62) | 0b10 << 62:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
