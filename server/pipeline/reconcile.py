"""The third loop beside sorter and loader: compares what the spools of store and ledger still hold
with what ClickHouse has, and puts right what differs. It never runs in the loader's thread, takes
a small step at a time, and writes down how far it is.

    check ─▶ read ─▶ heal ─▶ compare ─▶ remove ─▶ restore ─▶ copies
    parts    spools  broken  counts &   rows that  rows that  one event at
                     parts   digests    are double are missing two positions

`check` and `copies` are for the night and for who asks; the others run after a reboot and after a
part was lost too (see `occasions.py`). Up to the loader's cursor every row of the spools must be in
ClickHouse, less what may rightly be absent (see `restore.py`) and what is near the end of its TTL.
ClickHouse is asked for a count and a digest of each journal segment; only where they differ it is
asked for positions. What it has beyond the spools is told and left alone.

Totals in the state's `counts`, for whoever watches:

    reconcile.runs           runs that came to their end; reconcile.failed: runs that were given up
    reconcile.compared       rows that were counted on both sides
    reconcile.missing        rows that were not in ClickHouse; of them
    reconcile.restored         were inserted again, and
    reconcile.refused          were refused (they are in `rejects`)
    reconcile.absent         rows that are rightly not there
    reconcile.doubled        superfluous rows of one position; reconcile.removed: taken out
    reconcile.extra          rows that ClickHouse has and no spool
    reconcile.broken_parts   parts that ClickHouse put aside at a start, or that failed their check
    reconcile.healed_parts   of those that failed: put aside, their rows inserted again
    duplicate.found          rows of events stored at two positions; duplicate.removed: taken out
    reconciled_at            when the last run ended, in ms; not a total

All but runs, compared, absent, duplicate.* and reconciled_at are alarms.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from server.clock import HOUR_MS
from server.errors import FreeholdError
from server.pipeline.amend import Amender
from server.pipeline.occasions import Occasions, number_of
from server.pipeline.passage import next_rows, size_of
from server.pipeline.restore import Restorer
from server.pipeline.runs import (
    ALARMS,
    NEXT,
    Found,
    Phase,
    Run,
    Why,
    load_run,
    save_pending,
    save_run,
    totals_of,
)
from server.pipeline.spools import LEDGER, STORE
from server.pipeline.state import STATE_FILE, State
from server.pipeline.tallies import Book, tally_name
from server.store.client import Connection, QueryRefused
from server.store.insert import has_place
from server.store.parts import kept_ms
from server.store.rows import TABLES, head_of, split_row

TTL_MARGIN_MS = HOUR_MS
PATIENCE = 10
"""How often one step may fail while ClickHouse answers, until the run is given up."""
SKIPPABLE = frozenset({Phase.CHECK, Phase.HEAL, Phase.REMOVE, Phase.COPIES})
"""What may lack a right on the operator's own ClickHouse; the rest goes on without it."""
RECONCILE_PAUSE_S = 1.0
LONGEST_REST_S = 2.0
STATEMENT_S = 900
"""How long one statement may take: a large part is read whole."""

log = logging.getLogger(__name__)


