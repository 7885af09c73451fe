"""Rows 1 and 3 again, under `freehold up`: its supervisor starts again what dies.

What dies young again and again is started after a growing pause, so the collector is left to live
for a while between two kills: what is measured is one death.
"""

from __future__ import annotations

import random
import time
import uuid
from pathlib import Path

from loadtests.faults.contract import Case, Outcome, Trial, spread
from loadtests.faults.oracle import judge
from loadtests.load import Load
from server.clock import now_ms
from server.supervise import STEADY_S
from tests.running import Running

CONTAINER = "demo"
TARGETS = (("collect",), ("pipeline",), ("store",), ("collect", "pipeline", "store"), ())
"""What dies in a round; nothing named: everything, the supervisor first."""
ANSWER_S = 60


class Supervised(Running):
    """A Freehold whose processes are killed, and what the harness posted to it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, **settings)
        self.probes: set[str] = set()

    def first_answer(self) -> float:
        """Posts one event until it is acknowledged; returns the seconds that took."""
        began = time.monotonic()
        event = {"id": str(uuid.uuid4()), "name": "page_view", "at": now_ms()}
        tries = 0
        while self.post({"v": 1, "events": [{**event, "try": tries}]}) != 204:
            assert time.monotonic() < began + ANSWER_S, "the collector does not answer"
            tries += 1
            time.sleep(0.01)
        self.probes.add(str(event["id"]))
        return time.monotonic() - began


def kill_collector(trial: Trial) -> Outcome:
    """Row 1: the supervisor sees the death, starts a new one, and that answers."""
    waits: list[float] = []
    with Supervised(trial.folder) as freehold:
        load = _load(freehold, trial.seed)
        try:
            for number in range(trial.rounds):
                time.sleep(STEADY_S if number else trial.chance.uniform(0.1, 1))
                freehold.kill("collect")
                waits.append(freehold.first_answer())
                trial.tell()
        finally:
            acknowledged = load.stop()
        told = f"first answer {spread(waits)}"
        return judge(freehold, acknowledged, tried=trial.rounds, detail=told)


def kill_in_turn(trial: Trial) -> Outcome:
    """Row 3: collector, pipeline, store, all three, and everything with its supervisor."""
    acknowledged: set[str] = set()
    with Supervised(trial.folder) as freehold:
        for number in range(trial.rounds):
            acknowledged |= crash_round(freehold, number, trial.chance)
            trial.tell()
        return judge(freehold, acknowledged, tried=trial.rounds)


def crash_round(freehold: Running, number: int, chance: random.Random) -> set[str]:
    """One of the targets dies under load; returns the ids that were acknowledged."""
    load = _load(freehold, number)
    try:
        time.sleep(chance.uniform(0.1, 2.0))
        freehold.kill(*TARGETS[number % len(TARGETS)])
        if freehold.process is None:
            freehold.start()
        time.sleep(chance.uniform(0.1, 1.0))
    finally:
        acknowledged = load.stop()
    return acknowledged


def _load(freehold: Running, seed: int) -> Load:
    load = Load(f"{freehold.url}/{CONTAINER}/hit", threads=2, pause_s=0.02, seed=seed)
    load.start()
    return load


CASES = (
    Case(row=1, title="one killed under `up`", quick=1, long=12, run=kill_collector),
    Case(row=3, title="killed in turn under `up`", quick=2, long=25, run=kill_in_turn),
)
