"""Row 8: the disk gets short, then shorter, then has room again: hits are refused by their worth.

Page views go first, purchases next; consent is taken all the time. What was acknowledged is there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.faults.collecting import Answer, Collecting
from loadtests.faults.contract import Case, Outcome, Trial
from loadtests.faults.full_disk import mounted

MIB = 1024 * 1024
DISK_MIB = 64
RESERVE_MIB = 32
NAMES = ("page_view", "purchase", "consent_update")
STAGES = ((20, (503, 204, 204)), (5, (503, 503, 204)), (20, (503, 204, 204)), (60, (204, 204, 204)))
"""MiB that are free, and what page views, purchases and consent are then answered."""
NOTICED_S = 5.0
HITS = 20


def run(trial: Trial) -> Outcome:
    """Through all stages, as often as there are rounds."""
    wrong: list[str] = []
    slowest = 0.0
    with _short_disk(trial) as (collecting, leave):
        for _ in range(trial.rounds):
            for free_mib, expected in STAGES:
                leave(free_mib * MIB)
                slowest = max(slowest, _noticed(collecting, expected))
                wrong += _problems(collecting, expected)
            trial.tell()
        lost, doubled = collecting.compared()
        tried = len(collecting.answers)
    detail = wrong[0] if wrong else f"each stage told within {slowest:.1f} s"
    is_well = not wrong and slowest <= NOTICED_S and not lost and not doubled
    return Outcome(tried=tried, lost=lost, doubled=doubled, detail=detail, is_well=is_well)


@contextmanager
def _short_disk(trial: Trial) -> Iterator[tuple[Collecting, Callable[[int], None]]]:
    collecting = Collecting(trial.folder / "collector", reserve=f"{RESERVE_MIB}MiB")
    with mounted(collecting.data, DISK_MIB * MIB), collecting:
        yield collecting, lambda free: _leave(collecting.data, free)


def _leave(folder: Path, free_bytes: int) -> None:
    """A file takes as much as is needed for so much to be free."""
    filler = folder / "filler"
    filler.touch()
    disk = os.statvfs(folder)
    size = filler.stat().st_size + disk.f_bavail * disk.f_frsize - free_bytes
    os.truncate(filler, 0)
    with filler.open("r+b") as file:
        if size > 0:
            os.posix_fallocate(file.fileno(), 0, size)


def _noticed(collecting: Collecting, expected: tuple[int, ...]) -> float:
    """Seconds until each kind is answered as it should be."""
    began = time.monotonic()
    while tuple(collecting.post(name=name).status for name in NAMES) != expected:
        if time.monotonic() - began > 2 * NOTICED_S:
            break
        time.sleep(0.05)
    return time.monotonic() - began


def _problems(collecting: Collecting, expected: tuple[int, ...]) -> list[str]:
    """From then on nothing is answered otherwise, and a refusal says when to come again."""
    found = []
    for name, status in zip(NAMES, expected, strict=True):
        answers = [collecting.post(name=name) for _ in range(HITS)]
        odd = [answer for answer in answers if not _fits(answer, status)]
        found += [f"{name} is answered {odd[0].status}, expected {status}"] if odd else []
    return found


def _fits(answer: Answer, status: int) -> bool:
    return answer.status == status and answer.is_busy == (status == 503)


CASES = (Case(row=8, title="disk short, by worth", quick=1, long=20, run=run),)
