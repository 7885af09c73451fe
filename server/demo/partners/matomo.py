"""Matomo's bulk tracking: 200, and the places of what was invalid for who has a token.

https://developer.matomo.org/api-reference/tracking-api
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from server.clock import DAY_MS
from server.demo.partners.contract import Answer, Asked, Item, Partner, Read, json_answer
from server.demo.partners.values import Found, decode, is_number, is_text, is_url

BULK_MS = DAY_MS
"""Older ones need a token."""
OWN = ("cip", "country", "region", "city", "lat", "long")
"""Parameters that only who has a token may set."""
NO_TOKEN = "token_auth"  # noqa: S105 (the parameter's name)
_VISITOR = re.compile(r"[0-9a-f]{16}")


def read(asked: Asked) -> Read:
    document = decode(asked.body)
    if not isinstance(document, dict) or "requests" not in document:
        return Read(items=[_item(asked.query + "&" + asked.body.decode(errors="replace"), asked)])
    requests = document["requests"]
    if not isinstance(requests, list) or not requests:
        return Read(faults=["requests: expected a list"])
    token = str(document.get(NO_TOKEN) or "")
    return Read(items=[_item(one, asked, token) for one in requests], list_name="requests")


def _item(request: Any, asked: Asked, token: str = "") -> Item:
    """A request is a query, with or without its question mark, or an object of its parameters."""
    if isinstance(request, dict):
        given = {key: str(value) for key, value in request.items()}
    elif isinstance(request, str):
        given = dict(parse_qsl(request.lstrip("?&"), keep_blank_values=True, errors="replace"))
    else:
        return Item(faults=["expected a query, or an object"])
    faults = [*_faults(given, bool(token or given.get(NO_TOKEN)), asked.now)]
    name = given.get("e_a") or ("order" if given.get("idgoal") == "0" else "")
    own = given.get("ec_id") or given.get("pv_id", "")
    return Item(id=own, key=str(request), name=name or given.get("action_name", ""), faults=faults)


def _faults(given: dict[str, str], is_trusted: bool, now: int) -> Found:
    if not given.get("idsite", "").isdecimal():
        yield "idsite: expected a number"
    if given.get("rec") != "1":
        yield "rec: expected 1"
    if "url" in given and not is_url(given["url"]):
        yield "url: expected an address"
    for key in ("_id", "cid"):
        if key in given and not _VISITOR.fullmatch(given[key]):
            yield f"{key}: expected 16 hexadecimal characters"
    if not is_trusted:
        yield from _untrusted(given, now)
    yield from _content(given)


def _untrusted(given: dict[str, str], now: int) -> Found:
    """What only who has a token may say."""
    for key in OWN:
        if key in given:
            yield f"{key}: only with token_auth"
    at = given.get("cdt", "")
    if at.isdecimal() and now - int(at[:12]) * 1000 > BULK_MS:
        yield "cdt: older than 24 hours, only with token_auth"


def _content(given: dict[str, str]) -> Found:
    """What an event or an order consists of."""
    if given.get("e_c") == "" or ("e_a" in given) != ("e_c" in given):
        yield "e_c: an event has a category and an action"
    if given.get("idgoal") == "0" and not _is_money(given.get("revenue", "")):
        yield "revenue: an order needs it"
    if "ec_items" in given and not _are_items(decode(given["ec_items"].encode(errors="replace"))):
        yield "ec_items: expected a list of [sku, name, category, price, quantity]"


def _is_money(text: str) -> bool:
    return re.fullmatch(r"-?\d+(?:\.\d+)?", text) is not None


def _are_items(items: Any) -> bool:
    return isinstance(items, list) and all(
        isinstance(item, list)
        and 1 <= len(item) <= 5
        and is_text(item[0])
        and all(map(is_number, item[3:]))
        for item in items
    )


def answer(read: Read) -> Answer:
    if read.faults:
        return json_answer(400, {"status": "error", "tracked": 0, "invalid": 0})
    counts = {"tracked": len(read.items) - len(read.faulty), "invalid": len(read.faulty)}
    return json_answer(200, {"status": "success", **counts, "invalid_indices": read.faulty})


PARTNER = Partner(
    name="matomo",
    title="Matomo",
    docs="https://developer.matomo.org/api-reference/tracking-api",
    path=re.compile(r"(?:/[\w.-]+)*/(?:matomo|piwik)\.php"),
    read=read,
    answer=answer,
    revoked=json_answer(401, {"status": "error", "tracked": 0, "invalid": 0}),
)
