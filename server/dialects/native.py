"""Freehold's own hits: JSON by POST from the tag and from servers, a query string by the pixel.

The pixel's parameters have the names of the JSON keys: `name`, `id`, `at`, `url`, `referrer`,
`title`, `sent_at`, `user_id`; `p.<key>` is a prop. See `wire.py` for the body.

Of a visitor who refused (`?c=0`), took consent back (`?c=2`) or declared analytics_storage denied,
neither `user_id` nor what the site knows of the person is taken; of hits that say nothing, it is.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Raw, Struct

from server.clock import DAY_MS, MINUTE_MS
from server.dialects.contract import Decoded, refuse
from server.dialects.values import consented, item, money, number, numbers, texts, word
from server.dialects.wire import (
    MAX_ITEMS,
    NO_USER,
    WireConsent,
    WireEvent,
    WireHit,
    WirePage,
    read_event,
)
from server.model import (
    MAX_REJECT_BYTES,
    NO_VISITOR,
    SHARED_ID,
    Event,
    Hit,
    Person,
    Position,
    Reason,
    Reject,
)

NAME = "native"
VERSION = 1
OLDEST_MS = 7 * DAY_MS
AHEAD_MS = 5 * MINUTE_MS
SESSION_SLACK_MS = 5 * MINUTE_MS
REFUSALS = frozenset({"0", "2", "3"})
"""In the query's `c`: no consent, consent taken back, opted out."""

