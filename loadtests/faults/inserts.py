"""Rows 2, 13 and 15: an insert of which the pipeline does not know whether it happened.

A proxy stands between the pipeline and ClickHouse. Row 2: the pipeline is killed at each stage of
an insert. Row 13: it lives, and the request or the reply is cut, or late. Row 15: it is killed, and
before it comes back so many others have inserted that ClickHouse has forgotten its token.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice

from loadtests.faults.contract import Case, Outcome, Trial
from loadtests.faults.oracle import judge
from loadtests.faults.parts import Parts
from loadtests.faults.proxy import Proxy, Stage
from loadtests.load import Load

CLIENT_S = 1
LATE_S = 2.5 * CLIENT_S
WINDOW = 10
OTHERS = """\
INSERT INTO freehold.events SELECT * REPLACE (rand64() AS event_low, {src} AS src)
FROM freehold.events LIMIT 1 SETTINGS insert_deduplication_token = 'other{src}'"""


@contextmanager
def behind_proxy(trial: Trial) -> Iterator[tuple[Parts, Proxy]]:
    """A Freehold whose pipeline finds ClickHouse through the proxy, and gives it up soon."""
    with Proxy() as proxy:
        parts = Parts(
            trial.folder,
            pipeline_argv=("-m", "loadtests.faults._hasty", str(CLIENT_S)),
            store_port=proxy.port,
        )
        proxy.upstream = parts.clickhouse_port
        with parts:
            yield parts, proxy


def _each_stage(trial: Trial, after: Callable[[Parts, Stage], None]) -> Outcome:
    """One stage a round, under load; `after` is what happens once it is reached."""
    struck: list[Stage] = []
    with behind_proxy(trial) as (parts, proxy):
        load = Load(parts.hit_url, threads=2, pause_s=0.02, seed=trial.seed)
        load.start()
        try:
            for stage in islice(cycle(Stage), trial.rounds):
                proxy.arm(stage, late_s=LATE_S)
                if proxy.wait():
                    struck.append(stage)
                after(parts, stage)
                trial.tell()
        finally:
            acknowledged = load.stop()
        told = f"{len(struck)} of {trial.rounds} struck"
        is_well = len(struck) == trial.rounds
        return judge(parts, acknowledged, tried=len(struck), detail=told, is_well=is_well)


def kill_at_stages(trial: Trial) -> Outcome:
    """Row 2: the pipeline dies at this stage of its insert, and starts again at once."""

    def kill(parts: Parts, stage: Stage) -> None:
        parts.kill("pipeline")
        parts.start("pipeline")

    return _each_stage(trial, kill)


def leave_in_doubt(trial: Trial) -> Outcome:
    """Row 13: the pipeline lives, and has to settle the doubt."""

    def wait(parts: Parts, stage: Stage) -> None:
        time.sleep(LATE_S + 0.5 if stage in (Stage.LATE, Stage.SLOW) else 0)

    return _each_stage(trial, wait)


def overflow_window(trial: Trial) -> Outcome:
    """Row 15: the reply is cut, the pipeline killed, and the token forgotten meanwhile."""
    src = 0
    with behind_proxy(trial) as (parts, proxy):
        window = f"non_replicated_deduplication_window = {WINDOW}"
        parts.command(f"ALTER TABLE freehold.events MODIFY SETTING {window}")
        load = Load(parts.hit_url, threads=2, pause_s=0.02, seed=trial.seed)
        load.start()
        struck = 0
        try:
            for _ in range(trial.rounds):
                proxy.arm(Stage.DONE)
                struck += proxy.wait()
                parts.kill("pipeline")
                for _ in range(WINDOW + 5):
                    src += 1
                    parts.command(OTHERS.format(src=src))
                parts.start("pipeline")
                trial.tell()
        finally:
            acknowledged = load.stop()
        is_well = struck == trial.rounds
        return judge(parts, acknowledged, tried=struck, detail=f"window {WINDOW}", is_well=is_well)


CASES = (
    Case(row=2, title="pipeline killed in an insert", quick=1, long=40, run=kill_at_stages),
    Case(row=13, title="insert in doubt", quick=3, long=60, run=leave_in_doubt),
    Case(row=15, title="deduplication window overflows", quick=1, long=10, run=overflow_window),
)
