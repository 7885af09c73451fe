"""Rows 1, 2 and 3: SIGKILL at random moments, under load, to the collector, the pipeline, or all.

Row 2 has moments of its own too: at the n-th sync of the spools and the state (between the spools'
sync and the commit lies the sorter's doubt); the stages of an insert are in `inserts.py`.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time

from loadtests.faults.contract import Case, Outcome, Trial, spread
from loadtests.faults.oracle import judge
from loadtests.faults.parts import NAMES, Parts
from loadtests.faults.shim import Action, Op, Shim
from loadtests.load import Load
from server.errors import FreeholdError
from tests.running import wait_for

SYNCS = 24
"""So many syncs of its files the pipeline does in a few batches."""
EMPTY_S = 30
MERGE_S = 60


def kill_collector(trial: Trial) -> Outcome:
    """Row 1: fast cycles; pipeline and store stay up. The harness starts it again at once."""
    return _kill_at_random(trial, ("collect",), within_s=0.5)


def kill_pipeline(trial: Trial) -> Outcome:
    """Row 2: at any moment."""
    return _kill_at_random(trial, ("pipeline",), within_s=1.5)


def kill_all(trial: Trial) -> Outcome:
    """Row 3: everything at once, and everything again."""
    return _kill_at_random(trial, NAMES, within_s=1.5)


def _kill_at_random(trial: Trial, names: tuple[str, ...], *, within_s: float) -> Outcome:
    chance, waits = trial.chance, list[float]()
    with Parts(trial.folder) as parts:
        load = Load(parts.hit_url, threads=2, pause_s=0.02, seed=trial.seed)
        load.start()
        try:
            for _ in range(trial.rounds):
                time.sleep(chance.uniform(0, within_s))
                parts.kill(*names)
                for name in names:
                    parts.start(name)
                waits.append(parts.first_answer())
                trial.tell()
        finally:
            acknowledged = load.stop()
        told = f"first answer {spread(waits)}"
        return judge(parts, acknowledged, tried=trial.rounds, detail=told)


def kill_at_syncs(trial: Trial) -> Outcome:
    """Row 2: after, or before, the n-th sync of the pipeline's files; n goes through them all."""
    shim, chance, died = Shim(trial.folder / "shim"), trial.chance, 0
    with Parts(trial.folder) as parts:
        load = Load(parts.hit_url, threads=2, pause_s=0.05, seed=trial.seed)
        load.start()
        offset = chance.randrange(SYNCS)
        try:
            for number in range(trial.rounds):
                parts.kill("pipeline")
                died += _die_at(parts, shim, (offset + number * 7) % SYNCS + 1, chance.random())
                trial.tell()
        finally:
            shim.clear(0)
            acknowledged = load.stop()
        told = f"{died} died at their sync"
        return judge(parts, acknowledged, tried=trial.rounds, detail=told, is_well=died > 0)


def _die_at(parts: Parts, shim: Shim, sync: int, luck: float) -> bool:
    """Starts the pipeline, lets it die at a sync, and starts it again without the shim."""
    action = Action.KILL_BEFORE if luck < 0.5 else Action.KILL_AFTER
    shim.set(0, Op.SYNC, action, first=sync, path=f"{parts.data}/", is_logged=False)
    parts.start("pipeline", shim.environ)
    pipeline = parts.processes["pipeline"]
    try:
        pipeline.wait(EMPTY_S)
        has_died = True
    except subprocess.TimeoutExpired:
        has_died = False
    shim.clear(0)
    parts.kill("pipeline")
    parts.start("pipeline")
    return has_died


def kill_in_merge(trial: Trial) -> Outcome:
    """Row 2: store and pipeline die while ClickHouse makes one part of all that it has."""
    chance, merged = trial.chance, 0
    with Parts(trial.folder) as parts:
        load = Load(parts.hit_url, threads=2, pause_s=0.01, seed=trial.seed)
        load.start()
        try:
            for _ in range(trial.rounds):
                wait_for(lambda: _parts_of_events(parts) > 1, "parts to merge", MERGE_S)
                merger = threading.Thread(target=_merge, args=(parts,))
                merger.start()
                time.sleep(chance.uniform(0, 0.05))
                merged += merger.is_alive()
                parts.kill("store", "pipeline")
                merger.join()
                parts.start("store")
                parts.start("pipeline")
                wait_for(parts.answers, "the store", MERGE_S)
                trial.tell()
        finally:
            acknowledged = load.stop()
        told = f"{merged} of {trial.rounds} died before the merge had ended"
        return judge(parts, acknowledged, tried=trial.rounds, detail=told)


def _parts_of_events(parts: Parts) -> int:
    sql = "SELECT count() FROM system.parts WHERE database = 'freehold' AND table = 'events' \
        AND active"
    return int(parts.ask(sql)[0][0])


def _merge(parts: Parts) -> None:
    with contextlib.suppress(FreeholdError):
        parts.command("OPTIMIZE TABLE freehold.events FINAL")


CASES = (
    Case(row=1, title="collector killed", quick=2, long=1000, run=kill_collector),
    Case(row=2, title="pipeline killed", quick=1, long=100, run=kill_pipeline),
    Case(row=2, title="pipeline killed at a sync", quick=2, long=48, run=kill_at_syncs),
    Case(row=2, title="killed in a merge", quick=1, long=20, run=kill_in_merge),
    Case(row=3, title="everything killed", quick=1, long=30, run=kill_all),
)
