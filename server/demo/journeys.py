"""Who visits the demo shop in the days before now, as hits that the tag would have sent.

    Plan + now ──▶ journeys() ──▶ Journey: one visitor, hits in order ──▶ play.py sends them

Pure: the same plan and the same now make the same journeys, byte for byte.
"""

from __future__ import annotations

import copy
import string
import uuid
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, TypeVar

from msgspec import Struct

from server.clock import DAY_MS, HOUR_MS, MINUTE_MS
from server.demo.tables.people import BOTS, DEVICES, HOURS, PLACES, Device, Place
from server.demo.tables.sources import RETURNS, SOURCES, Source
from server.demo.visit import Fact, Stop, walk

QUIET_MS = 90 * MINUTE_MS
"""The last visit begins so long before now: it must be over."""
BOT_SHARE = 0.04
RESEND_SHARE = 0.03
PURPOSES = ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")
CHOICES = (
    (62, PURPOSES),
    (15, ("analytics_storage",)),
    (23, ()),
)
"""What visitors answer to the banner: everything, only statistics, nothing."""
SESSIONS = ((68, 1), (20, 2), (8, 3), (4, 4))
ROBOT = Device(1, "", "1024x768", "1024x768")

_DIGITS = string.digits + string.ascii_uppercase
_T = TypeVar("_T")


class Plan(Struct, frozen=True, kw_only=True):
    """What is to be played, and against which collector."""

    url: str = "http://127.0.0.1:8000"
    visitors: int = 300
    days: int = 6
    """Before now; a collector takes no event for older than seven days."""
    seed: int = 1


class Step(Struct, frozen=True, kw_only=True):
    """One hit: its body as the tag sends it, except `sent_at`, which the sending adds."""

    body: dict[str, Any]
    resend: bool = False
    """The same hit once more: it must not count twice."""


class Journey(Struct, frozen=True, kw_only=True):
    """One visitor's hits, in order; they share a cookie if `choice` allows one."""

    user_agent: str
    language: str
    choice: str
    """`1` or `0`: the hit's `?c=`."""
    is_bot: bool
    sessions: int
    steps: list[Step]


class _Visitor(Struct, frozen=True, kw_only=True):
    """What stays the same through all visits."""

    rng: Random
    number: int
    origin: str
    device: Device
    place: Place
    granted: Sequence[str]


def journeys(plan: Plan, *, now: int) -> list[Journey]:
    """Every visitor's journey; each has randomness of its own, so the number of them is free."""
    return [_journey(plan, number, now) for number in range(plan.visitors)]


def _journey(plan: Plan, number: int, now: int) -> Journey:
    rng = Random(f"{plan.seed}/{number}")
    is_bot = rng.random() < BOT_SHARE
    visitor = _Visitor(
        rng=rng,
        number=number,
        origin=plan.url.rstrip("/"),
        device=ROBOT if is_bot else _draw(rng, [(d.weight, d) for d in DEVICES]),
        place=_draw(rng, [(p.weight, p) for p in PLACES]),
        granted=() if is_bot else _draw(rng, CHOICES),
    )
    most = _draw(rng, SESSIONS) if visitor.granted else 1
    starts = _starts(visitor, most, begin=now - plan.days * DAY_MS, end=now - QUIET_MS)
    steps = [
        step
        for visit, start in enumerate(starts)
        for step in _visit(visitor, _source(rng, is_first=visit == 0), start)
    ]
    return Journey(
        user_agent=rng.choice(BOTS) if is_bot else visitor.device.user_agent,
        language="" if is_bot else visitor.place.language,
        choice="1" if visitor.granted else "0",
        is_bot=is_bot,
        sessions=len(starts),
        steps=steps,
    )


def _draw(rng: Random, weighted: Sequence[tuple[int, _T]]) -> _T:
    weights, values = zip(*weighted, strict=True)
    drawn: _T = rng.choices(values, weights)[0]
    return drawn


def _source(rng: Random, *, is_first: bool) -> Source:
    sources = SOURCES if is_first else RETURNS
    return _draw(rng, [(source.weight, source) for source in sources])


