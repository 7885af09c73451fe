"""Measures what one core takes: the collector, nginx and the least that ASGI can do.

    make bench
    .venv/bin/python -m loadtests.bench --quick
    .venv/bin/python -m loadtests.bench --hits 1000000

Every server is pinned to one core and wrk to another; all servers run the whole time, and rounds
go through them in turn, so that all meet the same weather. Afterwards every hit that was answered
2xx has to be in the journal, and in nginx's log with its body: exit 1 when one is not.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from msgspec.structs import replace
from rich.console import Console
from rich.progress import track

from loadtests.bench import nginx, steady, wrk
from loadtests.bench.cases import GROUPS, STEADY, Case
from loadtests.bench.install import install
from loadtests.bench.report import group_table, steady_table
from loadtests.bench.request import HIT
from loadtests.bench.running import Running
from loadtests.bench.subjects import SUBJECTS
from loadtests.bench.wrk import Round

RATE = 1000
WARM_UP_S = 0.3
LOOKS = 10
MAX_MB = 80
MAX_GROWTH_MB = 5
Servers = dict[str, Running]

console = Console(width=140)


@click.command()
@click.option("--seconds", default=3, help="Length of one round.")
@click.option("--rounds", default=5, help="Rounds of each row; their median counts.")
@click.option("--quick", is_flag=True, help="One round of one second: a look, not a figure.")
@click.option("--only", multiple=True, type=click.Choice([one.name for one in SUBJECTS]))
@click.option("--hits", default=0, help="Send so many to Freehold sync instead; watch its memory.")
def main(seconds: int, rounds: int, quick: bool, only: tuple[str, ...], hits: int) -> None:
    """Requests a second of one core, and how long they take."""
    problem = install()
    if problem:
        raise SystemExit(problem)
    chosen = ("sync",) if hits else only or tuple(one.name for one in SUBJECTS)
    with _running(chosen) as servers:
        if hits:
            is_well = _flat(servers["sync"], hits)
        else:
            is_well = True
            _measure(servers, *((1, 1) if quick else (seconds, rounds)))
        for server in servers.values():
            server.stop()
        unwell = [one for one in servers.values() if not _is_stored(one)]
    console.print(f"load after: {os.getloadavg()[0]:.1f}")
    sys.exit(bool(unwell) or not is_well)


@contextmanager
def _running(names: tuple[str, ...]) -> Iterator[Servers]:
    """The servers on the first core, this process and wrk on the last."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        console.print("There is one core only: server and client share it, so ratios flatter.")
    os.sched_setaffinity(0, {cores[-1]})
    console.print(f"load before: {os.getloadavg()[0]:.1f} on {len(cores)} cores")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        yield {
            one.name: stack.enter_context(Running(one, Path(folder), core=cores[0]))
            for one in SUBJECTS
            if one.name in names
        }


def _measure(servers: Servers, seconds: int, rounds: int) -> None:
    for server in servers.values():
        server.note(HIT, steady.run(server.port, HIT.raw(), rate=RATE, seconds=WARM_UP_S).answered)
    before = {name: server.rss_mb() for name, server in servers.items()}
    calm = {}
    for name in STEADY:
        if name in servers:
            calm[name] = steady.run(servers[name].port, HIT.raw(), rate=RATE, seconds=seconds)
            servers[name].note(HIT, calm[name].answered)
    found: dict[Case, list[Round]] = defaultdict(list)
    cases = [case for group in GROUPS for case in group.cases if case.server in servers]
    for case in track(cases * rounds, console=console, description="rounds", transient=True):
        found[case].append(_round(servers[case.server], case, seconds))
    for group in GROUPS:
        console.print(group_table(group, found))
    rss = {name: (before[name], server.rss_mb()) for name, server in servers.items()}
    console.print(steady_table(calm, rss))


def _round(server: Running, case: Case, seconds: int) -> Round:
    work = case.work
    wrk.write_script(server.script, work.method, work.headers(), work.body)
    before, connections = server.cpu_s(), case.connections
    run = wrk.run(server.url(work), server.script, connections=connections, seconds=seconds)
    server.note(work, run.answered, connections)
    return replace(run, cpu_us=(server.cpu_s() - before) / max(1, run.answered) * 1e6)


def _flat(server: Running, hits: int) -> bool:
    """Sends hits and looks at the memory; whether it stays where it was after the first tenth."""
    case, looks = Case(server="sync", work=HIT), list[float]()
    for number in range(1, LOOKS + 1):
        while server.acknowledged < hits * number / LOOKS:
            _round(server, case, 1)
        looks.append(server.rss_mb())
        console.print(f"{server.acknowledged:>10,} hits: {looks[-1]:.1f} MB")
    return max(looks) < MAX_MB and max(looks) - looks[0] < MAX_GROWTH_MB


def _is_stored(server: Running) -> bool:
    """Whether every answered hit is stored; what wrk left unanswered may be there too."""
    if server.subject.name == "nginx":
        lines, bodies = nginx.logged(server.folder)
        is_whole = server.holds(lines) and server.bodies <= bodies <= lines
        place = f"lines in its log, {bodies:,} of them with a body ({server.bodies:,} had one)"
    elif server.subject.stores:
        lines = server.stored()
        is_whole, place = server.holds(lines), "in the journal"
    else:
        return True
    console.print(
        f"{server.subject.label}: {server.acknowledged:,} answered, {lines:,} {place}"
        f" (at most {server.cut_off:,} were cut off){'' if is_whole else ': WRONG'}"
    )
    return is_whole


if __name__ == "__main__":
    main()
