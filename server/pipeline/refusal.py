"""Rows that ClickHouse refuses for what is in them: each becomes a row of `rejects`."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from server.model import MAX_REJECT_BYTES, Reason, Reject
from server.store.client import Connection, RowsRefused, without_quotes
from server.store.insert import bisect, insert, settle
from server.store.rows import encode_row, head_of, split_row

log = logging.getLogger(__name__)


def keep_refused(
    connection: Connection, refused: Sequence[tuple[bytes, str]], *, token: str
) -> int:
    """Writes refused lines, each with ClickHouse's words, to `rejects` once; returns how many. One
    that is refused there too is told and let go, since it would be refused for ever."""
    lines = [split_row(encode_row(_reject(line, why)))[1] for line, why in refused]
    left = settle(connection, "rejects", lines, token=f"{token}:refused")
    if not left:
        return len(lines)
    token = f"{token}:refused:rest"
    try:
        insert(connection, "rejects", left, token=token)
    except RowsRefused:
        gone = list(bisect(connection, "rejects", left, token=token))
        for line, why in gone:
            head, told = head_of(line), without_quotes(why)
            log.error(
                "ClickHouse refused a row of rejects too: %s; hit %d of segment %d",
                told, head.off, head.src,
            )  # fmt: skip
        return len(lines) - len(gone)
    return len(lines)


def _reject(line: bytes, why: str) -> Reject:
    head = head_of(line)
    return Reject(
        src=head.src,
        off=head.off,
        idx=head.idx,
        container_id=head.container_id,
        received_at=round(head.at * 1000),
        reason=Reason.STORE_REFUSED,
        detail=why[:500],
        body=line[:MAX_REJECT_BYTES].decode(errors="replace"),
    )
