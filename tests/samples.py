"""Whole values that tests start from."""

from __future__ import annotations

from msgspec.structs import replace

from server.clock import DAY_MS, now_ms
from server.delivery import Attempt, delivery_id
from server.model import Event, EventContext, Hit, Item, Reason, Reject, Visitor, Withheld

NOON = now_ms() // DAY_MS * DAY_MS - DAY_MS // 2
"""Yesterday: rows far in the past would fall to the tables' TTL."""
VISITOR_ID = "0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11"


def visitor(now: int = NOON) -> Visitor:
    return Visitor(
        visitor_id=VISITOR_ID,
        issued_at=now - 1000,
        session_id=now // 1000,
        session_number=2,
        session_seen_at=now,
    )


def hit(body: bytes = b"", **more: object) -> Hit:
    known = Hit(
        received_at=NOON,
        container_id="demo",
        dialect="native",
        visitor=visitor(),
        ip="203.0.113.9",
        user_agent="Mozilla/5.0",
        body=body,
    )
    return replace(known, **more)


def event(number: int = 1, **more: object) -> Event:
    known = Event(
        event_id=f"0199c000-0000-7000-8000-{number:012d}",
        src=2**64 - 5,
        off=number,
        idx=0,
        container_id="demo",
        visitor_id=VISITOR_ID,
        session_id=NOON // 1000,
        session_number=1,
        name="page_view",
        occurred_at=NOON + number,
        received_at=NOON + number,
    )
    return replace(known, **more)


def full_event() -> Event:
    """Every column set to something that is not its default."""
    known = event(7)
    texts = {
        name: f"{name} ✓"
        for name in Event.__struct_fields__
        if getattr(known, name) == "" and name not in {"value", "page_id"}
    }
    return replace(
        known,
        **texts,
        container_version=3,
        client_ahead_ms=-12_345,
        page_id="18446744073709551615",
        resend=2,
        page_seq=9,
        browser_seq=31,
        click_ids=["gclid", "ttclid"],
        consent={"ad_storage": "granted", "analytics_storage": "denied"},
        value="1234567890123.4500",
        items=[Item(item_id="SKU-1", price="19.9900", quantity=2.5, index=1, props={"x": "y"})],
        props={"list": "[1,2]", "quote": 'a "b" \\ \n'},
        nums={"n": 3.5},
        withheld=[Withheld(tag="ga4", reason="no_consent")],
        is_preview=True,
    )


def context(number: int = 1, **more: object) -> EventContext:
    known = EventContext(
        event_id=f"0199c000-0000-7000-8000-{number:012d}",
        src=2**64 - 5,
        off=number,
        idx=0,
        container_id="demo",
        visitor_id=VISITOR_ID,
        received_at=NOON + number,
        click_ids={"gclid": "Cj0K"},
        clicked_at={"gclid": NOON - DAY_MS},
    )
    return replace(known, **more)


def attempt(number: int = 1, **more: object) -> Attempt:
    """The n-th attempt to deliver event 1."""
    known = Attempt(
        src=2**64 - 9,
        off=number,
        container_id="demo",
        attempted_at=NOON + number * 1000,
        delivery_id=delivery_id(event(1).event_id, "demo", "ga4"),
        event_id=event(1).event_id,
        visitor_id=VISITOR_ID,
        tag="ga4",
        destination="ga4",
        event_name="page_view",
        occurred_at=NOON,
        attempt=number,
        outcome="retry",
        reason="http_503",
        detail='come "later"',
        status=503,
        duration_ms=12,
    )
    return replace(known, **more)


def reject(number: int = 1) -> Reject:
    return Reject(
        src=2**64 - 5,
        off=number,
        idx=3,
        container_id="demo",
        received_at=NOON + number,
        reason=Reason.BAD_NAME,
        detail="expected printable characters",
        at="events[3].name",
        body='{"name":"\\u0000"}',
    )
