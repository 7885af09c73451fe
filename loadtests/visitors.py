"""Visitors on a Freehold of their own, by locust, and then the account of it.

    .venv/bin/python -m loadtests.visitors --users 100 --seconds 60 --kills 2

Starts `freehold up` in a temporary folder, lets locust run `locustfile.py` against it on
127.0.0.1, waits until all is loaded and delivered, and verifies: ids acknowledged = distinct ids =
rows; no visitor where consent was refused; a session for each visit; partners got what they may
have and nothing else. Exit 1 otherwise. `--kills` sends SIGKILL to a process meanwhile, as often.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from loadtests.verify.ids import stored_ids
from loadtests.verify.told import Told, read_told
from loadtests.verify.visits import Check, check_all, delivered, owed
from server.errors import FreeholdError
from server.folders import keys_file
from server.settings import read_settings
from tests.running import ROOT, Running

KILLED = ("collect", "pipeline", "store")
LOADED_S = 120
LEAVING_S = 40
"""Visitors finish the page that they are on."""


def locust(freehold: Running, told: Path, *, users: int, seconds: int) -> subprocess.Popen[bytes]:
    """Locust, headless, against this Freehold."""
    keys = keys_file(read_settings(freehold.environ))
    words = {
        "--host": freehold.url, "--users": users, "--spawn-rate": max(1, users // 5),
        "--run-time": f"{seconds}s", "--stop-timeout": LEAVING_S, "--told": told, "--keys": keys,
    }  # fmt: skip
    argv = [str(word) for pair in words.items() for word in pair]
    return subprocess.Popen(
        [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py", "--headless",
         "--only-summary", "--loglevel", "WARNING", *argv],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def play(freehold: Running, told: Path, *, users: int, seconds: int, kills: int) -> int:
    """Lets them come and go; locust's exit code: 1 when a request failed."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    began = time.monotonic()
    with (
        Progress(*columns, console=Console(stderr=True), transient=True) as bar,
        locust(freehold, told, users=users, seconds=seconds) as process,
    ):
        line, done = bar.add_task(f"{users} visitors at a time", total=seconds), 0
        while process.poll() is None:
            time.sleep(0.1)
            elapsed = time.monotonic() - began
            bar.update(line, completed=elapsed)
            if done < kills and elapsed > seconds * (done + 1) / (kills + 1):
                freehold.kill(KILLED[done % len(KILLED)])
                done += 1
        return int(process.returncode)


def settle(freehold: Running, told: list[Told]) -> float:
    """Waits until everything is loaded and delivered, or time is over; the seconds it took."""
    ids = {one.id for one in told if one.is_answered}
    must, _ = owed([one for one in told if one.is_answered])
    began = time.monotonic()
    while time.monotonic() - began < LOADED_S:
        try:
            is_loaded = not ids - stored_ids(freehold.ask).keys()
            if is_loaded and not must - delivered(freehold.ask):
                break
        except FreeholdError:
            pass  # the store was killed, and comes back
        time.sleep(0.2)
    return time.monotonic() - began


def table_of(checks: list[Check]) -> Table:
    """One line a check."""
    table = Table("", "expected", "found", "wrong", "")
    for check in checks:
        numbers = (str(check.expected), str(check.found), str(check.wrong))
        table.add_row(check.what, *numbers, check.detail or ("WRONG" if check.wrong else "well"))
    return table


@click.command(help=__doc__ and __doc__.replace("\n\n    ", "\n\n\b\n    "))
@click.option("--users", type=click.IntRange(1, 2000), default=100, show_default=True)
@click.option("--seconds", type=click.IntRange(5, 3600), default=60, show_default=True)
@click.option("--kills", type=click.IntRange(0, 100), default=0, show_default=True)
def main(users: int, seconds: int, kills: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Running(Path(folder)) as freehold:
        path = Path(folder) / "told.jsonl"
        failed = play(freehold, path, users=users, seconds=seconds, kills=kills)
        told = read_told(path)
        waited = settle(freehold, told)
        checks = list(check_all(told, freehold.ask))
        answered = sum(one.is_answered for one in told)
        if any(check.wrong for check in checks):
            print(freehold.log)
    Console().print(table_of(checks))
    click.echo(
        f"{answered} events acknowledged, {len(told) - answered} given up, {kills} kills; "
        f"all loaded and delivered {waited:.1f} s after the last visitor left"
    )
    is_well = answered and not any(check.wrong for check in checks) and (kills or not failed)
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
