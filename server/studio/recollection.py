"""What a simulation remembers of visitors, and what it cannot know of them.

It begins with nothing, as no visitor really did: a cell that may have counted something before the
first event that is looked at is doubtful, and what is decided by it is not known. So is a cell
after an event of which it is not known what it counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from msgspec import Struct

from server.clock import MINUTE_MS
from server.containers.memory import LASTS_MS, Cell, day_of, subject_of
from server.containers.model import Span
from server.model import NO_VISITOR, Event

MAX_CELLS = 300_000
BEFORE = "limits and groups: what happened before the time that is simulated"
SAMPLED = "limits and groups: what happened on the page is not all in the sample"
_VISITOR = f"{Span.VISITOR}/"
AHEAD_MS = 5 * MINUTE_MS
"""An event may have happened so long after it was received."""


class Beginning(Struct, frozen=True, kw_only=True):
    """Where a simulation begins."""

    since: int
    zone: ZoneInfo
    is_sampled: bool = False


class Recollection:
    """Cells by name, and why some are doubtful; bounded: the oldest go first, and are missed."""

    def __init__(self, beginning: Beginning, *, limit: int = MAX_CELLS) -> None:
        self._beginning = beginning
        self._limit = limit
        self._cells: dict[str, Cell] = {}
        self._doubts: dict[str, str] = {}
        self._is_whole = True
        self._event: Event | None = None
        self.doubts: set[str] = set()
        """Why what was asked of it since the event began is not sure."""

    def begin(self, event: Event) -> None:
        """The event of which is asked from now on."""
        self._event = event
        self.doubts = set()

    def recall(self, name: str) -> Cell | None:
        """What the engine asks."""
        doubt, event = self._doubt(name), self._event
        if doubt:
            self.doubts.add(doubt)
        elif event is not None and name not in self._cells and name.startswith(_VISITOR):
            # Only the first session tells that there was nothing before it.
            lasts = event.received_at + LASTS_MS[Span.VISITOR]
            self._cells[name] = Cell({}, lasts)
        return self._cells.get(name)

    def note(self, changed: Mapping[str, Cell]) -> None:
        """Takes what the event has changed."""
        for name, cell in changed.items():
            doubt = self._doubt(name)
            self._put(name, doubt)
            self._cells.pop(name, None)
            self._cells[name] = cell
        while len(self._cells) > self._limit:
            del self._cells[next(iter(self._cells))]
            self._is_whole = False
        while len(self._doubts) > 2 * self._limit:
            del self._doubts[next(iter(self._doubts))]
            self._is_whole = False

    def doubt(self, reasons: Iterable[str]) -> None:
        """It is not known what the event counted: all that it may have counted is doubtful."""
        event, reason = self._event, min(reasons, default="")
        if event is None or not reason:
            return
        for span in Span:
            name = subject_of(event, span, self._beginning.zone)
            if name:
                self._put(name, self._doubt(name) or reason)

    def _put(self, name: str, doubt: str) -> None:
        if doubt:
            self._doubts[name] = doubt
        else:
            self._doubts.pop(name, None)

    def _doubt(self, name: str) -> str:
        """Why a cell is not sure; empty: it is."""
        event, cell = self._event, self._cells.get(name)
        if event is None:
            return BEFORE
        known = self._doubts.get(name, "")
        if known:
            return known
        if cell is not None and cell.expires_at > event.received_at:
            return ""
        if self._beginning.is_sampled and name.startswith(f"{Span.PAGE}/"):
            return SAMPLED
        return BEFORE if not self._is_whole or _is_older(name, event, self._beginning) else ""


def _is_older(name: str, event: Event, beginning: Beginning) -> bool:
    """Whether a cell of which nothing is known may have been there before the beginning."""
    since = beginning.since
    kind, _, rest = name.partition("/")
    span = Span(kind)
    if event.received_at >= since + LASTS_MS[span]:
        return False
    if span is Span.PAGE:
        return event.page_seq != 1
    if span is Span.SESSION:
        return event.session_id * 1000 < since
    if span is Span.DAY:
        return rest.rpartition("/")[2] <= day_of(since + AHEAD_MS, beginning.zone)
    is_first = event.visitor_id != NO_VISITOR and event.session_number == 1
    return not (is_first and event.session_id * 1000 >= since)
