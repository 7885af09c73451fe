from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from server.containers.decide import Send
from server.destinations import DESTINATIONS
from server.studio.backfill import OWED, Past
from server.studio.backfilled import MEMORY, Tally, told
from tests.samples import NOON, event

SEND = Send(tag="ga4", type="ga4", settings={}, needs_consent=(), needs_person=True)
GA4 = DESTINATIONS["ga4"]


def past(number: int, **more: Any) -> Past:
    return Past(event=event(number), **more)


def tally(*pasts: Past, rate: int = 50, now: int = NOON) -> Tally:
    made = Tally(destination=GA4, rate=rate, now=now)
    for one in pasts:
        made.note(one)
    return made


def test_all_of_it_is_told_before_somebody_says_yes() -> None:
    made = tally(
        past(1),
        *(past(n, send=SEND, keys=frozenset({"user_id"})) for n in range(2, 200)),
        past(201, send=SEND, lacks=frozenset({"the cookie _ga"})),
        past(202, reason=OWED),
        past(203, reason="too_old"),
        past(204, reason="consent:analytics_storage"),
        past(205, unknown="the cookie landing"),
        past(206, reason="no_page", refusal="it wants a page"),
    )
    made.never = {"ip", "user_id"}
    assert list(told(made, remembers=True)) == [
        "205 events, of which the tag fires on 204",
        "  199 to send, 50 a second: in about 4 s",
        "  1 not: owed, sent or given up already",
        "  1 not: older than Google Analytics 4 takes them, 71 hours",
        "  1 not: the visitor had not consented to analytics_storage",
        "  1 not, since Google Analytics 4 would refuse them: it wants a page",
        "  1 not, since it is not known whether they would be: the cookie landing",
        "Match keys, of 199 events",
        "  browser_id   0",
        "  user_id      198  a part of them is made of what is never kept",
        "  email        0",
        "  phone        0",
        "  address      0",
        "  ip           0  what it is made of is never kept",
        "Not held any more, or never: kept for thirty days, with consent to ad_storage",
        "  1 without the cookie _ga",
        MEMORY,
    ]


def test_what_will_be_too_old_when_its_turn_comes_is_counted() -> None:
    sends = [past(n, send=SEND) for n in range(4)]
    old = [replace(one, event=replace(one.event, occurred_at=NOON - GA4.window_ms + 1_500))
           for one in sends]  # fmt: skip
    made = tally(*old, rate=1)
    assert (made.sent, made.late) == (4, 2)
    title = GA4.title
    assert f"  2 of these will be too old for {title} by then" in list(told(made, remembers=False))


def test_nothing_to_send_is_told_shortly() -> None:
    assert list(told(tally(past(1)), remembers=False)) == [
        "1 events, of which the tag fires on 0",
        "  0 to send, 50 a second: in about 0 s",
    ]
