"""Tags: what a partner is sent, and what of an event some of them do not see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.containers.model.trigger import Condition, Limit, Percent, Schedule
from server.containers.model.words import EventName, Name, Note, Purpose
from server.publication import Environment


class Tag(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"settings": "with", "exceptions": "except"},
):
    """What a partner is sent, and when. An event is sent once, however many triggers fire."""

    type: str
    """The destination."""
    fires_on: Annotated[list[str], Meta(min_length=1)]
    """Triggers of the container, or `all_events`, `all_pages`; one of them is enough."""
    exceptions: list[str] = field(default_factory=list)
    """Triggers that block the tag; one of them is enough."""
    needs_consent: list[Purpose] | None = None
    """All must be granted; left out: what the destination asks for; `[]`: none."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The destination's settings; texts may hold `{{ event.… }}` and `{{ variable }}`, secrets are
    `$secret.NAME`."""
    priority: Annotated[int, Meta(ge=-1000, le=1000)] = 0
    """Tags of higher priority are decided first."""
    paused: bool = False
    """Sends nothing; the events that it would have been sent say so."""
    environments: list[Environment] = field(default_factory=list)
    """Where it is sent at all; left out: everywhere."""
    limit: Limit | None = None
    """How often at most it is sent something."""
    schedule: Schedule | None = None
    """When it is sent something at all."""
    sample: Percent | None = None
    """The percentage of visitors of whom it is sent something: the same ones for every tag."""
    note: Note = ""
    folder: Name | None = None


class Transformation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes what some tags see of an event; its row in ClickHouse stays as it is. Several are
    applied in the file's order."""

    tags: list[Name] = field(default_factory=list)
    """For these tags; left out: for all."""
    except_tags: list[Name] = field(default_factory=list)
    """For all but these."""
    event: EventName | list[EventName] = field(default_factory=list)
    """On these events; left out: on every one."""
    when: list[Condition] = field(default_factory=list)
    """If all of these hold of the event as it came."""
    allow: list[str] | None = None
    """Only these fields stay, beside those that say which event it is, whose and with what
    consent: `value`, `props.colour`, `person.email`, or all of `props`."""
    exclude: list[str] = field(default_factory=list)
    """These fields go."""
    augment: dict[str, Any] = field(default_factory=dict)
    """These fields are set: `props.tier: "{{ tier }}"`, `name: order`."""
    paused: bool = False
    note: Note = ""
    folder: Name | None = None


Settings = Mapping[str, Any]
Warned = tuple[tuple[str | int, ...], str]
"""A path in a tag's settings, and what the partner would say."""


class Asked(Struct, frozen=True, kw_only=True):
    """A tag as a destination's contract is asked about it."""

    settings: Settings
    """As they are written, unfilled."""
    events: frozenset[str]
    """Names of the events that its triggers name; empty: it may be any."""
    currency: str
    """The container's, of amounts that name none."""


def no_cookies(_: Settings) -> tuple[str, ...]:
    """A tag that reads no cookies."""
    return ()


def no_warnings(_: Asked) -> Iterable[Warned]:
    """A destination that has nothing to say beforehand."""
    return ()


class TagType(Struct, frozen=True, kw_only=True):
    """What a container has to know of a destination; handed in by whoever loads it."""

    name: str
    about: str = ""
    """What it is, for the marketer."""
    config: type[Struct]
    secrets: frozenset[str]
    """Settings that must be `$secret.NAME`."""
    urls: frozenset[str] = frozenset()
    """Settings that are addresses: an event fills no more than what follows the host."""
    headers: frozenset[str] = frozenset()
    """Settings that are HTTP headers: those that let somebody in must be `$secret.NAME`."""
    consent: tuple[str, ...]
    vendor: int | None = None
    """Its number in the IAB's Global Vendor List."""
    needs_person: bool
    title: str = ""
    """The partner's, for people."""
    window_ms: int | None = None
    """How old an event may be that it takes."""
    cookies: Callable[[Settings], tuple[str, ...]] = no_cookies
    """Of the site's own host, by the tag's settings as they are written."""
    warn: Callable[[Asked], Iterable[Warned]] = no_warnings
    """What the partner would refuse, or drop without a word."""


TagTypes = Mapping[str, TagType]
