"""Triggers: when a tag fires."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

from server.containers.model.words import EventName, Name, Note, Scalar

LocalTime = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d)?$",
        description="a day such as 2026-11-27, or with a time: 2026-11-27 09:00",
    ),
]
Hours = Annotated[
    str,
    Meta(
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$",
        description="such as 09:00-18:00",
    ),
]
Percent = Annotated[float, Meta(gt=0, le=100)]


class Condition(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"negate": "not", "one_of": "in"},
):
    """One comparison, in GTM's words; exactly one operator.

    What is missing or empty makes every operator false, so `not` makes it true.
    """

    value: str
    """What is looked at: `"{{ event.path }}"`."""
    negate: bool = False
    """Turns the operator round."""
    ignore_case: bool = False
    """Small letters and capitals are alike."""
    equals: Scalar | None = None
    contains: str | None = None
    starts_with: str | None = None
    ends_with: str | None = None
    matches: str | None = None
    """RE2, anywhere in the value's first 2,048 characters; 512 characters at most, and no large
    counts of large classes, such as `.{0,1000}b.{0,900}`."""
    one_of: list[Scalar] | None = None
    """One of these."""
    greater: float | None = None
    greater_or_equal: float | None = None
    less: float | None = None
    less_or_equal: float | None = None


class Span(StrEnum):
    """Within what is counted. Without a visitor, all but a page are the page."""

    PAGE = "page"
    """One load of a page."""
    SESSION = "session"
    VISITOR = "visitor"
    """As long as the visitor's cookie lives."""
    DAY = "day"
    """A visitor's day in the container's time zone."""


class Limit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often at most."""

    per: Span
    times: Annotated[int, Meta(ge=1, le=1000)] = 1


class Weekday(StrEnum):
    """A day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Schedule(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from"}
):
    """When, in the container's time zone, by the time at which the event happened."""

    since: LocalTime | None = None
    """The first moment."""
    until: LocalTime | None = None
    """The first moment that is too late; of a day alone, the one after it."""
    days: list[Weekday] = field(default_factory=list)
    """Left out: every day."""
    hours: list[Hours] = field(default_factory=list)
    """Left out: all day; `22:00-02:00` goes past midnight."""


class Trigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a tag fires: on these events, if all conditions hold. Or a group: when all of several
    triggers have fired within a page or a session, once."""

    event: EventName | list[EventName] = field(default_factory=list)
    """One name or several; left out: every event."""
    when: list[Condition] = field(default_factory=list)
    """All of them have to hold."""
    all_of: list[Name] = field(default_factory=list)
    """A group: the triggers that must have fired, in any order; with neither `event` nor `when`."""
    within: Span = Span.PAGE
    """Of a group: since when."""
    limit: Limit | None = None
    """How often at most the trigger fires."""
    schedule: Schedule | None = None
    """When it fires at all."""
    sample: Percent | None = None
    """The percentage of visitors for whom it fires: the same ones for every trigger and tag."""
    note: Note = ""
    folder: Name | None = None
