"""A visit's next moment as a hit, as the collector would put it into the journal."""

from __future__ import annotations

import random
from itertools import accumulate
from typing import Any

import msgspec

from loadtests.traffic.visits import REFUSED, Visit, Visits, uuid7
from server.model import Hit, Visitor

CONTAINER_ID = "drain"
_NAMES = {
    "page_view": 50,
    "view_item": 16,
    "scroll": 12,
    "view_item_list": 8,
    "user_engagement": 5,
    "add_to_cart": 4,
    "search": 2,
    "begin_checkout": 1.4,
    "purchase": 0.8,
    "sign_up": 0.4,
    "generate_lead": 0.4,
}
_NAME_SUMS = list(accumulate(_NAMES.values()))
_SHOPPING = {"view_item", "add_to_cart", "begin_checkout", "purchase"}
_PROPS = (
    ("list", ("shoes", "coats", "bags", "sale")),
    ("logged_in", ("no", "yes")),
    ("template", ("product", "category", "home", "article")),
    ("colour", ("red", "green", "blue", "black", "white", "sand")),
    ("size", tuple(range(34, 47))),
    ("variant", ("A", "B")),
    ("percent_scrolled", (10, 25, 50, 75, 90)),
    ("stock", tuple(range(100))),
)


class Traffic:
    """Hits one after the other; `events` in each, received `step_us` apart."""

    def __init__(self, *, seed: int = 1, begin: int, step_us: int = 100, events: int = 1) -> None:
        self._chance = random.Random(seed)
        self._visits = Visits(self._chance)
        self._now_us = begin * 1000
        self._step_us = step_us
        self._events = events
        self._new_keys = 0

    def next(self) -> Hit:
        """The next hit."""
        self._now_us += self._step_us
        now = self._now_us // 1000
        visit = self._visits.next(now)
        sent_at = now - 40
        body = {
            "v": 1,
            "sent_at": sent_at,
            "page": _page(visit),
            "consent": {"source": "banner", "version": "3", "purposes": visit.consent},
            "events": [self._event(visit, sent_at - 5 * n) for n in range(self._events)],
        }
        headers = {
            "accept-language": f"{visit.language};q=0.9",
            "referer": "https://www.shop.example/",
        }
        is_known = visit.consent is not REFUSED
        return Hit(
            received_at=now,
            container_id=CONTAINER_ID,
            dialect="native",
            visitor=_visitor(visit, now) if is_known else None,
            ip=visit.ip,
            user_agent=visit.agent.user_agent,
            headers=headers | visit.agent.hints,
            cookies={"_ga": f"GA1.1.{visit.number}.{visit.session_id}"} if is_known else {},
            query="c=1" if is_known else "c=0",
            body=msgspec.json.encode(body),
        )

    def _event(self, visit: Visit, at: int) -> dict[str, Any]:
        chance = self._chance
        name = chance.choices(list(_NAMES), cum_weights=_NAME_SUMS)[0]
        event = {
            "id": uuid7(at, chance),
            "name": name,
            "at": at,
            "try": 0,
            "url": visit.url,
            "referrer": visit.referrer,
            "title": f"{visit.url.rpartition('/')[2].partition('?')[0]} for the autumn | Shop",
            "props": self._props(name),
        }
        if name in _SHOPPING:
            event["items"] = [self._item() for _ in range(chance.choice((1, 1, 1, 2, 3)))]
        return event

    def _props(self, name: str) -> dict[str, Any]:
        chance = self._chance
        first, count = chance.randrange(len(_PROPS)), chance.choice((3, 3, 4, 4, 5, 6))
        chosen = [_PROPS[(first + n) % len(_PROPS)] for n in range(count)]
        props: dict[str, Any] = {key: chance.choice(values) for key, values in chosen}
        if name in _SHOPPING:
            props |= {"value": round(chance.lognormvariate(4, 0.7), 2), "currency": "EUR"}
        if name == "purchase":
            props["transaction_id"] = f"T{chance.getrandbits(40)}"
        if chance.random() < 0.02:
            self._new_keys += 1
            props[f"experiment_{self._new_keys}"] = "on"
        return props

    def _item(self) -> dict[str, Any]:
        number = self._chance.randrange(3_000)
        return {
            "item_id": f"SKU-{number}",
            "item_name": f"Product {number}",
            "item_category": ("Shoes", "Coats", "Bags")[number % 3],
            "price": 10 + number % 190,
            "quantity": 1 + number % 2,
        }


def _page(visit: Visit) -> dict[str, Any]:
    return {
        "id": visit.page_id,
        "seq": visit.page_seq,
        "lang": visit.language,
        "tz": visit.timezone,
        "screen": visit.screen,
        "viewport": visit.screen,
    }


def _visitor(visit: Visit, now: int) -> Visitor:
    return Visitor(
        visitor_id=visit.visitor_id,
        issued_at=visit.session_id * 1000 - 86_400_000,
        session_id=visit.session_id,
        session_number=1 + visit.number % 7,
        session_seen_at=now,
    )
