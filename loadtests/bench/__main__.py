"""Measures the collector's hot path on one core, beside the least that ASGI can do.

    .venv/bin/python -m loadtests.bench --seconds 3 --rounds 3

Every server is pinned to one core and wrk to another; all servers run the whole time, and rounds
go through them in turn, so that all meet the same weather. Medians of the rounds. Afterwards every
hit that was answered 204 has to be in the journal: exit 1 when one is not.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import click
from msgspec.structs import replace
from rich.console import Console
from rich.progress import track
from rich.table import Table

from loadtests.bench import nginx, steady, wrk
from loadtests.bench.running import Running
from loadtests.bench.steady import Steady
from loadtests.bench.subjects import SUBJECTS
from loadtests.bench.wrk import Round

CONNECTIONS = (64, 256)
RATE = 1000
WARM_UP_S = 0.3
Rounds = dict[tuple[str, int], list[Round]]

console = Console(width=160)


@click.command()
@click.option("--seconds", default=3.0, help="Length of one round.")
@click.option("--rounds", default=3, help="Rounds of each server; their median counts.")
@click.option("--only", multiple=True, type=click.Choice([s.name for s in SUBJECTS]))
@click.option("--no-wrk", is_flag=True, help="Only the steady load.")
def main(seconds: float, rounds: int, only: tuple[str, ...], no_wrk: bool) -> None:
    """Hits a second of one core, and how long they take."""
    if not no_wrk and shutil.which("wrk") is None:
        console.print(f"{wrk.INSTALL}. Without it only the steady load is measured.")
        no_wrk = True
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        console.print("There is one core only: server and client share it, so ratios flatter.")
    os.sched_setaffinity(0, {cores[-1]})
    console.print(f"load before: {os.getloadavg()[0]:.1f} on {len(cores)} cores")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = [
            stack.enter_context(Running(subject, Path(folder), core=cores[0]))
            for subject in SUBJECTS
            if (not only or subject.name in only) and (subject.name != "nginx" or nginx.is_there())
        ]
        for server in servers:
            _steady(server, WARM_UP_S)
        calm = {one.subject.name: _steady(one, seconds) for one in servers}
        found = {} if no_wrk else _hard(servers, rounds, seconds)
        console.print(_table(servers, found, calm))
        stack.close()
        losers = [one for one in servers if one.subject.stores and not _is_stored(one)]
    console.print(f"load after: {os.getloadavg()[0]:.1f}")
    sys.exit(bool(losers))


def _steady(server: Running, seconds: float) -> Steady:
    found = steady.run(server.port, server.raw_request(), rate=RATE, seconds=seconds)
    server.acknowledged += found.answered
    return found


def _hard(servers: list[Running], rounds: int, seconds: float) -> Rounds:
    """Every server at every number of connections, in turns."""
    found: Rounds = defaultdict(list)
    turns = [(server, c) for _ in range(rounds) for c in CONNECTIONS for server in servers]
    for server, connections in track(turns, console=console, transient=True):
        wrk.write_script(server.script, *server.request())
        before = server.cpu_s()
        run = wrk.run(server.url, server.script, connections=connections, seconds=seconds)
        run = replace(run, cpu_us=(server.cpu_s() - before) / max(1, run.answered) * 1e6)
        server.acknowledged += run.answered
        server.cut_off += connections
        found[server.subject.name, connections].append(run)
    return found


def _table(servers: list[Running], found: Rounds, calm: dict[str, Steady]) -> Table:
    table = Table("server", title="One core; ratio to the bare ASGI application")
    for connections in CONNECTIONS:
        for column in (f"hits/s, {connections} conn.", "ratio", "CPU µs", "p50 ms", "p99 ms"):
            table.add_column(column, justify="right")
    for column in (f"p50 at {RATE}/s", "p99 ms", "RSS MB"):
        table.add_column(column, justify="right")
    for server in servers:
        name = server.subject.name
        cells = [cell for c in CONNECTIONS for cell in _cells(found, name, c)]
        at_rate = calm[name]
        cells += [f"{at_rate.p50_ms:.2f}", f"{at_rate.p99_ms:.2f}", f"{server.rss_mb():.0f}"]
        table.add_row(server.subject.label, *cells)
    return table


def _cells(found: Rounds, name: str, connections: int) -> list[str]:
    rounds = found.get((name, connections))
    if not rounds:
        return ["-"] * 5
    hits_s = statistics.median(one.hits_s for one in rounds)
    bare = [one.hits_s for one in found.get(("bare", connections), [])]
    ratio = f"{hits_s / statistics.median(bare):.2f}" if bare else "-"
    cpu_us, p50, p99 = (
        statistics.median(getattr(one, of) for one in rounds)
        for of in ("cpu_us", "p50_ms", "p99_ms")
    )
    failed = sum(one.failed for one in rounds)
    note = f" ({failed} failed)" if failed else ""
    return [f"{hits_s:,.0f}{note}", ratio, f"{cpu_us:.1f}", f"{p50:.2f}", f"{p99:.2f}"]


def _is_stored(server: Running) -> bool:
    """Whether every answered hit is in the journal; what wrk left unanswered may be there too."""
    stored = server.stored()
    is_whole = server.acknowledged <= stored <= server.acknowledged + server.cut_off
    console.print(
        f"{server.subject.label}: {server.acknowledged:,} answered 204, {stored:,} in the journal"
        f" (at most {server.cut_off:,} were cut off){'' if is_whole else ': WRONG'}"
    )
    return is_whole


if __name__ == "__main__":
    main()