def _starts(visitor: _Visitor, most: int, *, begin: int, end: int) -> list[int]:
    """When the visits begin: by day rather than by night, hours or days apart."""
    starts = [_moment(visitor, begin, end)]
    while len(starts) < most:
        begin = starts[-1] + 3 * HOUR_MS
        latest = min(end, begin + 3 * DAY_MS)
        if begin >= latest:
            break
        starts.append(_moment(visitor, begin, latest))
    return starts


def _moment(visitor: _Visitor, begin: int, end: int) -> int:
    """A time between two that suits the visitor's day; any time where none of fifty does."""
    at = begin
    for _ in range(50):
        at = visitor.rng.randrange(begin, end)
        hour = (at // HOUR_MS + visitor.place.hours) % 24
        if visitor.rng.random() * max(HOURS) < HOURS[hour]:
            break
    return at


def _visit(visitor: _Visitor, source: Source, start: int) -> Iterator[Step]:
    """The hits of one visit; a few of them twice."""
    rng, at = visitor.rng, start
    referrer = source.referrer
    query = source.query
    if source.click_id:
        query += f"&{source.click_id}=demo-{''.join(rng.choices(_DIGITS, k=24))}"
    for stop in walk(rng, source):
        url = f"{visitor.origin}{stop.path}" + (f"?{query}" if query else "")
        page = _Page(visitor, stop, url=url, referrer=referrer, at=at)
        for step in page.steps():
            yield step
            if rng.random() < RESEND_SHARE:
                yield _again(step)
        query, referrer = "", url
        at += stop.stay_ms


def _again(step: Step) -> Step:
    body = copy.deepcopy(step.body)
    for event in body["events"]:
        event["try"] = 1
    return Step(body=body, resend=True)


class _Page:
    """One page view: its hits share an id and are numbered."""

    def __init__(self, visitor: _Visitor, stop: Stop, *, url: str, referrer: str, at: int) -> None:
        self._visitor = visitor
        self._stop = stop
        self._seen = {"url": url, "referrer": referrer, "title": stop.title}
        self._at = at
        self._id = _uuid7(visitor.rng, at)

    def steps(self) -> Iterator[Step]:
        """What happens within a second goes out together, as the tag does it."""
        batches: list[list[Fact]] = []
        for fact in self._stop.facts:
            if batches and fact.after_ms - batches[-1][0].after_ms < 1000:
                batches[-1].append(fact)
            else:
                batches.append([fact])
        for seq, batch in enumerate(batches, 1):
            yield Step(body=self._body(seq, batch))

    def _body(self, seq: int, facts: list[Fact]) -> dict[str, Any]:
        device, place = self._visitor.device, self._visitor.place
        granted = self._visitor.granted
        return {
            "v": 1,
            "page": {
                "id": self._id,
                "seq": seq,
                "lang": place.language,
                "tz": place.timezone,
                "screen": device.screen,
                "viewport": device.viewport,
            },
            "events": [self._event(fact) for fact in facts],
            "consent": {
                "source": "gtag",
                "version": "",
                "purposes": {p: "granted" if p in granted else "denied" for p in PURPOSES},
            },
        }

    def _event(self, fact: Fact) -> dict[str, Any]:
        at = self._at + fact.after_ms
        event: dict[str, Any] = {
            "id": _uuid7(self._visitor.rng, at),
            "name": fact.name,
            "at": at,
            "try": 0,
        }
        event |= self._seen
        if fact.props:
            event["props"] = dict(fact.props)
        if fact.items:
            event["items"] = fact.items
        if fact.name == "purchase":
            event["props"] |= {"transaction_id": f"KL-{_base36(at)}-{self._visitor.number}"}
            event["user"] = _customer(self._visitor)
        return event


def _customer(visitor: _Visitor) -> dict[str, str]:
    """Addresses that belong to nobody: example.com, and a range of numbers kept for films."""
    return {
        "email": f"customer-{visitor.number}@example.com",
        "phone": f"+33 6 39 98 {visitor.number // 100 % 100:02d} {visitor.number % 100:02d}",
        "first_name": "Demo",
        "last_name": "Customer",
        "country": visitor.place.language[-2:],
    }


def _uuid7(rng: Random, at: int) -> str:
    """The time in front, so that what is later sorts later; the rest is chance."""
    bits = at << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62)
    return str(uuid.UUID(int=bits))


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text
