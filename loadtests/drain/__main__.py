"""Measures the rest of the way: a journal into countable rows, through a container of ten tags.

    .venv/bin/python -m loadtests.drain                      # a journal made before
    .venv/bin/python -m loadtests.drain --events 8           # of batches
    .venv/bin/python -m loadtests.drain --rate 4000 --seconds 120

Pipeline and store share one core; this process, and the partners' recorder, have the other. The
tags are decided, and what they are owed is written to their spools, but it is not sent: their
secret is missing until the rows are counted. `--deliveries N` gives it then, and measures N of
them apart; `--at-once` gives it at the start, so that sending competes with sorting. Exit 1 unless
each event is a row.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console

from loadtests.drain.measuring import Partners, deliver, drain, stream
from loadtests.drain.node import Node
from loadtests.drain.writing import write

console = Console(width=150)


@click.command(help=__doc__)
@click.option("--hits", default=200_000, show_default=True, help="In the journal.")
@click.option("--events", default=1, show_default=True, help="In each hit.")
@click.option("--rate", default=0, help="Hits a second to append, in place of a journal.")
@click.option("--seconds", default=120, show_default=True, help="How long to append.")
@click.option("--deliveries", default=0, help="How many to send afterwards.")
@click.option("--at-once", is_flag=True, help="Send deliveries from the start.")
@click.option("--folder", default=None, help="Where to work; else in the system's own place.")
def main(
    hits: int,
    events: int,
    rate: int,
    seconds: int,
    deliveries: int,
    at_once: bool,
    folder: str | None,
) -> None:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    if len(cores) == 1:
        console.print("There is one core only: what makes the hits shares it.")
    console.print(f"load before: {os.getloadavg()[0]:.1f} on {len(cores)} cores")
    with tempfile.TemporaryDirectory(dir=folder) as place:
        made = Path(place, "w0")
        if not rate:
            write(made, hits=hits, events=events)
        partners = Partners(Path(place))
        with partners, Node(Path(place), core=cores[0], partner=partners.url) as node:
            if at_once:
                node.deliver()
            if rate:
                is_whole = stream(node, rate=rate, events=events, seconds=seconds, tell=tell)
            else:
                made.rename(node.journal)
                is_whole = drain(node, hits=hits, events=events, tell=tell)
            if deliveries and is_whole:
                deliver(node, partners, count=deliveries, tell=tell)
    sys.exit(not is_whole)


def tell(*renderables: object) -> None:
    """To whoever looks on."""
    console.print(*renderables)


if __name__ == "__main__":
    main()
