"""The oracle: what was acknowledged against what ClickHouse has.

Each acknowledged id must be there exactly once. An id that was sent and never acknowledged may be
there, once. Rows that a case put there itself have `src` below OWN_SRC and are left out.
"""

from __future__ import annotations

import time
from collections import Counter

from loadtests.faults.contract import Outcome
from loadtests.faults.parts import Parts
from server.errors import FreeholdError

OWN_SRC = 1000
STORED = (
    f"SELECT toString(event_id), count() FROM freehold.events WHERE src >= {OWN_SRC} "
    "GROUP BY event_id"
)
COMPLETE_S = 90
QUIET_S = 1.0


def stored(parts: Parts) -> Counter[str]:
    """How often each id is in ClickHouse; nothing while it does not answer."""
    try:
        return Counter({str(key): int(count) for key, count in parts.ask(STORED)})
    except FreeholdError:
        return Counter()


def complete(parts: Parts, acknowledged: set[str], *, seconds: float = COMPLETE_S) -> float:
    """Waits until all that was acknowledged is there, or time is over; how long that took."""
    began = time.monotonic()
    wanted = f"SELECT uniqExact(event_id) FROM freehold.events WHERE src >= {OWN_SRC}"
    while time.monotonic() - began < seconds:
        try:
            is_enough = parts.ask(wanted)[0][0] >= len(acknowledged)
        except FreeholdError:
            is_enough = False
        if is_enough and not acknowledged - set(stored(parts)):
            break
        time.sleep(0.1)
    return time.monotonic() - began


def judge(
    parts: Parts, acknowledged: set[str], *, tried: int, detail: str = "", is_well: bool = True
) -> Outcome:
    """The outcome, once everything is there and for a while nothing came after."""
    acknowledged = acknowledged | parts.probes
    complete(parts, acknowledged)
    time.sleep(QUIET_S)
    found = stored(parts)
    lost = len(acknowledged - set(found))
    doubled = sum(count - 1 for count in found.values())
    told = f"{len(acknowledged)} acknowledged, {found.total()} rows"
    return Outcome(
        tried=tried,
        lost=lost,
        doubled=doubled,
        detail="; ".join(filter(None, (told, detail))),
        is_well=is_well and not lost and not doubled and bool(acknowledged),
    )
