"""Row 24: a collector that may open few files, and more clients than it has descriptors for."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import time
from collections.abc import Iterator

from loadtests.faults.collecting import Collecting
from loadtests.faults.contract import Case, NotRun, Outcome, Trial
from loadtests.proc import cpu_s

LIMIT = 64
CONNECTIONS = 200
HELD_S = 1.0
SOON_S = 10.0
BUSY = 0.9


def run(trial: Trial) -> Outcome:
    """64 descriptors, then hardly one more than it has: it waits, and goes on when they are free.

    While it has none it may not spin: at most 90 % of one core.
    """
    if not hasattr(resource, "prlimit"):
        raise NotRun("RLIMIT_NOFILE of another process needs Linux")
    slowest, busiest = 0.0, 0.0
    wrong: list[str] = []
    with Collecting(trial.folder / "collector") as collecting:
        collecting.post()
        for number in range(trial.rounds):
            limit = LIMIT if number % 2 == 0 else _open_files(collecting.pid) + 1
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.prlimit(collecting.pid, resource.RLIMIT_NOFILE, (limit, hard))
            with _crowd(collecting.port):
                before, began = cpu_s(collecting.pid), time.monotonic()
                time.sleep(HELD_S)
                used = cpu_s(collecting.pid) - before
                spare = limit - _open_files(collecting.pid)
                wrong += [f"the crowd has left {spare} descriptors"] * (spare > 0)
                busiest = max(busiest, used / (time.monotonic() - began))
            resource.prlimit(collecting.pid, resource.RLIMIT_NOFILE, (hard, hard))
            slowest = max(slowest, collecting.recovered(SOON_S))
            answers = collecting.post_many(20, at_once=4)
            wrong += [f"answered {a.status}" for a in answers if not a.is_well]
            trial.tell()
        assert collecting.process is not None
        if collecting.process.poll() is not None:
            wrong.append("the process ended")
        lost, doubled = collecting.compared()
    if slowest > SOON_S:
        wrong.append("it did not recover")
    if busiest > BUSY:
        wrong.append(f"it spins: {busiest:.0%} of a core")
    detail = wrong[0] if wrong else f"well again after {slowest:.2f} s; {busiest:.0%} of a core"
    is_well = not wrong and not lost and not doubled
    tried = trial.rounds * CONNECTIONS
    return Outcome(tried=tried, lost=lost, doubled=doubled, detail=detail, is_well=is_well)


@contextlib.contextmanager
def _crowd(port: int) -> Iterator[None]:
    """Clients that connect, begin a request, and wait."""
    with contextlib.ExitStack() as stack:
        for _ in range(CONNECTIONS):
            client = stack.enter_context(socket.socket())
            client.settimeout(2)
            with contextlib.suppress(OSError):
                client.connect(("127.0.0.1", port))
                client.sendall(b"POST /faults/hit?c=1 HTTP/1.1\r\nHost: x\r\n")
        yield


def _open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


CASES = (Case(row=24, title="no descriptor left", quick=1, long=20, run=run),)
