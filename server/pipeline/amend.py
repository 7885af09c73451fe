"""What reconciliation asks of ClickHouse alone, and puts right there: parts that cannot be read,
segments whose count or digest differs, rows that are there twice, events at two positions.

Each method does one piece of its phase and says whether there is more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from itertools import islice

from server.clock import DAY_MS
from server.errors import FreeholdError
from server.model import Position
from server.pipeline.runs import Run
from server.pipeline.tallies import Book, Tally
from server.store.client import Connection
from server.store.compare import held, places, twice
from server.store.copies import copied, slices, still_there
from server.store.parts import (
    Part,
    active_parts,
    check_part,
    detach,
    is_replicated,
    lies_in,
    rows_in,
)
from server.store.remove import AT_ONCE, remove_positions, remove_twice
from server.store.rows import BESIDE, TABLES

CHECK_S = 2.0
SPANS_AT_ONCE = 200
COPIES_MS = 8 * DAY_MS
"""The seven days of resends, and one."""

log = logging.getLogger(__name__)


class Amender:
    """The phases that do not read the spools."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def check(self, run: Run) -> bool:
        """Reads the next parts of the tables and compares their checksums."""
        parts = active_parts(self._connection, TABLES.values(), until=run.started_at)
        left = [part for part in parts if part.path > run.place]
        deadline = time.monotonic() + CHECK_S
        while left and time.monotonic() < deadline:
            part = left.pop(0)
            why = check_part(self._connection, part)
            if why:
                log.error("part %s of %s is broken: %s", part.name, part.table, why)
                run.of(part.table).broken_parts += 1
                run.broken.append(part)
            run.place = part.path
        run.done, run.todo = len(parts) - len(left), len(parts)
        return bool(left)

    def heal(self, run: Run, book: Book) -> bool:
        """Puts the next broken part aside, if every row of it is in the spools: what follows finds
        them missing and inserts them again."""
        left = [part for part in run.broken if part.path > run.place]
        if not left:
            return False
        part = left[0]
        why_not = "a spool is damaged" if run.is_damaged else self._why_not(part, book)
        if why_not:
            log.error("part %s of %s stays as it is: %s", part.name, part.table, why_not)
        else:
            detach(self._connection, part)
            log.error("part %s of %s is put aside, its rows come again", part.name, part.table)
            run.of(part.table).healed_parts += 1
        run.place = part.path
        return True

    def _why_not(self, part: Part, book: Book) -> str:
        if part not in active_parts(self._connection, [part.table]):
            return "it is gone by now"
        if is_replicated(self._connection, part.table):
            return "ClickHouse fetches it from another replica"
        try:
            lies = lies_in(self._connection, part)
        except FreeholdError as error:
            log.error("not even the positions in part %s can be read: %s", part.name, error)
            return self._why_not_by_count(part, book)
        spans: dict[int, list[Tally]] = {}
        for tally in book.all():
            spans.setdefault(tally.src, []).append(tally)
        for one in lies:
            own = spans.get(one.src)
            if not own or min(t.low for t in own) > one.low or max(t.high for t in own) < one.high:
                return "the spools do not hold all of its rows any more; restore it from a backup"
        return ""

    def _why_not_by_count(self, part: Part, book: Book) -> str:
        """Of a part that cannot be read its number of rows is known: if the other parts lack just
        as many of the spools' rows, it holds those."""
        own = [tally for tally in book.all() if tally.table == part.table]
        lacking = sum(tally.rows for tally in own)
        for at in range(0, len(own), SPANS_AT_ONCE):
            spans = [tally.span for tally in own[at : at + SPANS_AT_ONCE]]
            try:
                there = held(self._connection, part.table, spans, without=part.name)
            except FreeholdError as error:
                return f"another part cannot be read either ({error})"
            lacking -= sum(one.rows for one in there.values())
        rows = rows_in(self._connection, part)
        if rows == lacking:
            return ""
        return f"it has {rows} rows, and {lacking} of the spools' are not in the other parts"

    def compare(self, run: Run, book: Book) -> bool:
        """Compares the next journal segments of one table by count and digest."""
        left = [tally for tally in book.all() if not tally.compared]
        run.done, run.todo = len(book.all()) - len(left), len(book.all())
        if not left:
            return False
        table = left[0].table
        batch = list(islice((one for one in left if one.table == table), SPANS_AT_ONCE))
        there = held(self._connection, table, [tally.span for tally in batch])
        for tally in batch:
            one = there.get(tally.src)
            is_alike = one is not None and (one.rows, one.digest) == (tally.rows, tally.digest)
            tally.differs = tally.repeats or not is_alike
        differing = [tally for tally in batch if tally.differs]
        if differing:
            counts = places(self._connection, table, [tally.span for tally in differing])
            for tally in differing:
                rows = there[tally.src].rows if tally.src in there else 0
                tally.places = counts.get(tally.src, 0)
                tally.surplus = max(0, rows - tally.places)
        for tally in batch:
            tally.compared = True
        run.of(table).compared += sum(tally.rows for tally in batch)
        book.note(batch)
        return True

    def remove(self, run: Run, book: Book) -> bool:
        """Removes what one journal segment has more than once, a position's rows being alike."""
        doubled = [tally for tally in book.differing() if tally.surplus]
        if not doubled:
            return False
        tally, table = doubled[0], doubled[0].table
        found = run.of(table)
        found.doubled += tally.surplus
        log.error("%d rows of %s are there more than once", tally.surplus, table)
        left, tries = tally.surplus, 3
        while left and tries:
            rows = list(twice(self._connection, table, tally.span, limit=AT_ONCE))
            if not rows or not remove_twice(self._connection, table, rows):
                break
            before, left = left, self._surplus(table, tally)
            tries = 3 if left < before else tries - 1  # a merge came in between
        if left:
            log.error("%d of them could not be removed now", left)
        found.removed += tally.surplus - left
        tally.surplus = 0
        book.note([tally])
        return True

    def _surplus(self, table: str, tally: Tally) -> int:
        there = held(self._connection, table, [tally.span]).get(tally.src)
        if there is None:
            return 0
        return there.rows - places(self._connection, table, [tally.span]).get(tally.src, 0)

    def copies(self, run: Run) -> bool:
        """Removes, in the next slice of ids, what one event has at more than one position."""
        since = run.started_at - COPIES_MS
        run.todo = run.todo or slices(self._connection, since=since)
        found = run.of("events")
        positions = list(copied(self._connection, since=since, number=run.done, count=run.todo))
        for batch in _batches(positions):
            for table in BESIDE:
                remove_positions(self._connection, table, batch)
            remove_positions(self._connection, "events", batch)
            left = still_there(self._connection, "events", batch)
            found.copies += len(batch)
            found.copies_removed += len(batch) - left
            log.warning("%d rows of events were there at another position too", len(batch))
            if left:
                log.error("%d of them could not be removed now", left)
        run.done += 1
        return run.done < run.todo


def _batches(positions: Iterable[Position]) -> Iterable[list[Position]]:
    rest = iter(positions)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch
