"""Row 5: the power fails, at any call, again and again; no acknowledged record may be missing.

A *world* is one folder that lives several lives. Each life appends, rolls, reads, removes what was
read and starts anew, as the collector and the pipeline do, in bad weather too, until `SimFS` cuts
the power. Of each cut many disks are left; each is judged: read, opened by the next writer, read
again. One of them is the next life's disk, so that recovery is cut short as well.
"""

from __future__ import annotations

import contextlib
import errno
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from loadtests.faults.contract import Case, Outcome, Trial
from loadtests.faults.power_journal import JournalWorld
from loadtests.faults.power_spool import SpoolWorld
from loadtests.faults.reading import Verdict
from loadtests.faults.simfs import PowerCut, SimFS
from server.journal import CommittedDataMissing

LIVES = 3
DISKS_A_CUT = 8
CALLS_A_LIFE = 90


class World(Protocol):
    """One side's work on a folder, and its memory of what it was promised."""

    may_cut_back: bool  # the one who may sync a file again whose sync has failed

    def live(self, folder: Path, chance: random.Random) -> None: ...

    def judge(self, folder: Path) -> Verdict: ...


def weather(chance: random.Random, *, badness: float) -> Callable[[str], int | None]:
    """A disk that now and then says EIO, ENOSPC, or writes short."""

    def of(call: str) -> int | None:
        if chance.random() >= badness:
            return None
        if call == "pwrite" and chance.random() < 0.5:
            return chance.randrange(1, 40)
        number = errno.EIO if call in ("fsync", "unlink") else errno.ENOSPC
        raise OSError(number, f"{call}: the disk says no")

    return of


def cut(world: World, disk: Path, chance: random.Random) -> SimFS:
    """One life on a disk, until the power fails or it has done all it wanted."""
    badness = chance.choice((0.0, 0.0, 0.02, 0.1))
    cut_at = chance.randrange(1, CALLS_A_LIFE)
    sim = SimFS(disk, cut_at=cut_at, weather=weather(chance, badness=badness))
    with sim.mounted(), contextlib.suppress(PowerCut):
        world.live(sim.root, chance)
    sim.check()
    assert sim.calls_after_failure == 0 or world.may_cut_back, "synced after a failed sync"
    return sim


def states(
    trial: Trial, make: Callable[[random.Random], World], *, number: int, wanted: int
) -> list[tuple[str, Verdict]]:
    """One world's disks, at most as many as are wanted: how the cut was, and the verdict."""
    chance = random.Random(f"{trial.seed}/{number}")
    world, found = make(chance), list[tuple[str, Verdict]]()
    place = trial.folder / f"world{number}"
    disk = place / "disk0"
    disk.mkdir(parents=True)
    for life in range(1, LIVES + 1):
        try:
            sim = cut(world, disk, chance)
        except CommittedDataMissing as error:  # the disk that the last life has left
            found.append((f"world {number}, life {life}", Verdict(lost=1, problem=str(error))))
            break
        for copy in range(min(DISKS_A_CUT, wanted - len(found))):
            left = place / f"left{life}.{copy}"
            style = sim.leave(left, chance)
            found.append((f"world {number}, life {life}, {style}", world.judge(left)))
            trial.tell()
        disk = place / f"disk{life}"
        sim.leave(disk, chance)
    shutil.rmtree(place)
    return found


def run(trial: Trial, make: Callable[[random.Random], World]) -> Outcome:
    """As many disks as there are rounds."""
    tried = lost = doubled = number = 0
    wrong: list[str] = []
    while tried < trial.rounds:
        found = states(trial, make, number=number, wanted=trial.rounds - tried)
        number += 1
        tried += len(found)
        for where, verdict in found:
            lost += verdict.lost
            doubled += verdict.doubled
            if not verdict.is_well:
                wrong.append(f"{where}: {verdict}")
    detail = wrong[0] if wrong else f"{number} worlds, {LIVES} lives each"
    return Outcome(tried=tried, lost=lost, doubled=doubled, detail=detail, is_well=not wrong)


CASES = (
    Case(
        row=5,
        title="power loss, journal",
        quick=300,
        long=6_000,
        run=lambda trial: run(trial, JournalWorld),
    ),
    Case(
        row=5,
        title="power loss, spool",
        quick=200,
        long=6_000,
        run=lambda trial: run(trial, SpoolWorld),
    ),
)
