"""The hit body, version 1, as structs; the field names are the wire's.

{"v":1, "sent_at":ms, "page":{…}, "consent":{…}, "events":[{"id","name","at","try",…}, …]}
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct, field

MAX_ITEMS = 200
"""Lines of one order or list; GA4 takes as many."""

Milliseconds = Annotated[float, Meta(ge=0, le=10**14)]
MAX_SHORT = 512
Short = Annotated[str, Meta(max_length=MAX_SHORT)]
MAX_LONG = 8192
Long = Annotated[str, Meta(max_length=MAX_LONG)]


class WirePage(Struct, frozen=True):
    """The page load that the events belong to."""

    id: Short = ""
    seq: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    browser_seq: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    lang: Short = ""
    tz: Short = ""
    screen: Short = ""
    viewport: Short = ""


class WireConsent(Struct, frozen=True):
    """What the page knew of the visitor's consent when it sent the hit; a strange word in it is no
    consent, and costs no hit."""

    source: Any = ""
    version: Any = ""
    purposes: dict[str, Any] = field(default_factory=dict)


class WireUser(Struct, frozen=True):
    """What the site says of the visitor; only `id` reaches a table as it is."""

    id: Short = ""
    email: Short = ""
    phone: Short = ""
    first_name: Short = ""
    last_name: Short = ""
    street: Short = ""
    city: Short = ""
    region: Short = ""
    postcode: Short = ""
    country: Short = ""


NO_USER = WireUser()


class WireEvent(Struct, frozen=True, rename={"resend": "try"}):
    """One event; unknown keys are ignored, so that an older server reads a newer tag."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    id: Short = ""
    at: Milliseconds | None = None
    resend: Annotated[int, Meta(ge=0)] = 0
    url: Long = ""
    referrer: Long = ""
    title: Long = ""
    props: dict[str, Any] = field(default_factory=dict)
    items: Annotated[list[dict[str, Any]], Meta(max_length=MAX_ITEMS)] = field(default_factory=list)
    user: WireUser = NO_USER


Each = TypeVar("Each")
"""How events are read: all at once as `WireEvent`, or `Raw`, to be read one by one."""


class WireHit(Struct, Generic[Each], frozen=True):
    """A batch of events of one page load; each event is judged on its own."""

    v: int
    events: list[Each]
    sent_at: Milliseconds | None = None
    page: WirePage = field(default_factory=WirePage)
    consent: WireConsent = field(default_factory=WireConsent)


_EVENT = msgspec.json.Decoder(WireEvent)


_LONG = ("url", "referrer", "title")
_MENDED = re.compile(r"`\$\.(?:user|url|referrer|title)\b")


def read_event(given: Raw) -> WireEvent:
    """One event. What is too long of where it happened is cut, and of its user what can be used is
    taken: neither costs the event."""
    try:
        return _EVENT.decode(given)
    except msgspec.ValidationError as error:
        if not _MENDED.search(str(error)):
            raise
    fields = msgspec.json.decode(given)
    for key in _LONG:
        if isinstance(fields.get(key), str):
            fields[key] = fields[key][:MAX_LONG]
    if "user" in fields:
        fields["user"] = _usable(fields["user"])
    return msgspec.convert(fields, WireEvent)


def _usable(user: Any) -> dict[str, str]:
    """Texts, and numbers as text: a customer's id is often one."""
    fields = user.items() if isinstance(user, dict) else ()
    texts = {key: str(value) for key, value in fields if type(value) in {str, int, float}}
    return {key: value for key, value in texts.items() if len(value) <= MAX_SHORT}
