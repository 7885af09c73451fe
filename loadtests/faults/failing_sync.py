"""Rows 10 and 11: the journal's fdatasync fails, and is slow."""

from __future__ import annotations

import subprocess

from loadtests.faults.collecting import Collecting
from loadtests.faults.contract import Case, Outcome, Trial
from loadtests.faults.shim import Action, Call, Op, Shim

NS = 1_000_000_000
LONGEST_S = 5.0
CLIENTS = 30
EIO = 5
FARTHEST = 6
END_S = 20.0


def failing(trial: Trial) -> Outcome:
    """EIO at the n-th sync, n = 1, 2, … in turn; at last two in a row, which end the worker."""
    shim = Shim(trial.folder / "shim")
    wrong: list[str] = []
    tried = 0
    with Collecting(trial.folder / "collector", shim=shim) as collecting:
        for number in range(1, trial.rounds + 1):
            is_end = number == trial.rounds
            wrong += _end(collecting, shim) if is_end else _once(collecting, shim, number)
            tried += 2 if is_end else 1
            trial.tell()
        collecting.stop()
        shim.clear(0)
        collecting.start()
        if not collecting.post().is_well:
            wrong.append("it does not store after a new start")
        lost, doubled = collecting.compared()
    again = synced_again(shim.calls())
    wrong += [f"{again} syncs of files whose sync had failed"] * bool(again)
    detail = wrong[0] if wrong else "no such file was synced again; the second in a row ended it"
    is_well = not wrong and not lost and not doubled
    return Outcome(tried=tried, lost=lost, doubled=doubled, detail=detail, is_well=is_well)


def _once(collecting: Collecting, shim: Shim, number: int) -> list[str]:
    """The n-th sync fails: that hit is refused, those around it are stored."""
    n = 1 + (number - 1) % FARTHEST
    shim.set(0, Op.SYNC, Action.FAIL, first=n, last=n, argument=EIO, path=".j")
    answers = [collecting.post() for _ in range(n + 1)]
    told = [answer.status for answer in answers]
    if told != [204] * (n - 1) + [503, 204] or not answers[n - 1].is_busy:
        return [f"the sync {n} failed, answered {told}"]
    return []


def _end(collecting: Collecting, shim: Shim) -> list[str]:
    """Two syncs in a row fail: nothing is promised, and the process ends by itself."""
    shim.set(0, Op.SYNC, Action.FAIL, first=1, argument=EIO, path=".j")
    told = [collecting.post().status for _ in range(2)]
    assert collecting.process is not None
    try:
        collecting.process.wait(END_S)
    except subprocess.TimeoutExpired:
        return ["the worker did not end"]
    return [] if told == [503, 503] else [f"two syncs failed, answered {told}"]


def synced_again(calls: list[Call]) -> int:
    """How often a file was synced after a sync of it had failed."""
    failed: set[tuple[int, str]] = set()
    again = 0
    for call in calls:
        if call.name not in ("fsync", "fdatasync"):
            continue
        file = (call.inode, call.path)
        again += file in failed
        if call.error:
            failed.add(file)
    return again


def slow(trial: Trial) -> Outcome:
    """Each sync takes two seconds (one in the quick run): no client waits for more than five."""
    shim = Shim(trial.folder / "shim")
    pause_s = 2 if trial.rounds > 1 else 1
    with Collecting(trial.folder / "collector", shim=shim) as collecting:
        collecting.post()
        shim.set(0, Op.SYNC, Action.SLEEP, argument=pause_s * NS, path=".j")
        for _ in range(trial.rounds):
            collecting.post_many(CLIENTS, at_once=CLIENTS)
            trial.tell()
        shim.clear(0)
        answers = collecting.answers
        lost, doubled = collecting.compared()
    longest = max(answer.seconds for answer in answers)
    refused = sum(answer.is_busy for answer in answers)
    strange = sum(not answer.is_well and not answer.is_busy for answer in answers)
    detail = f"{refused} refused, {strange} unanswered, the longest took {longest:.1f} s"
    is_well = longest <= LONGEST_S and not (strange or lost or doubled)
    return Outcome(tried=len(answers), lost=lost, doubled=doubled, detail=detail, is_well=is_well)


CASES = (
    Case(row=10, title="EIO from the journal's sync", quick=7, long=60, run=failing),
    Case(row=11, title="slow sync", quick=1, long=5, run=slow),
)