class Reconciler:
    """One piece of a run at a time; most of the time there is none."""

    def __init__(
        self,
        data: Path,
        *,
        connection: Connection,
        now: Callable[[], int],
        rests: bool = False,
    ) -> None:
        """`rests`: after each piece it waits as long as that took, since other loops run beside it
        in one interpreter."""
        self._data = data
        self._rests = rests
        self._state = State(data / STATE_FILE)
        self._connection = connection
        self._now = now
        self._occasions = Occasions(data, self._state, connection, now=now)
        self._amender = Amender(connection)
        self._failures = 0
        self._run: Run | None = None
        self._book: Book | None = None
        self._kept: dict[str, int] | None = None
        self._restorer = Restorer(connection, token=f"{number_of(data):08x}")

    def step(self) -> int:
        """Does a piece; 0 when there is nothing to do. After an error, call it again."""
        run = self._run or load_run(self._state)
        if run is None or run.ended_at:
            due = self._occasions.due()
            if not due:
                return 0
            run = self._begin(due)
        self._run = run
        began = time.monotonic()
        try:
            self._piece(run)
        except (FreeholdError, OSError) as error:
            self._forget()
            self._failures += 1
            if self._failures < PATIENCE or not self._answers():
                raise
            self._give_up(str(error))
        except BaseException:
            self._forget()
            raise
        self._failures = 0
        if self._rests:
            time.sleep(min(LONGEST_REST_S, time.monotonic() - began))
        return 1

    def close(self) -> None:
        """Lets go of the connection and the state."""
        self._connection.close()
        self._state.close()

    def _forget(self) -> None:
        """What is written down counts; what is in memory is made anew from it."""
        self._run = self._book = self._kept = None

    def _begin(self, due: list[Why]) -> Run:
        log.info("reconciliation begins: %s", ", ".join(due))
        run = Run(why=due[0], started_at=self._now())
        run.enter(Phase.CHECK if run.is_whole else Phase.READ)
        book = self._book = Book(self._state)
        with self._state.transaction():
            run.ends = {spool: self._state.cursor(spool) for spool in (STORE, LEDGER)}
            book.clear()
            book.save(run)
            self._occasions.note(due)
        return run

    def _piece(self, run: Run) -> None:
        book = self._book = self._book or Book(self._state)
        try:
            goes_on = self._goes_on(run, book)
        except QueryRefused as error:
            if run.phase not in SKIPPABLE:
                raise
            log.error("reconciliation leaves out %s: %s", run.phase, error)
            goes_on = False
        if not goes_on:
            run.enter(NEXT[run.phase])
            if run.phase in (Phase.READ, Phase.RESTORE):
                run.todo = size_of(self._data, run)
        if run.phase is Phase.ENDED:
            self._end(run, book)
            return
        with self._state.transaction():
            book.save(run)

    def _goes_on(self, run: Run, book: Book) -> bool:
        """Does the next piece of a phase; false when there was none."""
        match run.phase:
            case Phase.CHECK:
                return self._amender.check(run)
            case Phase.READ:
                return self._read(run, book)
            case Phase.HEAL:
                return self._amender.heal(run, book)
            case Phase.COMPARE:
                return self._amender.compare(run, book)
            case Phase.REMOVE:
                return self._amender.remove(run, book)
            case Phase.RESTORE:
                return self._restore(run, book)
            case _:
                return run.is_whole and self._amender.copies(run)

    def _read(self, run: Run, book: Book) -> bool:
        """Counts the next rows of the spools; false at their end."""
        first = run.mark.seq
        chunk = next_rows(self._data, run)
        if chunk is None:
            return False
        for record in chunk.records:
            table, line = split_row(record.payload)
            head = head_of(line)
            at = round(head.at * 1000)
            if has_place(head) and at >= self._horizon(table, run.started_at):
                tally = book.of(run.spool, table, head.src)
                tally.add(head, at)
                tally.lies(min(first, chunk.mark.seq), chunk.mark.seq)
        for damage in chunk.damage:
            log.error("spool %s is damaged: %s, lost %s", damage.path, damage.reason, damage.lost)
            run.is_damaged = True
        return True

    def _restore(self, run: Run, book: Book) -> bool:
        """Restores what is missing of the next rows; false at the end of the spools."""
        differing = {tally.name: tally for tally in book.differing()}
        chunk = next_rows(self._data, run, list(differing.values()))
        if chunk is None:
            return False
        lines: dict[str, list[bytes]] = {table: [] for table in TABLES.values()}
        for record in chunk.records:
            table, line = split_row(record.payload)
            head = head_of(line)
            is_young = round(head.at * 1000) >= self._horizon(table, self._now())
            if has_place(head) and is_young and tally_name(run.spool, table, head.src) in differing:
                lines[table].append(line)
        found = {  # events before their contexts
            table: self._restore_lines(run, table, own) for table, own in lines.items() if own
        }
        for table, one in found.items():
            run.of(table).add(one)
        run.pending.clear()
        return True

    def _restore_lines(self, run: Run, table: str, lines: list[bytes]) -> Found:
        lost, found = self._restorer.lacking(table, lines)
        if lost:
            # Written down before, so that it is told once, whatever happens in between.
            run.pending[table] = max(run.pending.get(table, 0), len(lost))
            with self._state.transaction():
                save_pending(self._state, run.pending)
            found.refused = self._restorer.restore(table, lost)
        found.missing = run.pending.get(table, 0)
        found.restored = found.missing - found.refused
        return found

    def _horizon(self, table: str, now: int) -> int:
        """Rows that are older, in ms, ClickHouse may let go of any time: they are left alone."""
        if self._kept is None:
            self._kept = kept_ms(self._connection)
        return now - self._kept[table] + TTL_MARGIN_MS if table in self._kept else 0

    def _answers(self) -> bool:
        try:
            with self._connection.open() as client:
                client.command("SELECT 1")
        except FreeholdError:
            return False
        return True

    def _give_up(self, why: str) -> None:
        run = load_run(self._state)
        if run is None:
            return
        log.error("reconciliation is given up: %s", why)
        run.failure, run.ended_at, self._failures = why, self._now(), 0
        with self._state.transaction():
            save_run(self._state, run)
            self._state.add({"reconcile.failed": 1})

    def _end(self, run: Run, book: Book) -> None:
        """Adds up what was found, and tells it."""
        for tally in book.differing():
            run.of(tally.table).extra += tally.places - tally.rows
        for found in run.found.values():  # of the rows, these are not among the places
            found.extra = max(0, found.extra + found.absent + found.missing)
        run.ended_at = self._now()
        totals = totals_of(run)
        with self._state.transaction():
            book.clear()
            save_run(self._state, run)
            self._state.add(totals)
            self._state.put_count("reconciled_at", run.ended_at)
        alarms = {name: total for name, total in totals.items() if name in ALARMS}
        told = ", ".join(f"{name.partition('.')[2]} {total}" for name, total in totals.items())
        log.log(logging.ERROR if alarms else logging.INFO, "reconciled (%s): %s", run.why, told)
        self._forget()
