"""`Destination`: what each file of the folder says of its partner, and what that is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from server.clock import HOUR_MS
from server.containers.model import Asked, Warned, no_cookies, no_warnings
from server.delivery import Mixed, Outcome, Refused, Request, Response
from server.destinations.contract.judging import judge_status
from server.model import Event, Person

DAY_H = 24
GRANTED = "granted"

Message = dict[str, Any]
"""One event in a partner's words: what a request says of it."""


class Sending(Struct, frozen=True, kw_only=True):
    """One event on its way to one tag; `config` is the destination's own Config."""

    event: Event
    person: Person
    config: Any
    sent_at: int = 0
    """When this attempt is made, ms UTC: for partners that sign with the time."""
    token: str = ""
    """What `access` has brought, for partners that ask for one."""


class Example(Struct, frozen=True, kw_only=True):
    """Events of one group, and exactly the request that they become."""

    title: str
    sendings: tuple[Sending, ...]
    request: Request
    """Its body is compared as JSON, where it is JSON."""


class Refusal(Struct, frozen=True, kw_only=True):
    """An event that the partner would refuse, or ignore without a word, and what is said of it."""

    title: str
    sending: Sending
    refused: Refused


class Answer(Struct, frozen=True, kw_only=True):
    """An answer of the partner's, and what it means."""

    title: str
    response: Response
    outcome: Outcome | Mixed


class Tcf(Struct, frozen=True, kw_only=True):
    """A partner in the IAB's Transparency and Consent Framework."""

    vendor: int | None
    """Its number in the Global Vendor List; None: it is not in it."""
    purposes: tuple[int, ...]
    """What it asks consent for."""


def alone(_: Sending, __: Message) -> str:
    """All events of a tag may share requests."""
    return ""


def in_any_order(_: Sending) -> str:
    """No event has to wait for another one."""
    return ""


def no_access(_: Any, __: int) -> Request | None:
    """What a container says is enough to be let in."""
    return None


def has(path: str) -> Callable[[Message], bool]:
    """Whether a message has something under a path such as `user_data.em`; in a list, whether one
    of its objects has."""
    names = path.split(".")
    return lambda message: _has(message, names)


def allows_user_data(sending: Sending) -> bool:
    """Whether what is personal may go: the tag says so, and the visitor granted it."""
    return bool(sending.config.send_user_data) and (
        sending.event.consent.get("ad_user_data") == GRANTED
    )


def partner_name(sending: Sending, events: Mapping[str, str]) -> str | Refused:
    """The partner's name of an event: what the tag says, else what the table says."""
    if sending.config.event_name:
        return str(sending.config.event_name)
    name = events.get(sending.event.name)
    if name is None:
        known = ", ".join(sorted(events))
        return Refused(
            "no_mapping",
            f"no event of this partner is like {sending.event.name!r:.100}: set `event_name` on "
            f"the tag, or let it fire on one of {known}",
        )
    return name


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
    message: Callable[[Sending], Message | Refused]
    """The event as the partner takes it, or why it would not, or would ignore it silently."""
    group: Callable[[Sending, Message], str] = alone
    """Events may share a request when this is equal."""
    wrap: Callable[[Sequence[Sending], Sequence[Message]], Request]
    """One request of events of one group; at least one, at most `max_events`."""
    judge: Callable[[Response], Outcome | Mixed] = judge_status
    access: Callable[[Any, int], Request | None] = no_access
    """For partners that let in with a token that ends: the request for one, of the settings and
    the time in ms. It is answered with `access_token` and `expires_in`, as OAuth 2 has it."""
    access_by: tuple[str, ...] = ()
    """The settings by which `access` asks: where they are equal, so is the token; empty: all."""
    events: Mapping[str, str] = field(default_factory=dict)
    """Our event's name, which is GA4's → the partner's."""
    takes_any: bool = False
    """Whether events that `events` does not name go under their own name."""
    match_keys: Mapping[str, Callable[[Message], bool]] = field(default_factory=dict)
    """By what the partner recognises a visitor, and whether a message has it: `email`, `phone`,
    `name`, `address`, `external_id`, `user_id`, `click_id`, `browser_id`, `ip`, `user_agent`."""
    dedup: str = "nothing"
    """By what the partner tells an event that it was sent before."""
    max_events: int = 1
    max_bytes: int = 1024 * 1024
    at_once: int = 32
    """Requests of one tag at the same time, at most."""
    order: Callable[[Sending], str] = in_any_order
    """Events of which this is equal, and not empty, are sent one after the other."""
    window_ms: int = 3 * DAY_H * HOUR_MS
    """How old an event may be when it is sent, by `occurred_at`."""
    consent: tuple[str, ...] = ("analytics_storage",)
    """Purposes that must be granted, unless the tag says otherwise."""
    tcf: Tcf | None = None
    cookies: Callable[[Mapping[str, Any]], tuple[str, ...]] = no_cookies
    """Cookies of the site's own host that it reads, by the tag's settings as the container says
    them, unfilled: kept with the hit for it."""
    needs_person: bool = False
    warn: Callable[[Asked], Iterable[Warned]] = no_warnings
    """What of a tag the partner would refuse, or drop without a word: told before it runs."""
    examples: tuple[Example, ...]
    refusals: tuple[Refusal, ...] = ()
    answers: tuple[Answer, ...]


def _has(value: Any, names: Sequence[str]) -> bool:
    for place, name in enumerate(names):
        if type(value) is list:
            return any(_has(inner, names[place:]) for inner in value)
        if type(value) is not dict or name not in value:
            return False
        value = value[name]
    if type(value) is list:
        return any(_has(inner, ()) for inner in value)
    return value not in (None, "", {})
