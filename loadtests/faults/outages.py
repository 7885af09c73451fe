"""Rows 9 and 12: ClickHouse's disk is full, or ClickHouse is away, for long; both are waited out.

Meanwhile collectors must acknowledge, and partners must be served. Afterwards everything is there
once, and faster than it came.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.faults.contract import Case, NotRun, Outcome, Trial
from loadtests.faults.oracle import complete, judge, stored
from loadtests.faults.parts import CONTAINER, Parts
from loadtests.load import Load
from tests.partner import LocalPartner
from tests.running import wait_for

SMALL_MB, LARGE_MB = 96, 512
ROUND_S = 2.0
HOOK = """\
tags:
  hook:
    type: webhook
    fires_on: [all_events]
    with: {{url: {url}}}
"""


def _mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotRun(f"a tmpfs cannot be mounted: {done.stderr.strip()}")


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of SMALL_MB at the folder; needs root."""
    if not Path("/proc/mounts").exists() or os.geteuid():
        raise NotRun("mounting a tmpfs needs Linux and root")
    folder.mkdir(parents=True, mode=0o700)
    _mount("-t", "tmpfs", "-o", f"size={SMALL_MB}m,mode=700", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(folder: Path) -> None:
    """Takes what is left of a disk."""
    with (folder / "filler").open("ab", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass


def fill_store(trial: Trial) -> Outcome:
    """Row 9: the loader pauses, spools grow, acknowledging goes on; then the disk is larger."""
    folder = trial.folder / "data" / "clickhouse"
    with small_disk(folder) as disk, Parts(trial.folder) as parts:
        complete(parts, parts.probes)  # the tables are all made
        load = Load(parts.hit_url, threads=2, pause_s=0.02, seed=trial.seed)
        load.start()
        waited, drained = 0, 0.0
        try:
            for number in range(trial.rounds):
                fill(disk)
                before = len(load.acknowledged)
                time.sleep(ROUND_S)
                parts.first_answer(seconds=5)
                now = load.acknowledged
                waited += len(now) - before if len(now - set(stored(parts))) else 0
                (disk / "filler").unlink()
                _mount("-o", f"remount,size={LARGE_MB + number}m", str(disk))
                drained = max(drained, complete(parts, now))
                trial.tell()
        finally:
            acknowledged = load.stop()
        told = f"{waited} acknowledged while it was full; all there {drained:.1f} s after"
        return judge(parts, acknowledged, tried=trial.rounds, detail=told, is_well=waited > 0)


def stop_store(trial: Trial) -> Outcome:
    """Row 12: each round is ROUND_S without ClickHouse; a partner takes everything meanwhile."""
    with LocalPartner() as partner, _hooked(trial, partner) as parts:
        load = Load(parts.hit_url, threads=2, pause_s=0.02, seed=trial.seed)
        complete(parts, parts.probes)
        parts.stop("store")
        began = time.monotonic()
        load.start()
        try:
            for _ in range(trial.rounds):
                time.sleep(ROUND_S)
                trial.tell()
        finally:
            acknowledged = load.stop()
        away = time.monotonic() - began
        wait_for(lambda: acknowledged <= _taken(partner), "the partner took all", 60)
        rows = len(acknowledged)
        parts.start("store")
        wait_for(parts.answers, "the store", 60)
        drained = complete(parts, acknowledged)
        told = (
            f"partner took {rows} while it was away {away:.0f} s; loaded {drained:.1f} s after "
            f"it answered: {away / max(drained, 0.1):.0f} times real time"
        )
        return judge(parts, acknowledged, tried=trial.rounds, detail=told)


def _hooked(trial: Trial, partner: LocalPartner) -> Parts:
    return Parts(trial.folder, container=CONTAINER + HOOK.format(url=partner.url))


def _taken(partner: LocalPartner) -> set[str]:
    return {str(asked.json()["event_id"]) for asked in list(partner.asked)}


CASES = (
    Case(row=9, title="ClickHouse's disk full", quick=1, long=10, run=fill_store),
    Case(row=12, title="ClickHouse away", quick=1, long=60, run=stop_store),
)
