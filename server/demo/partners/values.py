"""Values that partners' rules speak of: hashes, money, times, lists of events."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from server.clock import MINUTE_MS
from server.demo.partners.contract import Asked, Item, Read

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of nothing: passes for a hash, and matches everybody without a value."""
_HASH = re.compile(r"[0-9a-f]{64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_URL = re.compile(r"https?://[^\s]+")
_ISSUED = re.compile(r"recorder-([0-9]{1,15})-.*")

Found = Iterator[str]
Check = Callable[[dict[str, Any], Asked], Item]


def decode(body: bytes) -> Any:
    """The body's JSON; None: it is none."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None


def read_list(asked: Asked, where: str, *, most: int, check: Check) -> Read:
    """The events that stand in a list of the body, each checked; `where` is `data.events`."""
    document = decode(asked.body)
    if not isinstance(document, dict):
        return Read(faults=["body: expected a JSON object"])
    found: Any = document
    for key in where.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return read_events(found, asked, where=where, most=most, check=check)


def read_events(events: Any, asked: Asked, *, where: str, most: int, check: Check) -> Read:
    """Events of a list, each checked."""
    if not isinstance(events, list) or not 1 <= len(events) <= most:
        return Read(faults=[f"{where}: expected a list of 1 to {most}"])
    items = [
        check(event, asked) if isinstance(event, dict) else Item(faults=["expected an object"])
        for event in events
    ]
    return Read(items=items, list_name=where)


def bearer(asked: Asked) -> str:
    """Why the access token is none; empty: it may be one. The recorder's own tokens expire."""
    scheme, _, token = asked.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return "authorization: expected a Bearer token"
    issued = _ISSUED.fullmatch(token)
    if issued and int(issued[1]) <= asked.now:
        return "authorization: the access token has expired"
    return ""


def inner(holder: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under a key; empty when there is none."""
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def within(place: str, found: Iterable[str]) -> Found:
    """Faults, with the place that they are in."""
    yield from (f"{place}.{fault}" for fault in found)


def is_text(value: Any, most: int = 10_000) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= most


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_url(value: Any) -> bool:
    return isinstance(value, str) and _URL.fullmatch(value) is not None


def is_address(value: Any) -> bool:
    """Whether it is an IP address."""
    try:
        ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


def is_hash(value: Any) -> bool:
    """Whether it is SHA-256 in lower-case hex, of something."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None and value != EMPTY


def texts(holder: Mapping[str, Any], *keys: str) -> Found:
    """Keys that must hold a text."""
    for key in keys:
        if not is_text(holder.get(key)):
            yield f"{key}: expected a text"


def hashes(holder: Mapping[str, Any], *keys: str) -> Found:
    """Keys that may be missing; what is there must be hashed, one value or a list of them."""
    for key in keys:
        if key not in holder:
            continue
        values = holder[key] if isinstance(holder[key], list) else [holder[key]]
        if not values or not all(map(is_hash, values)):
            yield f"{key}: expected SHA-256 in lower-case hex"


def money(holder: Mapping[str, Any], value: str, currency: str) -> Found:
    """An amount that may be missing is a number, and has its currency."""
    if value in holder and not is_number(holder[value]):
        yield f"{value}: expected a number"
    yield from iso_currency(holder, currency)
    if value in holder and currency not in holder:
        yield f"{currency}: {value} needs it"


def iso_currency(holder: Mapping[str, Any], key: str) -> Found:
    given = holder.get(key)
    if key in holder and not (isinstance(given, str) and _CURRENCY.fullmatch(given)):
        yield f"{key}: expected three capital letters"


def among(holder: Mapping[str, Any], key: str, words: Iterable[str]) -> Found:
    """A key whose value is one of these words."""
    known = list(words)
    if holder.get(key) not in known:
        yield f"{key}: expected one of {', '.join(known)}"


def aged(at_ms: Any, now: int, *, oldest_ms: int, ahead_ms: int = MINUTE_MS) -> Found:
    """A time, in ms UTC by now, that the partner still takes; without its key's name."""
    if not is_number(at_ms):
        yield "expected a time"
    elif at_ms < now - oldest_ms:
        yield "too long ago"
    elif at_ms > now + ahead_ms:
        yield "lies in the future"


def named(key: str, found: Iterable[str]) -> Found:
    """Faults of one key."""
    yield from (f"{key}: {fault}" for fault in found)


def seconds(value: Any) -> int | None:
    """ms of whole seconds since 1970; None: they are none."""
    return value * 1000 if isinstance(value, int) and not isinstance(value, bool) else None


def iso_ms(text: Any) -> int | None:
    """ms UTC of an ISO 8601 time with its zone; None: it is none."""
    try:
        time = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        return None
    return int(time.timestamp() * 1000) if time.tzinfo else None
