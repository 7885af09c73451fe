"""How long a delivery waits before it is tried again."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

FIRST_S = 2.0
LONGEST_S = 900.0
SHORTEST_S = 0.1
ASKED_S = (1.0, 3600.0)
"""A partner may ask for a pause between these."""


def pause_s(attempts: int, chance: random.Random) -> float:
    """Seconds after so many failed attempts: full jitter under a doubling ceiling."""
    ceiling = min(LONGEST_S, FIRST_S * 2 ** min(attempts, 16))
    return chance.uniform(SHORTEST_S, ceiling)


def asked_s(headers: Mapping[str, str], *, now: int) -> float | None:
    """Seconds that `Retry-After` asks for, as a number or a date, within bounds; None: nothing
    that makes sense. `now` is ms UTC."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return bounded_s(float(text[:10]))
    try:
        date = parsedate_to_datetime(text)
        at = date.replace(tzinfo=date.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None
    return bounded_s(at - now / 1000)


def bounded_s(seconds: float) -> float:
    """A pause that a partner asked for, made sane."""
    low, high = ASKED_S
    return max(low, min(seconds, high))
