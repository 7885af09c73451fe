"""Braze's `/users/track`: 201 with `errors` for the objects that were not taken; 400 when all is
wrong.

https://www.braze.com/docs/api/endpoints/user_data/post_user_track
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import (
    Found,
    bearer,
    decode,
    inner,
    is_number,
    is_text,
    iso_currency,
    iso_ms,
)

KINDS = ("attributes", "events", "purchases")
MOST = 75
WHO = ("external_id", "braze_id", "user_alias", "email", "phone")


def read(asked: Asked) -> Read:
    document = decode(asked.body)
    if not isinstance(document, dict):
        return Read(faults=["body: expected a JSON object"], denied=bearer(asked))
    found = Read(items=[*_items(document)], denied=bearer(asked))
    for kind in KINDS:
        given = document.get(kind, [])
        if not isinstance(given, list) or len(given) > MOST:
            found.faults.append(f"{kind}: expected a list of at most {MOST}")
    if not found.items and not found.faults:
        found.faults.append("events: nothing in attributes, events and purchases")
    return found


def _items(document: dict[str, Any]) -> Iterator[Item]:
    for kind in KINDS:
        given = document.get(kind, [])
        for number, one in enumerate(given if isinstance(given, list) else []):
            holder = one if isinstance(one, dict) else {}
            yield _item(kind, f"{kind}[{number}]", holder)


def _item(kind: str, place: str, one: dict[str, Any]) -> Item:
    """One object; Braze deduplicates nothing, so an id of ours is looked for in its properties."""
    name = str(one.get("name") or one.get("product_id") or kind)
    own = str(inner(one, "properties").get("event_id", ""))
    who = next((str(one[key]) for key in WHO if one.get(key)), "")
    key = f"{own or who}|{name}|{one.get('time')}"
    return Item(id=own, key=key, name=name, place=place, faults=[*_faults(kind, one)])


def _faults(kind: str, one: dict[str, Any]) -> Found:
    if not any(one.get(key) for key in WHO):
        yield f"external_id: expected one of {', '.join(WHO)}"
    if kind == "attributes":
        return
    if iso_ms(one.get("time")) is None:
        yield "time: expected ISO 8601"
    if not isinstance(one.get("properties", {}), dict):
        yield "properties: expected an object"
    if kind == "events" and not is_text(one.get("name"), 255):
        yield "name: expected a text"
    if kind == "purchases":
        if not is_text(one.get("product_id"), 255):
            yield "product_id: expected a text"
        if not is_number(one.get("price")):
            yield "price: expected a number"
        yield from iso_currency({"currency": one.get("currency")}, "currency")
        quantity = one.get("quantity", 1)
        if not isinstance(quantity, int) or not 1 <= quantity <= 100:
            yield "quantity: expected 1 to 100"


def answer(read: Read) -> Answer:
    if read.faults or len(read.faulty) == len(read.items):
        return json_answer(400, {"message": next(read.verdict())})
    errors = []
    for item in read.items:
        kind, _, index = item.place.rstrip("]").partition("[")
        for fault in item.faults[:1]:
            errors.append({"type": fault, "input_array": kind, "index": int(index)})
    content: dict[str, Any] = {"message": "success", "events_processed": len(read.items)}
    return json_answer(201, content | ({"errors": errors} if errors else {}))


PARTNER = Partner(
    name="braze",
    title="Braze",
    docs="https://www.braze.com/docs/api/endpoints/user_data/post_user_track",
    path=re.compile(r"/users/track"),
    read=read,
    answer=answer,
    throttled=json_answer(
        429,
        {"message": "You have exceeded your requests limit. Please try again later."},
        {"x-ratelimit-limit": "3000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "3"},
    ),
    revoked=json_answer(401, {"message": "Invalid API Key"}),
)
