"""Which deliveries of a tag this node owes, or owed until a moment ago: asked along their way.

spool ──▶ retries ⇄ dead letters ──▶ ledger ──▶ ClickHouse
"""

from __future__ import annotations

import uuid
from collections.abc import Container, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from server import journal
from server.pipeline.spools import LEDGER, backfill_spool, spool_folder, tag_spool
from server.pipeline.state import State
from server.store.rows import split_row

READ_RECORDS = 5_000


class _Head(Struct, frozen=True):
    """Of a delivery, or of a row of the ledger, what says which one it is."""

    delivery_id: str
    container_id: str
    tag: str


_DELIVERY = msgspec.msgpack.Decoder(_Head)
_ATTEMPT = msgspec.json.Decoder(_Head)


class Owed(Container[object]):
    """Ids of what one tag is owed on this node, or was until a moment ago: `delivery_id in owed`
    once it is refreshed. An id that was seen stays: 70 bytes each."""

    def __init__(self, data: Path, state: State, container_id: str, tag: str) -> None:
        self._data = data
        self._state = state
        self._tag = (container_id, tag)
        self._spools = (tag_spool(container_id, tag), backfill_spool(container_id, tag))
        self._ids: set[int] = set()
        # Before all else: what leaves a spool from now on is behind this mark.
        self._marks = {LEDGER: state.cursor(LEDGER)}

    def __contains__(self, delivery_id: object) -> bool:
        return _short(str(delivery_id)) in self._ids

    def add(self, delivery_id: str) -> None:
        """It is owed from now on."""
        self._ids.add(_short(delivery_id))

    def refresh(self) -> None:
        """Looks again, along the way of a delivery: what is not seen at one place any more is at a
        later one."""
        for spool in self._spools:
            for payload in self._read(spool):
                self._ids.add(_short(_DELIVERY.decode(payload).delivery_id))
        marks = ", ".join("?" * len(self._spools))
        for table in ("dead", "retries"):
            sql = f"SELECT delivery_id FROM {table} WHERE spool IN ({marks})"
            self._ids.update(_short(one) for (one,) in self._state.db.execute(sql, self._spools))
        for payload in self._read(LEDGER):
            head = _ATTEMPT.decode(split_row(payload)[1])
            if (head.container_id, head.tag) == self._tag:
                self._ids.add(_short(head.delivery_id))

    def _read(self, spool: str) -> Iterator[bytes]:
        """What was committed since it was read last; a tag's spool begins at its reader."""
        mark = self._marks.get(spool, self._state.cursor(spool))
        end, folder = self._state.end(spool), spool_folder(self._data, spool)
        while mark < end:
            chunk = journal.read(folder, mark, until=end, max_records=READ_RECORDS)
            yield from (record.payload for record in chunk.records)
            if chunk.mark == mark:
                break
            mark = chunk.mark
        self._marks[spool] = mark


def _short(delivery_id: str) -> int:
    return uuid.UUID(delivery_id).int >> 64