_NAMESPACE = uuid.UUID("6f2b1c1e-9d0e-5c43-8a55-0f1e6f9d7a11")
_BODY = msgspec.json.Decoder(WireHit[Raw])
_WHOLE = msgspec.json.Decoder(WireHit[WireEvent])
_NIL = uuid.UUID(int=0)
_UUID = re.compile(r"(?!0{8}-0{4}-0{4}-0{4}-0{12})[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
"""As nearly every client writes it, the nil UUID apart; what else there is, `uuid` reads."""


class _Source(Struct, frozen=True, kw_only=True):
    """What the events of one hit share."""

    hit: Hit
    sent_at: float | None
    position: Position
    is_refused: bool
    """Whether the visitor refused to be known."""
    person: Person
    columns: dict[str, Any]
    """Of the event's row, those that are the same for all."""


def decode(hit: Hit, position: Position) -> Iterator[Decoded]:
    """The events of a native hit, or rejects, in their order."""
    try:
        wire = _read(hit)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield refuse(hit, position, Reason.BAD_BODY, str(error))
        return
    if wire.v != VERSION:
        yield refuse(hit, position, Reason.BAD_VERSION, f"`v` is {wire.v}, expected {VERSION}")
        return
    if not wire.events:
        yield refuse(hit, position, Reason.NO_EVENTS, "`events` is empty")
    source = _Source(
        hit=hit,
        sent_at=wire.sent_at,
        position=position,
        is_refused=_is_refused(hit, wire.consent),
        person=Person(ip=hit.ip, user_agent=hit.user_agent, cookies=hit.cookies),
        columns=_columns(hit, wire.page, wire.consent),
    )
    events: Sequence[WireEvent | Raw] = wire.events
    for index, given in enumerate(events):
        yield _decode_event(source, given, index)


def _read(hit: Hit) -> WireHit[WireEvent] | WireHit[Raw]:
    """The body at once when all is well with it, as it mostly is; else each event for itself."""
    if not hit.body:
        return _pixel(hit.query)
    try:
        wire = _WHOLE.decode(hit.body)
        if not [event for event in wire.events if not _is_name(event.name)]:
            return wire
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    return _BODY.decode(hit.body)


def _is_name(name: str) -> bool:
    return name.isprintable() and name == name.strip()


def _decode_event(source: _Source, given: WireEvent | Raw, index: int) -> Decoded:
    position = source.position
    position = Position(src=position.src, off=position.off, idx=position.idx + index)
    if isinstance(given, WireEvent):
        return _event(source, given, position), _person(source, given)
    try:
        event = read_event(given)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        at = f"events[{index}]" + str(error).partition("`$")[2].rstrip("`")
        return _refuse_event(refuse(source.hit, position, Reason.BAD_EVENT, str(error)), at, given)
    if not _is_name(event.name):
        detail = "expected printable characters without space around them"
        at = f"events[{index}].name"
        return _refuse_event(refuse(source.hit, position, Reason.BAD_NAME, detail), at, given)
    return _event(source, event, position), _person(source, event)


def _refuse_event(reject: Reject, at: str, raw: Raw) -> Reject:
    """Of a hit in which one event is wrong, that event alone is kept."""
    body = bytes(raw)[:MAX_REJECT_BYTES].decode(errors="replace")
    return msgspec.structs.replace(reject, at=at, body=body)


def _columns(hit: Hit, page: WirePage, consent: WireConsent) -> dict[str, Any]:
    """Whose hit it is, where and on what screen it happened, and what was consented to."""
    return {
        "container_id": hit.container_id,
        "visitor_id": hit.visitor.visitor_id if hit.visitor else NO_VISITOR,
        "received_at": hit.received_at,
        "page_id": number(page.id),
        "page_seq": page.seq,
        "browser_seq": page.browser_seq,
        "language": page.lang,
        "timezone": page.tz,
        "screen": page.screen,
        "viewport": page.viewport,
        "consent": consented(consent.purposes),
        "consent_source": word(consent.source),
        "consent_version": word(consent.version),
    }


def _event(source: _Source, event: WireEvent, position: Position) -> Event:
    hit, visitor = source.hit, source.hit.visitor
    event_id = _event_id(event.id, hit.container_id, position)
    occurred_at = _occurred_at(hit.received_at, event.at, source.sent_at)
    in_session = visitor and occurred_at >= visitor.session_id * 1000 - SESSION_SLACK_MS
    return Event(
        event_id=event_id,
        src=position.src,
        off=position.off,
        idx=position.idx,
        session_id=visitor.session_id if visitor and in_session else 0,
        session_number=visitor.session_number if visitor and in_session else 0,
        user_id="" if source.is_refused else event.user.id,
        name=event.name,
        occurred_at=occurred_at,
        client_ahead_ms=None if event.at is None else int(event.at) - occurred_at,
        resend=min(event.resend, 2**16 - 1),
        url=event.url,
        title=event.title,
        referrer=event.referrer,
        **source.columns,
        **_with_own_id(_payload(event), event.id, event_id),
    )


def _with_own_id(payload: dict[str, Any], given: str, event_id: str) -> dict[str, Any]:
    """The page's own id among the props, unless it is the row's: a pixel may have it too."""
    if given == event_id or not given or _is_nil(given):
        return payload
    return {**payload, "props": {SHARED_ID: given, **payload.get("props", {})}}


def _payload(event: WireEvent) -> dict[str, Any]:
    """What the page says of the event itself; money and the order leave the props."""
    if not event.props and not event.items:
        return {}
    props = dict(event.props)
    items = event.items or _items(props)
    transaction_id, currency = props.get("transaction_id"), props.get("currency")
    value = money(props.get("value"))
    if value is not None:
        del props["value"]
    return {
        "value": value,
        "currency": _take(props, "currency") if _is_currency(currency) else "",
        "transaction_id": _take(props, "transaction_id") if transaction_id is not None else "",
        "items": [item(fields) for fields in items],
        "props": texts(props),
        "nums": numbers(props),
    }


def _items(props: dict[str, Any]) -> list[dict[str, Any]]:
    """Sites that know GA4 write `items` among the props; it stays there if it is not a list of
    objects."""
    items = props.get("items")
    if (
        isinstance(items, list)
        and len(items) <= MAX_ITEMS
        and all(isinstance(fields, dict) for fields in items)
    ):
        del props["items"]
        return items
    return []


def _take(props: dict[str, Any], key: str) -> str:
    return str(props.pop(key))[:512]


def _is_currency(code: Any) -> bool:
    return isinstance(code, str) and len(code) == 3 and code.isascii() and code.isalpha()


def _is_refused(hit: Hit, consent: WireConsent) -> bool:
    return consent.purposes.get("analytics_storage") == "denied" or _has_refused(hit.query)


@lru_cache(maxsize=1024)
def _has_refused(query: str) -> bool:
    return dict(parse_qsl(query)).get("c") in REFUSALS


def _person(source: _Source, event: WireEvent) -> Person:
    if source.is_refused or event.user is NO_USER:
        return source.person
    user = msgspec.structs.asdict(event.user)
    del user["id"]
    return msgspec.structs.replace(source.person, **user)


def _occurred_at(received_at: int, at: float | None, sent_at: float | None) -> int:
    """The client's time, corrected by its clock's error at sending, clamped to what is credible."""
    if at is None:
        return received_at
    corrected = int(at) if sent_at is None else received_at - int(sent_at - at)
    return max(received_at - OLDEST_MS, min(corrected, received_at + AHEAD_MS))


def _event_id(given: str, container_id: str, position: Position) -> str:
    """The client's UUID; else one made of its own string; else one made of the position."""
    if _UUID.fullmatch(given):
        return given
    if given:
        try:
            known = uuid.UUID(given)
        except ValueError:
            return str(uuid.uuid5(_NAMESPACE, f"{container_id}/{given}"))
        if known != _NIL:
            return str(known)
    return str(uuid.uuid5(_NAMESPACE, f"{position.src}/{position.off}/{position.idx}"))


def _is_nil(given: str) -> bool:
    try:
        return uuid.UUID(given) == _NIL
    except ValueError:
        return False


def _pixel(query: str) -> WireHit[Raw]:
    """A hit of one event from the pixel's query string."""
    fields = dict(parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=200))
    event: dict[str, Any] = {
        key: fields[key] for key in ("name", "id", "url", "referrer", "title") if key in fields
    }
    event["props"] = {key[2:]: text for key, text in fields.items() if key.startswith("p.")}
    event["user"] = {"id": fields.get("user_id", "")}
    event["at"] = _milliseconds(fields.get("at", ""))
    sent_at = _milliseconds(fields.get("sent_at", ""))
    return WireHit(v=VERSION, events=[Raw(msgspec.json.encode(event))], sent_at=sent_at)


def _milliseconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 14 else None
