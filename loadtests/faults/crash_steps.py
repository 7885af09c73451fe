"""Row 4: the process dies at the n-th call that changes a file, for every n, before it, after it
and in the middle of it; then it is started again, and sometimes dies once more while it recovers.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from loadtests.faults import node
from loadtests.faults.contract import Case, Outcome, Trial
from loadtests.faults.reading import Verdict, drain, judge
from loadtests.faults.shim import Action, Op, Shim
from loadtests.faults.stepper import RECORDS, Stepper
from server.journal import SegmentWriter

KILLS = (Action.KILL_BEFORE, Action.KILL_TORN, Action.KILL_AFTER)
KILLED = -9
HITS = 30
WORKERS = 2


class Kill:
    """Sets the shim so that the next child dies at the n-th call on a path, or not at all."""

    def __init__(self, shim: Shim, stepper: Stepper) -> None:
        self._shim = shim
        self.stepper = stepper

    def at(self, number: int, action: Action, path: Path) -> None:
        self._shim.set(
            0, Op.ANY, action, first=number, last=number, path=f"{path}/", is_logged=False
        )

    def never(self, path: Path) -> None:
        self._shim.set(0, Op.ANY, Action.COUNT, path=f"{path}/", is_logged=False)

    @property
    def calls(self) -> int:
        """How many calls the child has made."""
        return self._shim.count(0)


class JournalCrash:
    """A worker that appends and acknowledges."""

    def __init__(self, folder: Path) -> None:
        self._written = {b"%d.%d:" % (c, n) + b"x" * 40 for c in (0, 1) for n in range(RECORDS)}

    def make(self, folder: Path) -> Path:
        """The folder whose calls are counted."""
        return folder / "w0"

    def begin(self, folder: Path, kill: Kill) -> int:
        return kill.stepper.do("journal", folder / "w0", folder / "acks")

    def judge(self, folder: Path, kill: Kill, chance: random.Random) -> Verdict:
        """Read while it is dead, opened by the next writer, read on."""
        acks = folder / "acks"
        told = acks.read_bytes().split(b"\n")[:-1] if acks.exists() else []
        first = drain(folder / "w0")
        writer = SegmentWriter(folder / "w0", now=lambda: node.NOW)
        writer.write([b"after"])
        writer.close()
        second = drain(folder / "w0", first.mark)
        return judge(
            [*first.records, *second.records],
            acknowledged={*told, b"after"},
            written={*self._written, b"after"},
        )


class SorterCrash:
    """A sorter with two journals of two segments each."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template"
        node.create(self._template)
        for worker in range(WORKERS):
            hits = [node.hit(worker * HITS + n) for n in range(HITS)]
            node.take(self._template, hits, worker=worker, segments=2)

    def make(self, folder: Path) -> Path:
        shutil.copytree(self._template, folder / "data")
        return folder / "data"

    def begin(self, folder: Path, kill: Kill) -> int:
        return kill.stepper.do("sort", folder / "data")

    def judge(self, folder: Path, kill: Kill, chance: random.Random) -> Verdict:
        """Started again, killed again perhaps, started again: all events once, none twice."""
        data = folder / "data"
        if chance.random() < 0.5:
            kill.at(chance.randrange(1, 60), chance.choice(KILLS), data)
            kill.stepper.do("sort", data)
        kill.never(data)
        status = kill.stepper.do("sort", data)
        found = node.read_sorted(data)
        expected = Counter(node.event_id(n) for n in range(HITS * WORKERS))
        routed = found.counts.get(f"{node.SPOOL}.routed", 0)
        is_even = found.deliveries == routed == found.counts.get("sorted") == expected.total()
        problem = f"exit {status}" if status else ""
        return Verdict(
            lost=len(expected - found.events),
            doubled=(found.events - expected).total(),
            problem=problem if is_even else f"{problem} {found.deliveries} sent, {found.counts}",
        )


def run(trial: Trial, make: Callable[[Path], JournalCrash | SorterCrash]) -> Outcome:
    """All steps, or as many as there are rounds, spread over them."""
    chance = trial.chance
    crash = make(trial.folder)
    lost = doubled = 0
    wrong: list[str] = []
    shim = Shim(trial.folder / "shim")
    with Stepper(shim) as stepper:
        kill = Kill(shim, stepper)
        steps = _steps(crash, kill, trial.folder / "whole")
        chosen = steps if trial.rounds >= len(steps) else chance.sample(steps, trial.rounds)
        for number in range(trial.rounds):
            if number < len(chosen):
                call, action = chosen[number]
                folder = trial.folder / f"step{number}"
                folder.mkdir()
                kill.at(call, action, crash.make(folder))
                status = crash.begin(folder, kill)
                verdict = crash.judge(folder, kill, chance)
                lost += verdict.lost
                doubled += verdict.doubled
                if status not in (KILLED, 0) or not verdict.is_well:
                    wrong.append(f"call {call}, {action.name}, exit {status}: {verdict}")
                shutil.rmtree(folder)
            trial.tell()
    detail = wrong[0] if wrong else f"{len(chosen)} of {len(steps)} moments"
    is_well = not wrong
    return Outcome(tried=len(chosen), lost=lost, doubled=doubled, detail=detail, is_well=is_well)


def _steps(crash: JournalCrash | SorterCrash, kill: Kill, folder: Path) -> list[tuple[int, Action]]:
    """Every call of a run that nobody kills, three times."""
    folder.mkdir()
    path = crash.make(folder)
    kill.never(path)
    status = crash.begin(folder, kill)
    assert status == 0, f"the run that nobody kills ended with {status}"
    return [(call, action) for call in range(1, kill.calls + 1) for action in KILLS]


CASES = (
    Case(
        row=4,
        title="killed at every call, journal",
        quick=60,
        long=400,
        run=lambda trial: run(trial, JournalCrash),
    ),
    Case(
        row=4,
        title="killed at every call, sorter",
        quick=40,
        long=600,
        run=lambda trial: run(trial, SorterCrash),
    ),
)
