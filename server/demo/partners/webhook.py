"""A webhook of one's own: any JSON, 204. With a secret its signature is checked, as Standard
Webhooks says: HMAC-SHA256 over id, time and body.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import Any

from server.clock import MINUTE_MS
from server.demo.partners.contract import Answer, Asked, Item, Partner, Read
from server.demo.partners.values import Found, decode

TOLERANCE_MS = 5 * MINUTE_MS
PREFIX = "whsec_"
SIGNED = ("id", "timestamp", "signature")
IDS = ("event_id", "eventId", "id", "messageId")


def read(asked: Asked) -> Read:
    document = decode(asked.body)
    if document is None and asked.body:
        return Read(faults=["body: no JSON"], denied="; ".join(_signature(asked)))
    events = document if isinstance(document, list) else [document]
    items = [_item(event, asked) for event in events]
    name = "body" if isinstance(document, list) else ""
    return Read(items=items, denied="; ".join(_signature(asked)), list_name=name)


def _item(event: Any, asked: Asked) -> Item:
    holder = event if isinstance(event, dict) else {}
    event_id = next((str(holder[key]) for key in IDS if holder.get(key)), "")
    name = next((str(holder[key]) for key in ("event", "name", "type") if key in holder), "")
    return Item(id=event_id or asked.headers.get("webhook-id", ""), name=name[:100])


def _signature(asked: Asked) -> Found:
    """What is wrong with the signature, where there is one or should be one."""
    given = {
        key: asked.headers.get(f"webhook-{key}", "") for key in ("id", "timestamp", "signature")
    }
    if not asked.secret and not (given["timestamp"] or given["signature"]):
        return
    for key, value in given.items():
        if not value:
            yield f"webhook-{key}: missing"
            return
    at = given["timestamp"]
    if not re.fullmatch(r"[0-9]{1,12}", at) or abs(int(at) * 1000 - asked.now) > TOLERANCE_MS:
        yield "webhook-timestamp: expected seconds since 1970, now"
    if asked.secret and not _fits(asked, given):
        yield "webhook-signature: none of them fits"


def _fits(asked: Asked, given: dict[str, str]) -> bool:
    signed = f"{given['id']}.{given['timestamp']}.".encode() + asked.body
    made = hmac.digest(_key(asked.secret), signed, hashlib.sha256)
    expected = "v1," + base64.b64encode(made).decode()
    return any(hmac.compare_digest(expected, one) for one in given["signature"].split(" "))


def _key(secret: str) -> bytes:
    """The bytes of `whsec_…`; a secret of another form is its own bytes."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def answer(read: Read) -> Answer:
    return Answer(status=400 if read.faults or read.faulty else 204)


PARTNER = Partner(
    name="webhook",
    title="Webhook",
    docs="https://www.standardwebhooks.com",
    path=re.compile(r".*", re.DOTALL),
    read=read,
    answer=answer,
    is_whole=True,
)
