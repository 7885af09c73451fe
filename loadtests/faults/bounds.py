"""Rows 22 and 23: a collector is asked to stop under load; processes with too little memory.

Row 22: two collectors on one listening socket; one after the other gets SIGTERM and is started
again; no request may fail. Row 23: the collector has ADDRESS_MB of address space and is sent bodies
far too large, and an analyst asks the store for more memory than it gives; nothing may die.
"""

from __future__ import annotations

import contextlib
import resource
import socket
import subprocess
import threading
import time
from pathlib import Path

from loadtests.faults.contract import Case, NotRun, Outcome, Trial
from loadtests.faults.oracle import judge
from loadtests.faults.parts import Parts
from loadtests.load import Load
from server.errors import FreeholdError
from server.telemetry.report import read_reports
from tests.running import wait_for

STOP_S = 5.0
ADDRESS_MB = 512
BODY_MB = 4
GREEDY = "SELECT length(groupArray(number)) FROM numbers(4000000000)"


class StrictLoad(Load):
    """A load that counts what was not answered 2xx at the first try."""

    failed = 0

    def _post(self, batch: list[dict[str, object]], tries: int, cookie: str) -> tuple[int, str]:
        status, cookie = super()._post(batch, tries, cookie)
        if not 200 <= status < 300:
            self.failed += 1
        return status, cookie


def restart_collectors(trial: Trial) -> Outcome:
    """Row 22: each round stops one collector while the other serves."""
    longest = 0.0
    with Parts(trial.folder) as parts:
        first, second = parts.processes.pop("collect"), _second(parts)
        load = StrictLoad(parts.hit_url, threads=4, seed=trial.seed)
        load.start()
        try:
            for _ in range(trial.rounds):
                time.sleep(trial.chance.uniform(0.5, 1.0))
                began = time.monotonic()
                first.terminate()
                first.wait(20)
                longest = max(longest, time.monotonic() - began)
                first, second = second, _second(parts)
                trial.tell()
        finally:
            acknowledged = load.stop()
            for process in (first, second):
                process.kill()
                process.wait()
        told = f"{load.failed} requests failed; stopped in at most {longest:.2f} s"
        is_well = not load.failed and longest < STOP_S
        return judge(parts, acknowledged, tried=trial.rounds, detail=told, is_well=is_well)


def _second(parts: Parts) -> subprocess.Popen[bytes]:
    """One more collector, once it tells of itself."""
    parts.start("collect")
    pid = parts.processes["collect"].pid
    wait_for(lambda: pid in {one.pid for one in read_reports(parts.data)}, "one more collector")
    return parts.processes.pop("collect")


def starve(trial: Trial) -> Outcome:
    """Row 23: too large bodies from all sides, and a question that is too large."""
    if not Path("/proc/self/status").exists():
        raise NotRun("prlimit needs Linux")
    limit = ADDRESS_MB * 1024 * 1024
    refused = 0
    with Parts(trial.folder) as parts:
        pids = {name: process.pid for name, process in parts.processes.items()}
        resource.prlimit(pids["collect"], resource.RLIMIT_AS, (limit, limit))
        load = Load(parts.hit_url, threads=2, pause_s=0.02, seed=trial.seed)
        load.start()
        try:
            for _ in range(trial.rounds):
                _send_large(parts)
                refused += _is_refused(parts)
                parts.first_answer(seconds=5)
                trial.tell()
        finally:
            acknowledged = load.stop()
        dead = [name for name, process in parts.processes.items() if process.poll() is not None]
        told = f"dead: {', '.join(dead) or 'none'}; {refused} greedy questions refused"
        is_well = not dead and refused == trial.rounds
        return judge(parts, acknowledged, tried=trial.rounds, detail=told, is_well=is_well)


def _send_large(parts: Parts) -> None:
    """Many bodies at once, half of them without a length, none of them ever ends well."""
    senders = [
        threading.Thread(target=_send_one, args=(parts, number % 2 == 0)) for number in range(16)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(30)


def _send_one(parts: Parts, is_chunked: bool) -> None:
    host, port = parts.url.removeprefix("http://").split(":")
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {BODY_MB << 20}"
    piece = b"x" * 65_536
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 10) as sock:
        head = f"POST /faults/hit HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\n{length}"
        sock.sendall(head.encode() + b"\r\n\r\n")
        for _ in range((BODY_MB << 20) // len(piece)):
            sock.sendall(b"10000\r\n" + piece + b"\r\n" if is_chunked else piece)


def _is_refused(parts: Parts) -> bool:
    try:
        parts.command(GREEDY)
    except FreeholdError as error:
        return "emory" in str(error)
    return False


CASES = (
    Case(row=22, title="collectors restarted in turn", quick=2, long=30, run=restart_collectors),
    Case(row=23, title="too little memory", quick=1, long=20, run=starve),
)
