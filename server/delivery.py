"""The nouns of forwarding: what a tag is owed, what is asked of a partner, and its answer, judged.

    Event ──▶ Delivery (a tag's spool) ──▶ Request ──▶ Response ──▶ Outcome ──▶ Attempt (a row)

HTTP is made of values here: who builds a request never opens a socket.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from msgspec import Struct, field

from server.model import Event

_NAMESPACE = uuid.UUID("b3f0a5c2-4d8e-5f61-9a77-2c1d0e8f6b42")
_BEGUN = hashlib.sha1(_NAMESPACE.bytes, usedforsecurity=False)
_VARIANTS = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


class Delivery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event owed to one tag, with the tag as it was when the event was sorted."""

    delivery_id: str
    container_id: str
    container_version: int = 0
    tag: str
    type: str
    """The destination: `ga4`, `webhook`, …"""
    settings: dict[str, Any] = field(default_factory=dict)
    """The tag's `with`, its values filled in; secrets are still names: `$secret.NAME`."""
    needs_consent: tuple[str, ...] = ()
    event: Event
    person: bytes = b""
    """The `Person`, sealed; empty when the destination does not need it."""


class Attempt(Struct, frozen=True, kw_only=True):
    """What came of a delivery, once; a row of `deliveries`."""

    src: int
    off: int
    idx: int = 0
    container_id: str
    container_version: int = 0
    attempted_at: int
    delivery_id: str
    event_id: str
    visitor_id: str
    tag: str
    destination: str
    event_name: str
    occurred_at: int
    attempt: int
    """1, 2, …; 0: it was not tried at all."""
    outcome: str
    reason: str = ""
    detail: str = ""
    status: int = 0
    duration_ms: int = 0
    batch: int = 1
    """Events in the same request."""
    next_at: int | None = None
    code: str = ""
    """The partner's own."""
    bytes: int = 0
    """Of the request's body, this event's share."""
    fields: tuple[str, ...] = ()
    """Names of what the partner was told: `user_data.em`."""
    match_keys: tuple[str, ...] = ()
    body_hash: str = ""
    """Of the request's body: the first half of its SHA-256, in hexadecimal digits."""
    consent: tuple[str, ...] = ()
    """Purposes that the tag needs, all granted when it was sent."""
    consent_source: str = ""
    lag_ms: int | None = None
    """From the receipt of the event to this; None: it is of a back-fill."""


class Request(Struct, frozen=True, kw_only=True):
    """What a partner is asked."""

    method: str = "POST"
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Response(Struct, frozen=True, kw_only=True):
    """What a partner answered; header names in lower case, 64 KiB of the body at most."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Delivered(Struct, frozen=True):
    """The partner took it."""

    detail: str = ""
    code: str = ""
    """The partner's own word or number for it; so in the others."""


class Retry(Struct, frozen=True):
    """Not now; `after_s` is what the partner asks for, in seconds, for all of this tag."""

    reason: str
    detail: str = ""
    after_s: float | None = None
    code: str = ""


class Refused(Struct, frozen=True):
    """Never in this form: it becomes a dead letter, or the batch is split to find the one."""

    reason: str
    detail: str = ""
    code: str = ""


class Denied(Struct, frozen=True):
    """The partner refuses us, not the event: the tag waits until its secret is right."""

    reason: str
    detail: str = ""
    code: str = ""


class Resend(Struct, frozen=True):
    """The partner did not look at it, because of others in the request: it is sent again at once,
    without them."""

    reason: str = "resend"
    detail: str = ""
    code: str = ""


Outcome = Delivered | Retry | Refused | Denied | Resend


class Mixed(Struct, frozen=True):
    """An answer that tells of single events: their places in the request, and all the others'
    outcome."""

    parts: dict[int, Outcome]
    rest: Outcome = Delivered()


def delivery_id(event_id: str, container_id: str, tag: str) -> str:
    """The same event is owed to the same tag once, however often it is sorted."""
    digest = _BEGUN.copy()  # a UUIDv5, in a fifth of the time that `uuid` takes
    digest.update(f"{event_id}/{container_id}/{tag}".encode())
    text = digest.hexdigest()
    variant = _VARIANTS[text[16]]
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"
