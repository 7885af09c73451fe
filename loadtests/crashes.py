"""Kills Freehold's processes under load, again and again, and counts what is left.

    .venv/bin/python -m loadtests.crashes --rounds 20

A round kills the collector, the pipeline, the store or everything with SIGKILL at a random moment,
lets it come back, stops the load, and compares: ids acknowledged = distinct ids = rows. Exit 1
when they differ in any round. One data folder serves all rounds, so damage would add up.
"""

from __future__ import annotations

import logging
import random
import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from loadtests.load import Load
from server.errors import FreeholdError
from tests.running import Running, wait_for

TARGETS = (("collect",), ("pipeline",), ("store",), ("collect", "pipeline", "store"), ())
COUNTS = "SELECT toUInt32(count()), toUInt32(uniqExact(event_id)) FROM freehold.events"


def crash_round(freehold: Running, number: int, chance: random.Random) -> set[str]:
    """One round; returns the ids that were acknowledged in it."""
    load = Load(f"{freehold.url}/demo/hit", seed=number)
    load.start()
    try:
        time.sleep(chance.uniform(0.1, 2.0))
        targets = TARGETS[number % len(TARGETS)]
        freehold.kill(*targets)
        if freehold.process is None:
            freehold.start()
        time.sleep(chance.uniform(0.5, 2.0))
    finally:
        ids = load.stop()
    return ids


def counted(freehold: Running, expected: int, *, seconds: float = 60) -> tuple[int, int]:
    """Rows and distinct ids, once there are as many as expected or time is over."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            [[rows, distinct]] = freehold.ask(COUNTS)
        except FreeholdError:
            rows = distinct = -1
        if distinct >= expected or time.monotonic() > deadline:
            return rows, distinct
        time.sleep(0.2)


def settled(freehold: Running, expected: int) -> tuple[int, int]:
    """Rows and distinct ids two seconds after they were complete: nothing may come after."""
    counted(freehold, expected)
    time.sleep(2)
    return counted(freehold, expected)


@click.command(help=__doc__)
@click.option("--rounds", default=20, show_default=True)
@click.option("--seed", default=1, show_default=True, help="Seed of moments and events.")
def main(rounds: int, seed: int) -> None:
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # it is killed on purpose
    chance = random.Random(seed)
    table = Table("round", "killed", "acknowledged", "distinct", "rows", "")
    acknowledged: set[str] = set()
    failures = 0
    with tempfile.TemporaryDirectory() as folder, Running(Path(folder)) as freehold:
        wait_for(lambda: counted(freehold, 0)[0] >= 0, "tables")
        for number in track(range(rounds), "killing"):
            acknowledged |= crash_round(freehold, number, chance)
            rows, distinct = settled(freehold, len(acknowledged))
            is_well = rows == distinct == len(acknowledged)
            failures += not is_well
            killed = ", ".join(TARGETS[number % len(TARGETS)]) or "everything"
            table.add_row(
                str(number + 1), killed, str(len(acknowledged)), str(distinct), str(rows),
                "well" if is_well else "WRONG",
            )  # fmt: skip
        if failures:
            print(freehold.log)
    Console().print(table)
    click.echo(f"{rounds - failures} of {rounds} rounds without loss and without doubling")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
