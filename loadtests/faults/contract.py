"""What a fault case is, and what it tells: the shape that every module of this folder follows.

A module has `CASES: tuple[Case, ...]` and is found by being there (`loadtests/faults/__init__.py`).
A case is given a scratch folder, how many rounds to do, and `tell`, which it calls once a round;
it hands back one `Outcome`. It injects the fault, lets the product recover, and counts: what was
acknowledged and is not there (`lost`), and what is there more than once (`doubled`).

A case that cannot run here (no compiler, no right to mount) raises `NotRun` with the reason. That
is told as *not run*, never as passed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec


class NotRun(Exception):
    """This machine cannot inject the fault; the message says what is missing."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What a case is given to work with."""

    folder: Path  # empty, its own, removed afterwards
    rounds: int
    seed: int
    tell: Callable[[], None]  # call it once for each round that is done

    @property
    def chance(self) -> random.Random:
        """A new generator at the seed: the same draws in the same order each time it is asked."""
        return random.Random(self.seed)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one case, in all its rounds; `is_well` false makes the command exit 1."""

    tried: int  # faults injected, or states looked at
    lost: int = 0  # acknowledged, and not there
    doubled: int = 0  # there more than once
    detail: str = ""  # the figure that matters, or the first thing that went wrong
    is_well: bool = True


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One fault, of one row of the matrix."""

    row: int
    title: str
    quick: int  # rounds in the tests: seconds
    long: int  # rounds in `python -m loadtests.faults`
    run: Callable[[Trial], Outcome]


def spread(seconds: Sequence[float]) -> str:
    """Waits as a table tells them: the middle one, the one in a hundred, the longest."""
    ordered = sorted(seconds)
    middle, rare = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return f"p50 {middle:.2f} s, p99 {rare:.2f} s, max {ordered[-1]:.2f} s"
