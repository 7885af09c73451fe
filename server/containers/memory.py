"""What is remembered of a visitor, so that a tag can fire once a session: small, bounded, expiring.

    page/<page>   session/<visitor>/<session>   day/<visitor>/<day>   visitor/<visitor>
         └──────── a Cell each: how often which trigger and tag fired, and until when it counts

The engine is handed cells and hands back those that changed; who keeps them, and where, is not its
business. A cell that has expired by the time at which the event was received is as good as none, so
that the same events decide the same whenever they are sorted again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from server.clock import DAY_MS
from server.containers.model import Span
from server.model import NO_VISITOR, Event

MAX_COUNTS = 500
"""In one cell; the oldest goes first."""
LASTS_MS = {
    Span.PAGE: DAY_MS,
    Span.SESSION: 2 * DAY_MS,
    Span.DAY: 8 * DAY_MS,
    Span.VISITOR: 400 * DAY_MS,
}
"""After the last time that it changed; an event may be seven days late."""


class Cell(Struct, frozen=True, array_like=True):
    """How often what has fired, and until when that counts, in ms."""

    counts: dict[str, int]
    expires_at: int


Recall = Callable[[str], Cell | None]
"""What is remembered under a name."""


def recall_nothing(_: str) -> None:
    """The memory of someone who meets every visitor for the first time."""
    return


class Tally:
    """Counts for one event: what was remembered, and what it adds."""

    __slots__ = ("_event", "_recall", "_subjects", "_zone", "changed")

    def __init__(self, event: Event, recall: Recall, zone: ZoneInfo) -> None:
        self._event = event
        self._recall = recall
        self._zone = zone
        self._subjects: dict[Span, str] = {}
        self.changed: dict[str, Cell] = {}

    def count(self, span: Span, key: str) -> int:
        """How often it has been counted within the span."""
        return self._counts(self._subject(span)).get(key, 0)

    def add(self, span: Span, key: str) -> None:
        """Counts it once more; of nobody, on no page, nothing is remembered."""
        subject = self._subject(span)
        if not subject:
            return
        counts = dict(self._counts(subject))
        counts[key] = counts.pop(key, 0) + 1
        if len(counts) > MAX_COUNTS:
            del counts[next(iter(counts))]
        expires_at = self._event.received_at + LASTS_MS[span]
        known = self.changed.get(subject)
        if known is not None:
            expires_at = max(expires_at, known.expires_at)
        self.changed[subject] = Cell(counts, expires_at)

    def _subject(self, span: Span) -> str:
        subject = self._subjects.get(span)
        if subject is None:
            subject = self._subjects[span] = subject_of(self._event, span, self._zone)
        return subject

    def _counts(self, subject: str) -> dict[str, int]:
        cell = self.changed.get(subject) or (self._recall(subject) if subject else None)
        if cell is None or cell.expires_at <= self._event.received_at:
            return {}
        return cell.counts


def subject_of(event: Event, span: Span, zone: ZoneInfo) -> str:
    """The name of the cell that counts for an event within a span; empty: there is none."""
    visitor = event.visitor_id
    if span is Span.PAGE or visitor == NO_VISITOR:
        return f"page/{event.page_id}" if event.page_id else ""
    if span is Span.SESSION:
        return f"session/{visitor}/{event.session_id}"
    if span is Span.DAY:
        return f"day/{visitor}/{day_of(event.occurred_at, zone)}"
    return f"visitor/{visitor}"


def day_of(at: int, zone: ZoneInfo) -> str:
    """The day of a time in ms, in a time zone."""
    return datetime.fromtimestamp(at / 1000, zone).date().isoformat()
