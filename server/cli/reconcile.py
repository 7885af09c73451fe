"""The command that compares ClickHouse with what was sent to it, now rather than at night."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from server.cli.told import told
from server.clock import now_ms
from server.endpoints import writer_endpoint
from server.journal import FolderInUse, FolderLock
from server.pipeline.reconcile import STATEMENT_S, Reconciler
from server.pipeline.runs import Found, Phase, Run, ask_for_run, load_run
from server.pipeline.state import STATE_FILE, State, create_state
from server.settings import Settings, read_settings
from server.store.client import Connection

PICKED_UP_S = 60
LOOK_S = 0.2
WORDS = Found.__struct_fields__


@click.command()
@told
def reconcile() -> None:
    """Compare ClickHouse with the last three days of rows, and put right what differs.

    The running pipeline does it, or this command itself if none runs. Exit code 1: rows were
    missing, or it could not be done.
    """
    settings = read_settings(os.environ)
    path = settings.data / STATE_FILE
    if not path.exists():
        raise click.ClickException(f"{path}: no pipeline has run with this data folder")
    create_state(path)  # what an older version did not have
    with closing(State(path)) as state, _steps(settings, path.parent) as step:
        run = _follow(state, step)
    _show(run)
    if run.failure:
        raise click.ClickException(f"it was given up: {run.failure}")
    sys.exit(1 if any(found.missing for found in run.found.values()) else 0)


@contextmanager
def _steps(settings: Settings, folder: Path) -> Iterator[Reconciler | None]:
    """Who does it: nobody here, if a pipeline runs."""
    try:
        lock = FolderLock(folder)
    except FolderInUse:
        yield None
        return
    try:
        connection = Connection(writer_endpoint(settings), timeout_s=STATEMENT_S)
        with closing(Reconciler(settings.data, connection=connection, now=now_ms)) as worker:
            yield worker
    finally:
        lock.release()


def _follow(state: State, worker: Reconciler | None) -> Run:
    """Shows how the run goes on, until it has ended."""
    asked_at = now_ms()
    ask_for_run(state, now=asked_at)
    deadline = time.monotonic() + PICKED_UP_S
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("waiting for the pipeline", total=None)
        while True:
            if worker is not None:
                worker.step()
            else:
                time.sleep(LOOK_S)
            run = load_run(state)
            if run is not None and run.is_whole and run.started_at >= asked_at:
                if run.ended_at:
                    return run
                total = run.todo or None
                progress.update(bar, description=DOING[run.phase], completed=run.done, total=total)
            elif worker is None and (run is None or run.ended_at) and time.monotonic() > deadline:
                raise click.ClickException(
                    "the pipeline runs, but has not begun; its log says why. It will when it can"
                )


def _show(run: Run) -> None:
    table = Table("rows", *sorted(run.found), box=None, pad_edge=False)
    for word in WORDS:
        numbers = [getattr(found, word) for _, found in sorted(run.found.items())]
        table.add_row(word.replace("_", " "), *map(str, numbers))
    Console().print(table if run.found else "Nothing was loaded yet that could be compared.")


DOING = {
    Phase.CHECK: "reading the parts",
    Phase.READ: "reading the spools",
    Phase.HEAL: "putting broken parts aside",
    Phase.COMPARE: "comparing",
    Phase.REMOVE: "removing what is doubled",
    Phase.RESTORE: "restoring what is missing",
    Phase.COPIES: "looking for copies",
    Phase.ENDED: "done",
}
