"""Webhook: each event, as JSON, to an address of yours; signed if you like.

The signature follows Standard Webhooks (https://www.standardwebhooks.com):

    webhook-id         event_id, the same at each attempt: drop what you have seen
    webhook-timestamp  seconds when this attempt was made
    webhook-signature  v1,<base64 of HMAC-SHA256(secret, "{id}.{timestamp}.{body}")>, and after a
                       space the same by the previous secret, while there is one
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from server.delivery import Delivered, Denied, Refused, Request, Response, Retry
from server.destinations.contract import (
    EVENT,
    MAX_DETAIL_CHARS,
    Answer,
    Destination,
    Example,
    Headers,
    Message,
    Secret,
    Sending,
    Url,
    encode,
    judge_status,
    money,
    visitor_id,
)
from server.model import Event, Item, Person

_PREFIX = "whsec_"
_POSITION = {"src", "off", "idx"}
_OF_THE_CONNECTION = {"connection", "content-length", "host", "transfer-encoding"}
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an event goes, and in what shape."""

    url: Url
    """The address that is asked, with http:// or https://; an event's values may follow the host,
    as in `https://example.com/orders?name={{ event.name }}`."""
    method: Literal["POST", "PUT"] = "POST"
    """POST, or PUT."""
    headers: Headers = field(default_factory=dict)
    """Further headers, such as `Authorization: $secret.NAME`."""
    secret: Secret | None = None
    """Signs each request; `whsec_` and base64, or any text."""
    previous_secret: Secret | None = None
    """Signs each request too, until whoever receives them knows the new `secret`."""
    body: dict[str, Any] | None = None
    """The JSON that is sent; left out: the whole event, without what is personal."""
    in_order: bool = False
    """Sends a visitor's events one after the other, as they happened; one that has to be tried
    again comes later."""

    def __post_init__(self) -> None:
        """Raises ValueError for what would break every request."""
        for name in self.headers:
            if name.lower() in _OF_THE_CONNECTION:
                raise ValueError(f"the header {name} belongs to the connection")
        if self.previous_secret and not self.secret:
            raise ValueError("previous_secret: `secret` is missing, which is to take its place")
        for secret in (self.secret, self.previous_secret):
            _key(secret or "")


