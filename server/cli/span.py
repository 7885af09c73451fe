"""Spans of time, as commands are told them, `7d`, `12h`, `30m`, and as they tell them."""

from __future__ import annotations

import re
from typing import Any

import click

from server.clock import DAY_MS, HOUR_MS, MINUTE_MS

_SPANS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}


def span(_: Any, __: Any, text: str | None) -> int | None:
    """The callback of an option: the span in ms; None where the option is not given."""
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,5})([mhd])", text)
    if found is None:
        raise click.BadParameter(f"{text!r}: expected such as 7d, 12h or 30m")
    return int(found[1]) * _SPANS[found[2]]


def lasting(ms: float) -> str:
    """A time in the largest unit that leaves two or more of it."""
    seconds = ms / 1000
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.1f} s"
