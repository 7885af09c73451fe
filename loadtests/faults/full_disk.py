"""Row 8: the journal's disk is full, three ways; there is room again, and it goes on.

A full disk is answered 503 with Retry-After, so that the tag keeps the event; what was acknowledged
before, between and after is there once.
"""

from __future__ import annotations

import contextlib
import errno
import math
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from loadtests.faults.collecting import Answer, Collecting
from loadtests.faults.contract import Case, NotRun, Outcome, Trial
from loadtests.faults.shim import Action, Op, Shim

STEP_BYTES = 4 * 1024 * 1024  # of the journal's allocation
DISK_BYTES = 8 * 1024 * 1024
HIT_BYTES = 40_000
SOON_S = 5.0

Fill = Callable[[int], None]
"""Makes the disk full, the n-th time; the disk has room again when it is told a negative n."""
Disk = Callable[[Trial], AbstractContextManager[tuple[Collecting, Fill]]]


def run(trial: Trial, disk: Disk) -> Outcome:
    """Full and free again, as often as there are rounds, in one collector's life."""
    refused = tried = 0
    slowest = 0.0
    wrong: list[str] = []
    with disk(trial) as (collecting, fill):
        for number in range(1, trial.rounds + 1):
            fill(number)
            answers = _until_refused(collecting)
            refused += sum(answer.is_busy for answer in answers)
            tried += len(answers)
            wrong += _problems(answers)
            fill(-number)
            slowest = max(slowest, collecting.recovered())
            trial.tell()
        lost, doubled = collecting.compared()
        told = collecting.lost
    if slowest == math.inf:
        wrong.append("it did not recover")
    wrong += [f"the reader tells {told} records as lost"] * bool(told)
    detail = wrong[0] if wrong else f"{refused} refused; well again after {slowest:.2f} s"
    is_well = not wrong and not lost and not doubled
    return Outcome(tried=tried, lost=lost, doubled=doubled, detail=detail, is_well=is_well)


def _until_refused(collecting: Collecting) -> list[Answer]:
    """Hits until the disk is full, and some after that."""
    answers: list[Answer] = []
    for _ in range(3 * STEP_BYTES // HIT_BYTES):
        answers.append(collecting.post(size=HIT_BYTES))
        if not answers[-1].is_well:
            break
    return answers + collecting.post_many(8, at_once=4)


def _problems(answers: list[Answer]) -> list[str]:
    strange = [a for a in answers if not a.is_well and not a.is_busy]
    found = [f"answered {strange[0].status}"] if strange else []
    if not any(answer.is_busy for answer in answers):
        found.append("nothing was refused")
    if any(answer.seconds > SOON_S for answer in answers):
        found.append("an answer took more than 5 s")
    return found


@contextlib.contextmanager
def tmpfs(trial: Trial) -> Iterator[tuple[Collecting, Fill]]:
    """A file system of 8 MB for the data, which is grown by 8 MB."""
    collecting = Collecting(trial.folder / "collector")
    with mounted(collecting.data, DISK_BYTES), collecting:
        yield collecting, lambda n: _grow(collecting.data, n)


@contextlib.contextmanager
def mounted(folder: Path, size: int) -> Iterator[None]:
    """A file system of so many bytes, in memory."""
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=False, capture_output=True)


def _grow(data: Path, number: int) -> None:
    if number < 0:
        _mount("-o", f"remount,size={DISK_BYTES * (1 - number)}", str(data))


def _mount(*arguments: str) -> None:
    try:
        done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NotRun("there is no mount") from error
    if done.returncode:
        raise NotRun(f"no right to mount: {done.stderr.strip()}")


@contextlib.contextmanager
def file_size(trial: Trial) -> Iterator[tuple[Collecting, Fill]]:
    """RLIMIT_FSIZE: the kernel lets no file grow beyond it."""
    if not hasattr(resource, "prlimit"):
        raise NotRun("RLIMIT_FSIZE of another process needs Linux")
    with Collecting(trial.folder / "collector") as collecting:

        def fill(number: int) -> None:
            size = resource.RLIM_INFINITY if number < 0 else number * STEP_BYTES + 3_000
            hard = resource.RLIM_INFINITY
            resource.prlimit(collecting.pid, resource.RLIMIT_FSIZE, (size, hard))

        yield collecting, fill


@contextlib.contextmanager
def shim(trial: Trial) -> Iterator[tuple[Collecting, Fill]]:
    """The shim: a write that fails, one that is short, one that is short and cannot be undone."""
    injected = Shim(trial.folder / "shim")

    def fill(number: int) -> None:
        injected.clear(0)
        injected.clear(1)
        if number < 0:
            return
        action = Action.FAIL if number % 3 == 0 else Action.SHORT
        first = 1 + number * 7 % 5
        injected.set(0, Op.WRITE, action, first=first, argument=errno.ENOSPC, path=".j")
        if number % 3 == 2:
            injected.set(1, Op.TRUNCATE, Action.FAIL, argument=errno.EIO, path=".j")

    with Collecting(trial.folder / "collector", shim=injected) as collecting:
        yield collecting, fill


CASES = (
    Case(
        row=8,
        title="journal's disk full, tmpfs",
        quick=1,
        long=6,
        run=lambda trial: run(trial, tmpfs),
    ),
    Case(
        row=8,
        title="journal's disk full, RLIMIT_FSIZE",
        quick=1,
        long=10,
        run=lambda trial: run(trial, file_size),
    ),
    Case(
        row=8,
        title="journal's disk full, n-th write",
        quick=6,
        long=100,
        run=lambda trial: run(trial, shim),
    ),
)
