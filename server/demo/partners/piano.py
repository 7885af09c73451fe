"""Piano Analytics' collection: it answers 200 to whatever it is sent, with nothing in it.

https://developers.atinternet-solutions.com/data-collection/how-to-send-events
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from server.demo.partners.contract import Answer, Asked, Item, Partner, Read
from server.demo.partners.values import Found, inner, is_text, read_list

MAX_NAME = 50
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_.]*")
_SITE = re.compile(r"\d{1,12}")


def read(asked: Asked) -> Read:
    found = read_list(asked, "events", most=1000, check=_event)
    query = dict(parse_qsl(asked.query))
    if not _SITE.fullmatch(query.get("s", "")):
        found.faults.append("s: expected the number of the site")
    if not query.get("idclient"):
        found.faults.append("idclient: missing")
    return found


def _event(event: dict[str, Any], _: Asked) -> Item:
    data, name = inner(event, "data"), str(event.get("name", ""))
    own = next((str(data[key]) for key in ("event_id", "transaction_id") if key in data), "")
    return Item(id=own, name=name, faults=[*_faults(event)])


def _faults(event: dict[str, Any]) -> Found:
    name = event.get("name")
    if not is_text(name, MAX_NAME) or not _NAME.fullmatch(str(name)):
        yield f"name: expected letters, digits, . and _, at most {MAX_NAME}"
    if not isinstance(event.get("data", {}), dict):
        yield "data: expected an object"
    for key, value in inner(event, "data").items():
        if not _NAME.fullmatch(key):
            yield f"data.{key}: expected letters, digits, . and _"
        elif isinstance(value, dict) or value is None:
            yield f"data.{key}: expected a text, a number, yes or no, or a list of them"


PARTNER = Partner(
    name="piano",
    title="Piano Analytics",
    docs="https://developers.atinternet-solutions.com/data-collection/how-to-send-events",
    path=re.compile(r"/event"),
    read=read,
    answer=lambda _: Answer(status=200),
    revoked=Answer(status=200),
)
