"""The second loop: rows from the spools of store and ledger into ClickHouse, each exactly once.

A batch is planned first (its end and its token are written down), then inserted, then the cursor
moves. A plan that is found at the start, or that failed in between, is in doubt: it is settled by
position before anything else is loaded (see `store/insert.py`). Rows that ClickHouse refuses for
what is in them become rows of `rejects`; the rest of their batch is loaded.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from server import journal
from server.clock import DAY_MS, HOUR_MS
from server.errors import FreeholdError, StoreUnavailable
from server.journal import Mark
from server.model import Position
from server.pipeline.refusal import keep_refused
from server.pipeline.spools import LEDGER, STORE, doubt, spool_folder
from server.pipeline.state import STATE_FILE, Plan, State
from server.settings import Retention
from server.store.client import Connection, RowsRefused, without_quotes
from server.store.compare import holds
from server.store.insert import bisect, has_place, insert, missing, settle
from server.store.migrate import migrate
from server.store.parts import kept_ms
from server.store.queries import copies_elsewhere
from server.store.rows import BESIDE, Head, each_once, has_resends, head_of, split_row

BATCH_ROWS = 20_000
BATCH_BYTES = 32 * 1024 * 1024
RESENT_MS = 7 * DAY_MS
LATE = {"events": "duplicate.late", **dict.fromkeys(BESIDE, "duplicate.context")}
"""Under which name the rows of an event that was there already are counted."""

log = logging.getLogger(__name__)


class Loader:
    """One batch at a time from each spool to ClickHouse."""

    def __init__(
        self,
        data: Path,
        *,
        connection: Connection,
        retention: Retention,
        now: Callable[[], int],
        verifies: bool = True,
    ) -> None:
        self._data = data
        self._state = State(data / STATE_FILE)
        self._connection = connection
        self._retention = retention
        self._now = now
        self._verifies = verifies
        self._kept: dict[str, int] = {}
        self._is_migrated = False

    def step(self) -> int:
        """Loads the next batches; returns how many rows. After StoreUnavailable, call it again."""
        self._prepare()
        done, failures = 0, []
        for spool in (STORE, LEDGER):  # the failure of one must not hold up the other
            try:
                done += self._step(spool)
            except FreeholdError as error:
                log.warning("the spool %s is not loaded now: %s", spool, error)
                failures.append(error)
        if failures and not done:
            raise failures[0]
        return done

    def _step(self, spool: str) -> int:
        start = self._state.cursor(spool)
        plan = self._state.plan(spool)
        in_doubt = plan is not None or start < self._state.end(doubt(spool))
        if plan is None:
            end = self._cut(spool, start)
            if end == start:
                return 0
            plan = Plan(token=uuid.uuid4().hex, end=end)
            self._state.begin(spool, plan)
        counts: Counter[str] = Counter()
        rows = self._rows(spool, start, plan.end, counts)
        self._load(rows, plan.token, counts, in_doubt=in_doubt)
        until = _received_at(rows) if spool == STORE else 0
        self._state.finish(spool, plan, +counts, until)
        return len(rows)

    def close(self) -> None:
        """Lets go of the connection and the state."""
        self._connection.close()
        self._state.close()

    def _prepare(self) -> None:
        """Tables first."""
        if not self._is_migrated:
            told = partial(log.info, "migration %s")
            migrate(self._connection, retention=self._retention, told=told)
            self._kept = kept_ms(self._connection)
            self._is_migrated = True

    def _cut(self, spool: str, start: Mark) -> Mark:
        end = self._state.end(spool)
        if start == end:
            return end
        return self._read(spool, start, end).mark

    def _read(self, spool: str, start: Mark, end: Mark) -> journal.Chunk:
        folder = spool_folder(self._data, spool)
        return journal.read(folder, start, until=end, max_records=BATCH_ROWS, max_bytes=BATCH_BYTES)

    def _rows(self, spool: str, start: Mark, end: Mark, counts: Counter[str]) -> list[bytes]:
        """The rows of a plan; what the disk lost of it is told, not guessed."""
        rows: list[bytes] = []
        while start != end:
            chunk = self._read(spool, start, end)
            if chunk.is_stopped:
                raise StoreUnavailable(f"the spool {spool} was written by a newer Freehold")
            rows += [record.payload for record in chunk.records]
            for damage in chunk.damage:
                log.error(
                    "spool %s is damaged: %s, lost %s", damage.path, damage.reason, damage.lost
                )
                counts[f"damage.{damage.reason}"] += 1
                counts[f"quarantined.{spool}"] += damage.lost or 0
            if chunk.mark == start:
                break
            start = chunk.mark
        return rows

    def _load(self, rows: list[bytes], token: str, counts: Counter[str], *, in_doubt: bool) -> None:
        tables: dict[str, list[bytes]] = {}
        for row in rows:
            table, line = split_row(row)
            tables.setdefault(table, []).append(line)
        copies = self._copies(tables.get("events", []))
        for table, lines in tables.items():
            fresh = lines
            if copies and table != "rejects":
                fresh = [line for line in lines if head_of(line).position not in copies]
                counts[LATE[table]] += len(lines) - len(fresh)
            refused = self._load_table(table, fresh, f"{token}:{table}", in_doubt=in_doubt)
            counts[f"loaded.{table}"] += len(fresh) - len(refused)
            self._refuse(table, refused, token, counts)

    def _load_table(
        self, table: str, lines: list[bytes], token: str, *, in_doubt: bool
    ) -> list[tuple[bytes, str]]:
        """Loads lines; returns those that ClickHouse refuses, with its words."""
        if lines and in_doubt:
            lines = settle(self._connection, table, lines, token=token)
            token = f"{token}:{uuid.uuid4().hex[:8]}"
        rows = each_once(lines)
        lines = list(rows)
        if not lines:
            return []
        refused: list[tuple[bytes, str]] = []
        try:
            insert(self._connection, table, lines, token=token)
        except RowsRefused:
            refused = list(bisect(self._connection, table, lines, token=token))
        self._verify(table, rows, refused)
        return refused

    def _verify(
        self, table: str, rows: Mapping[bytes, Head], refused: list[tuple[bytes, str]]
    ) -> None:
        """Raises StoreUnavailable when ClickHouse said yes and has not kept the rows, as the
        embedded one does on a full disk; the batch is then in doubt."""
        if not self._verifies:
            return
        kept = self._kept.get(table)  # what is older may go any time
        oldest = 0 if kept is None else self._now() - kept + HOUR_MS
        heads = rows.values()
        if not refused and all(map(has_place, heads)) and holds(self._connection, table, heads):
            return
        young = [line for line, head in rows.items() if head.at * 1000 >= oldest]
        lost = set(missing(self._connection, table, young)) - {line for line, _ in refused}
        if lost:
            raise StoreUnavailable(
                f"ClickHouse took {len(rows)} rows of {table} and has not kept {len(lost)}: "
                "is its disk full?"
            )

    def _refuse(
        self, table: str, refused: list[tuple[bytes, str]], token: str, counts: Counter[str]
    ) -> None:
        if not refused:
            return
        why = without_quotes(refused[0][1])
        log.error("ClickHouse refused %d rows of %s: %s", len(refused), table, why)
        counts[f"refused.{table}"] += len(refused)
        if table == "rejects":
            return
        counts["refused.kept"] += keep_refused(self._connection, refused, token=token)

    def _copies(self, lines: list[bytes]) -> set[Position]:
        """Positions of what the tag sent again after the sorter forgot it, and ClickHouse, or this
        batch further up, has already. What the batch has twice at one position, as after a lost
        state, is no copy of itself."""
        if not has_resends(lines):
            return set()
        copies: set[Position] = set()
        seen: dict[tuple[str, str], Position] = {}
        resent: list[Head] = []
        for head in map(head_of, lines):
            first = seen.setdefault((head.container_id, head.id), head.position)
            if first != head.position:
                copies.add(head.position)
            elif head.resend:
                resent.append(head)
        since = self._now() - RESENT_MS
        return copies | copies_elsewhere(self._connection, resent, since=since)


def _received_at(rows: list[bytes]) -> int:
    """When the last hit of a batch was received, in ms; 0 when that is no time."""
    head = head_of(split_row(rows[-1])[1]) if rows else None
    return round(head.at * 1000) if head is not None and has_place(head) else 0
