"""The oracle: what was acknowledged against what ClickHouse has.

Each acknowledged id must be there exactly once. An id that was sent and never acknowledged may be
there, once. Rows that a case put there itself have `src` below OWN_SRC and are left out.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence, Set
from typing import Any, Protocol

from loadtests.faults.contract import Outcome
from loadtests.verify.ids import compare, stored_ids
from server.errors import FreeholdError

OWN_SRC = 1000
OWN = f"src >= {OWN_SRC}"
COMPLETE_S = 90
QUIET_S = 1.0


class Asked(Protocol):
    """A Freehold that may be asked: in parts, or under its supervisor."""

    probes: set[str]
    """Ids that the harness itself posted, and that were acknowledged."""

    def ask(self, sql: str) -> Sequence[Sequence[Any]]: ...


def stored(asked: Asked) -> Counter[str]:
    """How often each id is in ClickHouse; nothing while it does not answer."""
    try:
        return stored_ids(asked.ask, where=OWN)
    except FreeholdError:
        return Counter()


def complete(asked: Asked, acknowledged: Set[str], *, seconds: float = COMPLETE_S) -> float:
    """Waits until all that was acknowledged is there, or time is over; how long that took."""
    began = time.monotonic()
    wanted = f"SELECT uniqExact(event_id) FROM freehold.events WHERE {OWN}"
    while time.monotonic() - began < seconds:
        try:
            is_enough = int(asked.ask(wanted)[0][0]) >= len(acknowledged)
        except FreeholdError:
            is_enough = False
        if is_enough and not acknowledged - stored(asked).keys():
            break
        time.sleep(0.1)
    return time.monotonic() - began


def judge(
    asked: Asked, acknowledged: Set[str], *, tried: int, detail: str = "", is_well: bool = True
) -> Outcome:
    """The outcome, once everything is there and for a while nothing came after."""
    acknowledged = acknowledged | asked.probes
    complete(asked, acknowledged)
    time.sleep(QUIET_S)
    found = compare(acknowledged, stored(asked))
    told = f"{found.acknowledged} acknowledged, {found.rows} rows"
    return Outcome(
        tried=tried,
        lost=found.lost,
        doubled=found.doubled,
        detail="; ".join(filter(None, (told, detail))),
        is_well=is_well and not found.lost and not found.doubled and found.acknowledged > 0,
    )
