"""Hits that a page may send to do harm, as the collector lets them in, and what becomes of them."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import assume
from hypothesis import strategies as st
from msgspec.structs import fields

from server.collector.door import MAX_BODY_BYTES
from server.containers.model import Container
from server.dialects import native
from server.dialects.values import PURPOSES
from server.dialects.wire import MAX_ITEMS, WireUser
from server.enrich import Context, Place, Subject, enrich
from server.model import Hit, Item, Position, Reject, Visitor

NOW = 1_760_000_031_000
CONTEXT = Context(container=Container(id="shop", sites=["self"]), places=lambda _: Place())
NOBODY = Visitor(
    visitor_id="0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",
    issued_at=NOW,
    session_id=NOW // 1000,
    session_number=1,
    session_seen_at=NOW,
)
SHORT = 512
LONG = 8192

_HARM = (
    *("", " ", "\x00", "\x01", "\u2028</script>", "🙂", '"', "\\", "{{ event.url }}", "'; --"),
    *("-1e999", "NaN", "%00&a=b\r\nx: y", "../..", "\u202e", "İ", "ß", "٣", "1" * 5000, "x@y.zz"),
)
texts = st.text(max_size=20) | st.sampled_from(_HARM)
"""Short ones, and what is known to go wrong."""
numbers = st.integers(-(2**63), 2**64) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
WORDS = (
    *(
        "value",
        "currency",
        "transaction_id",
        "event_id",
        "search_term",
        "coupon",
        "tax",
        "shipping",
    ),
    *("link_url", "link_text", "outbound", "file_name", "cart_id", "method", "discount", "items"),
    *("event_category", "event_label", "payment_type", "shipping_tier", "engagement_time_msec"),
)
MONEY = st.sampled_from(["59.90", 0, -5, "1e12", 9_999_999_999_999.0, "EUR", None, True])


def long(most: int) -> st.SearchStrategy[str]:
    """Texts of any length that the collector takes."""
    filled = st.sampled_from([sign for sign in _HARM if sign])
    repeated = filled.map(lambda sign: (sign * (most // len(sign) + 1))[:most])
    return texts.map(lambda text: text[:most]) | repeated


@st.composite
def items(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Lines of an order: few of many kinds, or very many of one."""
    names = st.sampled_from([field.name for field in fields(Item)]) | texts
    line = st.dictionaries(names, long(SHORT) | values, max_size=6)
    priced = st.tuples(line, MONEY, values).map(
        lambda one: {"item_id": "A", **one[0], "price": one[1], "quantity": one[2]}
    )
    few: list[dict[str, Any]] = draw(st.lists(line | priced, max_size=3))
    is_many = bool(few) and draw(st.booleans())
    return few * (MAX_ITEMS // len(few)) if is_many else few


@st.composite
def bodies(draw: st.DrawFn, names: tuple[str, ...]) -> bytes:
    """A hit of one event, whose name is mostly one that the partner knows."""
    own = st.text(min_size=1, max_size=100).filter(lambda name: name.isprintable() and name.strip())
    name = draw(st.sampled_from(names) | own.map(str.strip))
    user = {field.name: draw(long(SHORT)) for field in fields(WireUser) if draw(st.booleans())}
    props = draw(st.dictionaries(st.sampled_from(WORDS) | texts, values | long(LONG), max_size=6))
    event = {
        "name": name,
        "id": draw(long(SHORT)),
        "at": draw(st.sampled_from([None, 0, NOW, NOW - 5000, 10**14])),
        "url": "https://www.example.com/" + draw(long(LONG - 100)),
        "referrer": draw(long(LONG)),
        "title": draw(long(LONG)),
        "props": props | ({"value": draw(MONEY)} if draw(st.booleans()) else {}),
        "items": draw(items()),
        "user": user,
    }
    answers = st.sampled_from(["granted", "granted", "denied", "unset", "nonsense"])
    page = {name: draw(texts) for name in ("id", "lang", "tz", "screen", "viewport")}
    consent = {"purposes": {purpose: draw(answers) for purpose in PURPOSES}}
    wire = {"v": 1, "sent_at": NOW, "page": page, "consent": consent, "events": [event]}
    return msgspec.json.encode(wire)


@st.composite
def subjects(draw: st.DrawFn, names: tuple[str, ...], cookies: tuple[str, ...]) -> Subject:
    """One event and its person as they come to a destination: decoded, enriched."""
    subject = subject_of(
        draw(bodies(names)),
        visitor=draw(st.sampled_from([NOBODY, None])),
        ip=draw(st.sampled_from(["203.0.113.9", "2001:db8::1", ""])),
        user_agent=draw(st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]))),
        cookies={name: draw(texts | st.just("{}")) for name in cookies if draw(st.booleans())},
    )
    assume(subject is not None)
    assert subject is not None
    return subject


def heavy(name: str, fields: dict[str, Any]) -> Subject:
    """An event that takes as much of a hit as it may, of somebody who grants all."""
    event = {
        "name": name,
        "at": NOW - 1000,
        "url": "https://www.example.com/" + "é" * (LONG - 100),
        "title": "🙂" * LONG,
        "props": {"value": 5, "currency": "EUR", "transaction_id": "T-1"} | fields["props"],
        "items": fields["items"],
        "user": {"id": "u-42", "email": "jo@example.com"},
    }
    consent = {"purposes": dict.fromkeys(PURPOSES, "granted")}
    wire = {"v": 1, "sent_at": NOW, "consent": consent, "events": [event]}
    subject = subject_of(msgspec.json.encode(wire))
    assert subject is not None
    return subject


def subject_of(body: bytes, **more: Any) -> Subject | None:
    """One event and its person as they come to a destination: decoded, enriched; None: the hit is
    not let in."""
    if len(body) > MAX_BODY_BYTES:
        return None
    visit = {"visitor": NOBODY, "ip": "203.0.113.9", "user_agent": "Mozilla/5.0", **more}
    hit = Hit(received_at=NOW, container_id="shop", dialect=native.NAME, body=body, **visit)
    [decoded] = native.decode(hit, Position(src=1, off=0))
    if isinstance(decoded, Reject):
        return None
    event, person = decoded
    subject = enrich(Subject(event=event, person=person, hit=hit), CONTEXT)
    assert isinstance(subject, Subject)
    return subject
