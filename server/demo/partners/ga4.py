"""GA4's Measurement Protocol, judged by Google's published rules. Google itself does not tell a
sender: it answers 204 to whatever it is sent, and drops in silence.

https://developers.google.com/analytics/devguides/collection/protocol/ga4/sending-events
https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from server.clock import HOUR_MS
from server.demo.partners.contract import Answer, Asked, Item, Partner, Read
from server.demo.partners.values import decode, inner

MAX_BODY_BYTES = 130_000
MAX_EVENTS = 25
MAX_PARAMS = 25
MAX_PROPERTIES = 25
MAX_NAME = 40
MAX_VALUE = 100
MAX_ITEMS = 200
MAX_ITEM_CUSTOM = 10
OLDEST_MS = 72 * HOUR_MS
LONGER = {"page_title": 300, "page_referrer": 420, "page_location": 1000}
OWN_PREFIXES = ("ga_", "google_", "firebase_")
_OWN_NAMES = (
    "ad_activeview ad_click ad_exposure ad_query ad_reward adunit_exposure app_clear_data "
    "app_exception app_install app_remove app_store_refund app_update app_upgrade "
    "dynamic_link_app_open dynamic_link_app_update dynamic_link_first_open error "
    "first_open first_visit in_app_purchase notification_dismiss notification_foreground "
    "notification_open notification_receive os_update session_start user_engagement"
)
OWN_NAMES = frozenset(_OWN_NAMES.split())
REQUIRED = {
    "purchase": ("currency", "value", "transaction_id", "items"),
    "refund": ("currency", "value", "transaction_id"),
    **dict.fromkeys(
        ("add_to_cart", "begin_checkout", "remove_from_cart", "view_cart", "view_item"),
        ("currency", "value", "items"),
    ),
    "view_item_list": ("items",),
}
_ITEM_WORDS = (
    "item_id item_name affiliation coupon creative_name creative_slot currency discount index "
    "item_brand item_category item_category2 item_category3 item_category4 item_category5 "
    "item_list_id item_list_name item_variant location_id price promotion_id promotion_name "
    "quantity"
)
ITEM_WORDS = frozenset(_ITEM_WORDS.split())

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_STREAM = re.compile(r"G-[A-Z0-9]{4,20}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_CLIENT = re.compile(r"[!-~]{1,256}")

Found = Iterator[str]


def read(asked: Asked) -> Read:
    """The events, with their faults: those that the rules name."""
    body = asked.body
    found = [*_query(asked.query)]
    if len(body) >= MAX_BODY_BYTES:
        found.append(f"body: {len(body)} bytes, less than {MAX_BODY_BYTES} are taken")
    document = decode(body)
    if not isinstance(document, dict):
        found.append("body: no JSON" if document is None else "body: no JSON object")
        return Read(faults=found)
    events = document.get("events")
    found += _document(document, asked.now)
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
        return Read(faults=[*found, f"events: expected a list of 1 to {MAX_EVENTS}"])
    items = [_item_of(event, asked.now) for event in events]
    return Read(items=items, faults=found, list_name="events")


def _item_of(event: Any, now: int) -> Item:
    """An event; what ours calls its id travels as a parameter, GA4 itself knows orders alone."""
    if not isinstance(event, dict):
        return Item(faults=["name: expected an object with a name"])
    event_id = inner(event, "params").get("event_id", "")
    name = str(event.get("name", ""))[:100]
    return Item(id=str(event_id), name=name, faults=[*_event(event, now)])


def _query(query: str) -> Found:
    values = dict(parse_qsl(query))
    if not _STREAM.fullmatch(values.get("measurement_id", "")):
        yield "query: measurement_id must be a G-… id"
    if not values.get("api_secret"):
        yield "query: api_secret is missing"


def _document(document: Mapping[str, Any], now: int) -> Found:
    client = document.get("client_id")
    if not isinstance(client, str) or not _CLIENT.fullmatch(client):
        yield "client_id: expected a text without spaces"
    if "user_id" in document and not _is_text(document["user_id"], 256):
        yield "user_id: expected a text of 1 to 256 characters"
    yield from _time(document, "timestamp_micros", now)
    yield from _consent(document.get("consent", {}))
    yield from _properties(document.get("user_properties", {}))


def _at(place: str, found: Found) -> Found:
    yield from (f"{place}.{fault}" for fault in found)


def _of(place: str, found: Found) -> Found:
    yield from (f"{place}: {fault}" for fault in found)


def _time(holder: Mapping[str, Any], key: str, now: int) -> Found:
    if key not in holder:
        return
    micros = holder[key]
    if isinstance(micros, str) and micros.isdecimal():
        micros = int(micros[:20])
    if not _is_number(micros):
        yield f"{key}: expected microseconds since 1970"
    elif micros < (now - OLDEST_MS) * 1000:
        yield f"{key}: more than 72 hours ago, so it would be dropped"
    elif micros > (now + HOUR_MS) * 1000:
        yield f"{key}: lies in the future"


def _consent(consent: Any) -> Found:
    if not isinstance(consent, dict):
        yield "consent: expected an object"
        return
    for name, answer in consent.items():
        if name not in {"ad_user_data", "ad_personalization"}:
            yield f"consent.{name}: no such purpose"
        elif answer not in ("GRANTED", "DENIED"):
            yield f"consent.{name}: expected GRANTED or DENIED"


def _properties(properties: Any) -> Found:
    if not isinstance(properties, dict) or len(properties) > MAX_PROPERTIES:
        yield f"user_properties: expected an object of at most {MAX_PROPERTIES}"
        return
    for name, property_ in properties.items():
        yield from _of(f"user_properties.{name}", _name(name, 24))
        value = property_.get("value") if isinstance(property_, dict) else None
        if value is None:
            yield f'user_properties.{name}: expected {{"value": …}}'
        elif isinstance(value, str) and len(value) > 36:
            yield f"user_properties.{name}: longer than 36 characters"


def _event(event: Mapping[str, Any], now: int) -> Found:
    name, params = event.get("name"), event.get("params", {})
    yield from _of("name", _name(name, MAX_NAME))
    if isinstance(name, str) and name in OWN_NAMES:
        yield f"name: {name} is Google's own"
    yield from _time(event, "timestamp_micros", now)
    if not isinstance(params, dict):
        yield "params: expected an object"
        return
    yield from _at("params", _params(params))
    for key in REQUIRED.get(name, ()) if isinstance(name, str) else ():
        if params.get(key) in (None, "", []):
            yield f"params.{key}: {name} needs it"


def _params(params: Mapping[str, Any]) -> Found:
    own = [key for key in params if key != "items"]
    if len(own) > MAX_PARAMS:
        yield f"*: {len(own)} parameters, at most {MAX_PARAMS}"
    for key in own:
        yield from _of(key, _name(key, MAX_NAME))
        yield from _value(key, params[key], LONGER.get(key, MAX_VALUE))
    for key, (holds, expected) in _TYPES.items():
        if key in params and not holds(params[key]):
            yield f"{key}: expected {expected}"
    if "engagement_time_msec" not in params:
        yield "engagement_time_msec: without it the user does not show in reports"
    if "value" in params and "currency" not in params:
        yield "currency: a value needs it"
    if "items" in params:
        yield from _items(params["items"])


def _value(key: str, value: Any, most: int) -> Found:
    if isinstance(value, dict | list) or value is None:
        yield f"{key}: expected a text or a number"
    elif isinstance(value, str) and len(value) > most:
        yield f"{key}: {len(value)} characters, at most {most}"


def _items(items: Any) -> Found:
    if not isinstance(items, list) or len(items) > MAX_ITEMS:
        yield f"items: expected a list of at most {MAX_ITEMS}"
        return
    for number, item in enumerate(items):
        yield from _at(f"items[{number}]", _item(item))


def _item(item: Any) -> Found:
    if not isinstance(item, dict) or not (item.get("item_id") or item.get("item_name")):
        yield "item_id: item_id or item_name is needed"
        return
    custom = [key for key in item if key not in ITEM_WORDS]
    if len(custom) > MAX_ITEM_CUSTOM:
        yield f"*: {len(custom)} parameters of its own, at most {MAX_ITEM_CUSTOM}"
    for key, value in item.items():
        yield from _value(key, value, MAX_VALUE)
    for key in ("price", "quantity", "discount", "index"):
        if key in item and not _is_number(item[key]):
            yield f"{key}: expected a number"


def _name(name: Any, most: int) -> Found:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > most:
        yield f"expected a letter, then letters, digits and _, at most {most}"
    elif name.startswith(OWN_PREFIXES):
        yield "begins with a prefix of Google's own"


def _is_text(value: Any, most: int) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= most


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_session(value: Any) -> bool:
    return isinstance(value, int | str) and re.fullmatch(r"[1-9]\d{0,18}", str(value)) is not None


_TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "session_id": (_is_session, "a number"),
    "engagement_time_msec": (
        lambda value: _is_session(value) and int(value) > 0,
        "a positive number of milliseconds",
    ),
    "value": (_is_number, "a number"),
    "tax": (_is_number, "a number"),
    "shipping": (_is_number, "a number"),
    "currency": (
        lambda value: isinstance(value, str) and _CURRENCY.fullmatch(value) is not None,
        "three capital letters",
    ),
    "transaction_id": (lambda value: _is_text(value, MAX_VALUE), "a text"),
}


PARTNER = Partner(
    name="ga4",
    title="GA4",
    docs="https://developers.google.com/analytics/devguides/collection/protocol/ga4",
    path=re.compile(r"/(?:debug/)?mp/collect"),
    read=read,
    answer=lambda _: Answer(status=204),
    throttled=Answer(status=429),
    revoked=Answer(status=204),
)
