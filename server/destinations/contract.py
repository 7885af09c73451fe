"""What a destination is: one file that says what it needs, asks and makes of the answer.

It is pure: it never sleeps, retries, logs or opens a socket; the forwarder does. Its EXAMPLES are
its tests and its documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from server.clock import HOUR_MS
from server.containers.model import Asked, Warned, no_cookies, no_warnings
from server.delivery import Delivered, Denied, Outcome, Refused, Request, Response, Retry
from server.model import Event, Person

Secret = Annotated[str, Meta(extra={"secret": True}, min_length=1)]
"""A setting that a container may only name: `$secret.NAME`."""
Url = Annotated[
    str,
    Meta(extra={"url": True}, pattern=r"^https?://", description="http:// or https://"),
]
"""An address: the container names its host, and an event may only fill what follows it."""
HeaderName = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$", description="a header, such as X-Shop"),
]
Headers = Annotated[dict[HeaderName, str], Meta(extra={"headers": True})]
"""Headers of requests; those that let somebody in, a container may only name."""

DAY_H = 24
MAX_DETAIL_CHARS = 4096
"""Of an answer's text: more than is kept, since whoever keeps it looks for secrets first."""


class Sending(Struct, frozen=True, kw_only=True):
    """One event on its way to one tag; `config` is the destination's own Config."""

    event: Event
    person: Person
    config: Any
    sent_at: int = 0
    """When this attempt is made, ms UTC: for partners that sign with the time."""


class Example(Struct, frozen=True, kw_only=True):
    """Events of one group, and exactly the request that they become."""

    title: str
    sendings: tuple[Sending, ...]
    request: Request


class Answer(Struct, frozen=True, kw_only=True):
    """An answer of the partner's, and what it means."""

    title: str
    response: Response
    outcome: Outcome


EVENT = Event(
    event_id="0199c000-0000-7000-8000-000000000001",
    src=1,
    off=0,
    idx=0,
    container_id="shop",
    visitor_id="0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",
    session_id=1_760_000_000,
    session_number=1,
    name="page_view",
    occurred_at=1_760_000_030_000,
    received_at=1_760_000_031_000,
    url="https://www.example.com/shoes",
    consent={"analytics_storage": "granted"},
)
"""What examples are made of: `replace(EVENT, name="purchase", …)`."""


def judge_status(response: Response) -> Outcome:
    """What the status alone says; for partners whose status does not lie."""
    status = response.status
    text = response.body[: 4 * MAX_DETAIL_CHARS].decode(errors="replace")[:MAX_DETAIL_CHARS]
    if 200 <= status < 300:
        return Delivered()
    if status in (401, 403):
        return Denied("credentials", text)
    if status in (408, 425, 429) or status >= 500:
        return Retry(f"http_{status}", text)
    if 300 <= status < 400:
        place = response.headers.get("location", "nowhere")[:MAX_DETAIL_CHARS]
        return Refused("redirect", f"to {place.encode(errors='replace').decode()}")
    return Refused(f"http_{status}", text)


def admit_all(_: Sending) -> Refused | None:
    """No event is refused before it is sent."""
    return None


def alone(_: Sending) -> str:
    """All events of a tag may share requests."""
    return ""


class Destination(Struct, frozen=True, kw_only=True):
    """A partner out: `DESTINATION` in each file of this folder."""

    name: str
    """The `type:` in a container."""
    title: str
    about: str
    """One line for the marketer."""
    docs: str
    """Where the partner describes its interface."""
    config: type[Struct]
    """The keys of `with`; each field has a docstring, and a `Secret` is marked as one."""
    build: Callable[[Sequence[Sending]], Request]
    """One request of events of one group; at least one, at most `max_events`."""
    judge: Callable[[Response], Outcome] = judge_status
    admit: Callable[[Sending], Refused | None] = admit_all
    """Refuses what the partner would refuse, or silently ignore, before it is sent."""
    group: Callable[[Sending], str] = alone
    """Events may share a request when this is equal."""
    max_events: int = 1
    max_bytes: int = 1024 * 1024
    window_ms: int = 3 * DAY_H * HOUR_MS
    """How old an event may be when it is sent, by `occurred_at`."""
    consent: tuple[str, ...] = ("analytics_storage",)
    """Purposes that must be granted, unless the tag says otherwise."""
    cookies: Callable[[Mapping[str, Any]], tuple[str, ...]] = no_cookies
    """Cookies of the site's own host that it reads, by the tag's settings as the container says
    them, unfilled: kept with the hit for it."""
    needs_person: bool = False
    warn: Callable[[Asked], Iterable[Warned]] = no_warnings
    """What of a tag the partner would refuse, or drop without a word: told before it runs."""
    examples: tuple[Example, ...]
    answers: tuple[Answer, ...]
