"""Acknowledged ids against stored ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence, Set
from typing import Any

from msgspec import Struct

Ask = Callable[[str], Sequence[Sequence[Any]]]
"""Rows of a question to ClickHouse."""


class Compared(Struct, frozen=True, kw_only=True):
    """Ids answered 2xx, ids in ClickHouse, and its rows; a row is an id once more."""

    acknowledged: int
    distinct: int
    rows: int
    lost: int
    """Acknowledged and not there."""
    unknown: int
    """There, and neither acknowledged nor given up."""

    @property
    def doubled(self) -> int:
        """Rows beyond the first of an id."""
        return self.rows - self.distinct

    @property
    def is_well(self) -> bool:
        """Everything once, and there was something."""
        return bool(self.acknowledged) and not (self.lost or self.doubled or self.unknown)


def stored_ids(ask: Ask, *, where: str = "1") -> Counter[str]:
    """How often each event id is in ClickHouse."""
    sql = f"SELECT toString(event_id), count() FROM freehold.events WHERE {where} GROUP BY event_id"
    return Counter({str(event_id): int(count) for event_id, count in ask(sql)})


def compare(
    acknowledged: Set[str], stored: Counter[str], *, given_up: Set[str] = frozenset()
) -> Compared:
    """`given_up`: ids that were sent and never answered; they may be there, once."""
    return Compared(
        acknowledged=len(acknowledged),
        distinct=len(stored),
        rows=stored.total(),
        lost=len(acknowledged - stored.keys()),
        unknown=len(stored.keys() - acknowledged - given_up),
    )