def message(sending: Sending) -> Message | Refused:
    """What the tag says, or the whole event; refused, where an event's values have broken the
    address or a header."""
    url, headers = sending.config.url, sending.config.headers
    for name, value in headers.items():
        if _CONTROL.search(value):
            return Refused("bad_header", f"the value of {name} has a line break or the like")
    try:
        is_sound = urlsplit(url).hostname and not re.search(r"[\s\x00-\x20\x7f]", url)
    except ValueError:
        is_sound = False
    if not is_sound:
        return Refused("bad_url", f"not an address: {url!r}"[:MAX_DETAIL_CHARS])
    body: Message | None = sending.config.body
    return _whole(sending.event) if body is None else body


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """One event a request."""
    (sending,), (message,) = sendings, messages
    event, config = sending.event, sending.config
    body = encode(message)
    headers = {
        "content-type": "application/json",
        **{name.lower(): value for name, value in config.headers.items()},
        "idempotency-key": event.event_id,
        "webhook-id": event.event_id,
    }
    if config.secret:
        timestamp = str(sending.sent_at // 1000)
        signed = b".".join((event.event_id.encode(), timestamp.encode(), body))
        secrets = [one for one in (config.secret, config.previous_secret) if one]
        headers["webhook-timestamp"] = timestamp
        headers["webhook-signature"] = " ".join(_signature(one, signed) for one in secrets)
    return Request(method=config.method, url=config.url, headers=headers, body=body)


def order(sending: Sending) -> str:
    """The visitor, if the tag wants the events of each in their order."""
    return visitor_id(sending.event) if sending.config.in_order else ""


def _signature(secret: str, signed: bytes) -> str:
    mac = hmac.digest(_key(secret), signed, hashlib.sha256)
    return f"v1,{base64.b64encode(mac).decode()}"


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("the secret: expected base64 after `whsec_`") from None


def _whole(event: Event) -> dict[str, Any]:
    """Every column that is not empty, under its name, but the position; money as numbers."""
    columns = _stated(event)
    if not visitor_id(event):
        del columns["visitor_id"]
    if event.items:
        columns["items"] = _items(event.items)
    return columns


def _items(items: list[Item]) -> list[dict[str, Any]]:
    """An index of 0 says something only beside others."""
    is_numbered = any(item.index > 0 for item in items)
    return [_stated(i) | ({"index": i.index} if is_numbered else {}) for i in items]


def _stated(part: Event | Item) -> dict[str, Any]:
    stated = {n: value for n, value in asdict(part).items() if value and n not in _POSITION}
    amounts = {name: money(stated[name]) for name in {"value", "price", "discount"} & stated.keys()}
    return stated | amounts


_URL = "https://hooks.example.com/freehold"
_PURCHASE = replace(
    EVENT,
    name="purchase",
    value="59.9000",
    currency="EUR",
    transaction_id="T-1001",
    items=[Item(item_id="SKU-1", price="29.9500", quantity=2.0)],
    props={"coupon": "SPRING"},
)
_PERSON = Person(ip="203.0.113.9", email="jo@example.com")

EXAMPLES = (
    Example(
        title="The whole event",
        sendings=(Sending(event=_PURCHASE, person=_PERSON, config=Config(url=_URL)),),
        request=Request(
            url=_URL,
            headers={
                "content-type": "application/json",
                "idempotency-key": EVENT.event_id,
                "webhook-id": EVENT.event_id,
            },
            body=b'{"event_id":"0199c000-0000-7000-8000-000000000001",'
            b'"container_id":"shop","visitor_id":"0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",'
            b'"session_id":1760000000,"session_number":1,"name":"purchase",'
            b'"occurred_at":1760000030000,"received_at":1760000031000,'
            b'"url":"https://www.example.com/shoes","consent":{"analytics_storage":"granted"},'
            b'"value":59.9,"currency":"EUR","transaction_id":"T-1001",'
            b'"items":[{"item_id":"SKU-1","price":29.95,"quantity":2.0}],'
            b'"props":{"coupon":"SPRING"}}',
        ),
    ),
    Example(
        title="A body and a header of one's own, signed by a new secret and the one before it",
        sendings=(
            Sending(
                event=_PURCHASE,
                person=_PERSON,
                config=Config(
                    url=_URL,
                    method="PUT",
                    headers={"X-Shop": "fr"},
                    secret="whsec_bm90IGEgc2VjcmV0",  # noqa: S106
                    previous_secret="old and tired",  # noqa: S106
                    body={"order": "T-1001", "total": 59.9},
                ),
                sent_at=1_760_000_031_000,
            ),
        ),
        request=Request(
            method="PUT",
            url=_URL,
            headers={
                "content-type": "application/json",
                "x-shop": "fr",
                "idempotency-key": EVENT.event_id,
                "webhook-id": EVENT.event_id,
                "webhook-timestamp": "1760000031",
                "webhook-signature": "v1,nO+rOCVJrPQE/46mgu7lWLKcb94ofn2sDcnYi1UUsTw="
                " v1,71er8I5s4DUvjoAJYUwWIVDoEOa7zuqcZGng9zuyqRk=",
            },
            body=b'{"order":"T-1001","total":59.9}',
        ),
    ),
)

ANSWERS = (
    Answer(title="Taken", response=Response(status=204), outcome=Delivered()),
    Answer(
        title="The address is no more",
        response=Response(status=410, body=b"gone"),
        outcome=Refused("http_410", "gone"),
    ),
    Answer(
        title="The header or the signature is wrong",
        response=Response(status=401, body=b"bad signature"),
        outcome=Denied("credentials", "bad signature"),
    ),
    Answer(
        title="Too busy",
        response=Response(status=503, headers={"retry-after": "30"}),
        outcome=Retry("http_503"),
    ),
)

DESTINATION = Destination(
    name="webhook",
    title="Webhook",
    about="Each event as JSON to an address of yours.",
    docs="https://www.standardwebhooks.com",
    config=Config,
    message=message,
    wrap=wrap,
    judge=judge_status,
    order=order,
    takes_any=True,
    dedup="`webhook-id`, the same at each attempt",
    examples=EXAMPLES,
    answers=ANSWERS,
)
