"""Measures what forwarding costs: one lane for each partner, all on one core.

    .venv/bin/python -m loadtests.forwarding
    .venv/bin/python -m loadtests.forwarding --tags webhook --events 5000 --latency 50

Tags are owed the events of a shop. The forwarder's own loop sends them to partners on the other
core and writes down every attempt; beside it, in turns, a bare aiohttp client posts the same
events in full requests, made before the clock runs, and looks at no answer. Exit 1 unless every
event is delivered, and came to its partner.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from loadtests.forwarding.owing import owe, tags
from loadtests.forwarding.working import Took

ROOT = Path(__file__).parents[2]
KNOWN = tuple(tags(""))
console = Console(width=120)


@click.command(help=__doc__)
@click.option("--events", default=5_000, show_default=True, help="Owed to each tag.")
@click.option("--tags", "names", default="ga4,meta,tiktok", show_default=True)
@click.option("--latency", default=20.0, show_default=True, help="Of the partners, ms.")
@click.option("--rounds", default=3, show_default=True, help="Of both, in turns.")
def main(events: int, names: str, latency: float, rounds: int) -> None:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    console.print(f"load before: {os.getloadavg()[0]:.1f} on {len(cores)} cores")
    chosen = names.split(",")
    kinds = ("forward", "bare")
    found: dict[str, list[Took]] = {kind: [] for kind in kinds}
    is_whole = True
    for _ in range(rounds):
        for kind in kinds:
            took, came = _round(kind, chosen, events=events, latency=latency, core=cores[0])
            found[kind].append(took)
            is_whole = is_whole and took.deliveries <= came == events * len(chosen)
            is_whole = is_whole and took.deliveries == came
    console.print(_table(found, f"{events:,} events to each of {names}, {latency:g} ms away"))
    sys.exit(not is_whole)


def _round(
    kind: str, names: list[str], *, events: int, latency: float, core: int
) -> tuple[Took, int]:
    """What one run took, and how many events came to the partners."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as door:
        data, told = Path(folder, "data"), Path(folder, "told")
        known = tags(f"http://127.0.0.1:{door.getsockname()[1]}")
        owed = [known[name] for name in names]
        owe(data, owed, events=events)
        fd = str(door.fileno())
        partner = subprocess.Popen(
            [sys.executable, "-m", "loadtests.forwarding.answering", fd, str(told), str(latency)],
            cwd=ROOT,
            pass_fds=(door.fileno(),),
        )
        try:
            argv = ["loadtests.forwarding.working", kind, str(data), *(one.spool for one in owed)]
            answer = subprocess.run(
                [sys.executable, "-m", *argv],
                cwd=ROOT,
                check=True,
                stdout=subprocess.PIPE,
                preexec_fn=lambda: os.sched_setaffinity(0, {core}),
            )
            time.sleep(0.3)
            return msgspec.json.decode(answer.stdout, type=Took), int(told.read_text())
        finally:
            partner.kill()
            partner.wait()


def _table(found: dict[str, list[Took]], title: str) -> Table:
    """The best round of each: what else the machine does can only add."""
    table = Table("", "deliveries/s", "CPU µs a delivery", "of bare", title=title)
    best = {kind: min(took, key=lambda one: one.cpu_s) for kind, took in found.items()}
    for kind, took in best.items():
        table.add_row(
            {"forward": "the forwarder", "bare": "a bare client"}[kind],
            f"{took.deliveries / took.wall_s:,.0f}",
            f"{took.cpu_s / took.deliveries * 1e6:.0f}",
            f"{took.cpu_s / best['bare'].cpu_s:.1f}",
        )
    return table


if __name__ == "__main__":
    main()
