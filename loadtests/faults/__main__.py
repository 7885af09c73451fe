"""Injects every fault that this machine can, and tells what was lost or doubled.

    .venv/bin/python -m loadtests.faults --quick           a few rounds each: about a minute
    .venv/bin/python -m loadtests.faults                   the long run
    .venv/bin/python -m loadtests.faults --only 5 --title spool --rounds 50000 --seed 7

Exit 1 when a case is not well. A case that cannot run here is told as "not run", with the reason;
it counts neither as well nor as wrong. The same seed makes the same faults again.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from loadtests.faults import find_cases
from loadtests.faults.contract import Case, NotRun, Outcome, Trial

WIDTH = 150
Told = tuple[Case, "Outcome | str", float]
"""A case, what came of it or why it was not run, and its seconds."""


def run_case(case: Case, trial: Trial) -> Outcome | str:
    """The outcome, or why there is none; what the case raises is an outcome that is not well."""
    try:
        return case.run(trial)
    except NotRun as reason:
        return str(reason)
    except Exception as error:
        return Outcome(tried=0, detail=f"{type(error).__name__}: {error}", is_well=False)


def run_all(cases: list[Case], rounds: Callable[[Case], int], *, seed: int) -> list[Told]:
    """Every case after the other, under one bar."""
    told: list[Told] = []
    columns = (TextColumn("{task.description:40}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn()) as progress:
        bar = progress.add_task("", total=sum(map(rounds, cases)))
        done = 0
        for case in cases:
            progress.update(bar, description=f"{case.row} {case.title}")
            folder = Path(tempfile.mkdtemp(prefix="faults-"))
            began = time.monotonic()
            trial = Trial(
                folder=folder,
                rounds=rounds(case),
                seed=seed,
                tell=lambda: progress.advance(bar),
            )
            try:
                told.append((case, run_case(case, trial), time.monotonic() - began))
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            done += trial.rounds
            progress.update(bar, completed=done)
    return told


def table_of(told: list[Told]) -> Table:
    """One line a case."""
    table = Table()
    for name in ("row", "fault"):
        table.add_column(name)
    for name in ("tried", "lost", "doubled", "s"):
        table.add_column(name, justify="right")
    table.add_column("detail", overflow="fold")
    table.add_column("")
    for case, outcome, seconds in told:
        if isinstance(outcome, str):
            numbers, detail, verdict = ("", "", ""), outcome, "not run"
        else:
            numbers = (str(outcome.tried), str(outcome.lost), str(outcome.doubled))
            detail, verdict = outcome.detail, "well" if outcome.is_well else "WRONG"
        table.add_row(
            str(case.row), case.title, *numbers, f"{seconds:.0f}", detail, verdict
        )  # fmt: skip
    return table


@click.command(help=__doc__ and __doc__.replace("\n\n    ", "\n\n\b\n    "))
@click.option("--quick", is_flag=True, help="As few rounds as the tests do.")
@click.option("--only", type=int, multiple=True, metavar="ROW", help="One row; may be repeated.")
@click.option("--title", default="", help="Only cases whose title contains this.")
@click.option("--rounds", type=click.IntRange(1), help="So many of each case instead.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of all that is drawn.")
@click.option("--list", "is_list", is_flag=True, help="Only tell which cases there are.")
def main(
    quick: bool, only: tuple[int, ...], title: str, rounds: int | None, seed: int, is_list: bool
) -> None:
    cases = [
        case for case in find_cases() if (not only or case.row in only) and title in case.title
    ]
    if not cases:
        rows = sorted({case.row for case in find_cases()})
        raise click.BadParameter(f"no such case; there are rows {rows}", param_hint="--only")
    if is_list:
        for case in cases:
            click.echo(f"{case.row:3} {case.title:40} quick {case.quick:6}   long {case.long:6}")
        return
    click.echo(f"seed {seed}")
    told = run_all(cases, lambda case: rounds or (case.quick if quick else case.long), seed=seed)
    console = Console(width=WIDTH)
    console.print(table_of(told))
    outcomes = [outcome for _, outcome, _ in told if not isinstance(outcome, str)]
    wrong = sum(not outcome.is_well for outcome in outcomes)
    not_run = len(told) - len(outcomes)
    click.echo(f"{len(outcomes) - wrong} well, {wrong} wrong, {not_run} not run; seed {seed}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
