"""Schedules, samples and partners' windows, compiled once: may it fire now, for this visitor."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from server.clock import HOUR_MS
from server.containers.explain import Fault, Malformed
from server.containers.model import Schedule, Weekday
from server.model import NO_VISITOR, Event

WEEKDAYS = tuple(Weekday)

Test = Callable[[Event], bool]


class Gate(Struct, frozen=True, kw_only=True):
    """One test, and the words for what it wants."""

    reason: str
    """`schedule`, `sample` or `too_old`."""
    opens: Test
    words: str


def compile_gates(
    schedule: Schedule | None, sample: float | None, zone: ZoneInfo
) -> tuple[Gate, ...]:
    """The gates of a trigger or a tag, in the order in which they are asked; raises Malformed."""
    gates = []
    if schedule is not None:
        gates.append(_scheduled(schedule, zone))
    if sample is not None and sample < 100:
        gates.append(
            Gate(
                reason="sample",
                opens=lambda event: share_of(event) < sample,
                words=f"the visitor is not among the {sample:g} % that are drawn",
            )
        )
    return tuple(gates)


def window_gate(title: str, window_ms: int) -> Gate:
    """Closed for an event that came later than its partner would take it."""
    return Gate(
        reason="too_old",
        opens=lambda event: event.received_at - event.occurred_at <= window_ms,
        words=f"it came later than the {window_ms // HOUR_MS} hours in which {title} takes events",
    )


def share_of(event: Event) -> float:
    """Where the visitor stands between 0 and 100, by chance but always the same; without a
    visitor, the page."""
    visitor = event.visitor_id if event.visitor_id != NO_VISITOR else event.page_id
    drawn = f"{event.container_id}/{visitor or event.event_id}".encode(errors="replace")
    digest = hashlib.blake2b(drawn, digest_size=4).digest()
    return int.from_bytes(digest) / 2**32 * 100


def _scheduled(schedule: Schedule, zone: ZoneInfo) -> Gate:
    since = _moment(schedule.since, zone, "from")
    until = _moment(schedule.until, zone, "until", is_end=True)
    if since is not None and until is not None and until <= since:
        raise Malformed([Fault(("schedule", "until"), "expected later than `from`")])
    days = frozenset(WEEKDAYS.index(day) for day in schedule.days)
    hours = [_minutes(hours) for hours in schedule.hours]

    def opens(event: Event) -> bool:
        at = event.occurred_at
        if (since is not None and at < since) or (until is not None and at >= until):
            return False
        if not days and not hours:
            return True
        local = datetime.fromtimestamp(at / 1000, zone)
        if days and local.weekday() not in days:
            return False
        minute = local.hour * 60 + local.minute
        return not hours or any(_within(minute, one) for one in hours)

    return Gate(reason="schedule", opens=opens, words=f"it is not the time: {_words(schedule)}")


def _moment(text: str | None, zone: ZoneInfo, key: str, *, is_end: bool = False) -> int | None:
    """A local time in ms; the end of a day alone is the next one's beginning."""
    if text is None:
        return None
    try:
        local = datetime.fromisoformat(text)
        if is_end and len(text) == len("2026-11-27"):
            local += timedelta(days=1)
        return round(local.replace(tzinfo=zone).timestamp() * 1000)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed([Fault(("schedule", key), "there is no such day or time")]) from error


def _minutes(hours: str) -> tuple[int, int]:
    first, _, last = hours.partition("-")
    return _minute(first), _minute(last)


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _within(minute: int, hours: tuple[int, int]) -> bool:
    first, last = hours
    if first <= last:
        return first <= minute < last
    return minute >= first or minute < last


def _words(schedule: Schedule) -> str:
    parts = [
        f"from {schedule.since}" if schedule.since else "",
        f"until {schedule.until}" if schedule.until else "",
        f"on {', '.join(schedule.days)}" if schedule.days else "",
        f"at {', '.join(schedule.hours)}" if schedule.hours else "",
    ]
    return ", ".join(part for part in parts if part) or "always"
