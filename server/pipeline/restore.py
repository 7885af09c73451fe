"""The second reading of reconciliation: rows that ClickHouse does not have, and should, go there
again; by position, under a new token each time."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence

from server.clock import DAY_MS
from server.errors import FreeholdError, StoreUnavailable
from server.model import Position
from server.pipeline.refusal import keep_refused
from server.pipeline.runs import Found
from server.store.client import Connection, RowsRefused
from server.store.compare import refused
from server.store.insert import bisect, insert, kill, missing
from server.store.queries import copies_elsewhere
from server.store.rows import BESIDE, Head, head_of

TOKEN = "reconcile"  # noqa: S105 (the beginning of a name)
COPIES_MS = 8 * DAY_MS
"""How far back the other copy of a late resend can be, and a day."""

log = logging.getLogger(__name__)


class Restorer:
    """Puts back what is missing; `token` names the data folder, whose only writer it is."""

    def __init__(self, connection: Connection, *, token: str) -> None:
        self._connection = connection
        self._token = f"{TOKEN}:{token}"
        self._is_sure = False

    def lacking(self, table: str, lines: Sequence[bytes]) -> tuple[list[bytes], Found]:
        """The lines that are missing against all reason; how many are not there with one."""
        if not self._is_sure:  # an insert of a run that was cut short may still go on
            kill(self._connection, token=self._token)
            self._is_sure = True
        once = {head_of(line).position: line for line in lines}
        gone = missing(self._connection, table, list(once.values()))
        lost = self._without_reason(table, gone) if gone else []
        return lost, Found(absent=len(gone) - len(lost))

    def restore(self, table: str, lines: Sequence[bytes]) -> int:
        """Inserts lines that are missing; returns how many of them ClickHouse refuses."""
        token = f"{self._token}:{uuid.uuid4().hex}:{table}"
        log.error("%d rows of %s are missing in ClickHouse: they go there again", len(lines), table)
        try:
            insert(self._connection, table, lines, token=token)
        except RowsRefused:
            return self._bisect(table, lines, token)
        except FreeholdError:
            self._is_sure = False
            raise
        left = len(missing(self._connection, table, lines))
        if left:
            raise StoreUnavailable(f"ClickHouse took {len(lines)} rows and did not keep {left}")
        return 0

    def _bisect(self, table: str, lines: Sequence[bytes], token: str) -> int:
        self._is_sure = False
        not_taken = list(bisect(self._connection, table, lines, token=token))
        if table != "rejects" and not_taken:
            keep_refused(self._connection, not_taken, token=token)
        return len(not_taken)

    def _without_reason(self, table: str, gone: list[bytes]) -> list[bytes]:
        """Takes away what is rightly not there. Of `rejects` all is kept: what ClickHouse refused
        there left no trace, so it is tried again, and refused again."""
        if table == "rejects":
            return gone
        heads = [head_of(line) for line in gone]
        reasons = self._refused(heads) | erased(heads)
        if table == "events":
            reasons |= self._late_copies(heads)
        if table in BESIDE:  # it goes with its event, which is restored before it
            reasons |= {
                head_of(line).position for line in missing(self._connection, "events", gone)
            }
        return [
            line for line, head in zip(gone, heads, strict=True) if head.position not in reasons
        ]

    def _refused(self, heads: list[Head]) -> set[Position]:
        since = int(min(head.at for head in heads) * 1000) - 1
        found: set[Position] = set()
        for src in {head.src for head in heads}:
            found |= refused(self._connection, src, since=since)
        return found

    def _late_copies(self, heads: list[Head]) -> set[Position]:
        """Those whose event is there at another position, or is restored from further up."""
        copies: set[Position] = set()
        first: dict[tuple[str, str], Head] = {}
        for head in heads:
            if first.setdefault((head.container_id, head.id), head) is not head:
                copies.add(head.position)
        since = int(min(head.at for head in heads) * 1000) - COPIES_MS
        return copies | copies_elsewhere(self._connection, list(first.values()), since=since)


def erased(heads: Sequence[Head]) -> set[Position]:
    """Positions of what was erased at a visitor's wish: the place of the tombstones, of which
    there are none yet. Whatever deletes rows for good has to be known here, or they come back."""
    del heads
    return set()
