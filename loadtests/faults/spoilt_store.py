"""Row 14: what ClickHouse has on its disk is spoilt while it is stopped.

In each round an insert is in doubt (it was done, its answer was cut, the pipeline killed), and
before ClickHouse starts again its log of tokens is deleted or cut, and a part of `events` has lost
its bytes, one bit of them, or its end. Then a reconciliation has to find everything, tell it, and
put it right.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle, islice, product
from pathlib import Path

from loadtests.faults.contract import Case, Outcome, Trial
from loadtests.faults.inserts import behind_proxy
from loadtests.faults.oracle import judge
from loadtests.faults.parts import Parts
from loadtests.faults.proxy import Proxy, Stage
from loadtests.load import Load
from server.clock import now_ms
from server.pipeline.runs import Run, ask_for_run, load_run
from server.pipeline.state import STATE_FILE, State
from tests.running import wait_for

START_S = 60
RECONCILE_S = 200
ALARMS = ("reconcile.missing", "reconcile.broken_parts")
PARTS = (
    "SELECT path FROM system.parts WHERE database = 'freehold' AND table = 'events' AND active "
    "AND rows > 0 ORDER BY path"
)

Change = Callable[[bytes, random.Random], bytes]


def zeroed(data: bytes, chance: random.Random) -> bytes:
    """As long as it was, and nothing in it."""
    return bytes(len(data))


def flipped(data: bytes, chance: random.Random) -> bytes:
    """One bit is another."""
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def cut(data: bytes, chance: random.Random) -> bytes:
    """Its end is missing."""
    return data[: chance.randrange(len(data))]


def emptied(data: bytes, chance: random.Random) -> bytes:
    """Nothing is left."""
    return b""


CHANGES: tuple[Change, ...] = (zeroed, flipped, cut)


def run(trial: Trial) -> Outcome:
    """Every change of a part, with a log of tokens that is gone or cut."""
    told = healed = 0
    wrong: list[str] = []
    with behind_proxy(trial) as (parts, proxy):
        load = Load(parts.hit_url, threads=2, pause_s=0.02, seed=trial.seed)
        load.start()
        try:
            for part_change, log_change in islice(_changes(), trial.rounds):
                before = _alarms(parts)
                _stop_in_doubt(parts, proxy)
                _spoil(parts, part_change, log_change, trial.chance)
                problem = _start_and_reconcile(parts)
                raised = _alarms(parts) - before
                told += raised > 0
                healed += not problem
                name = f"{part_change.__name__} part, {log_change.__name__} log"
                wrong += [f"{name}: {problem or 'no alarm'}"] * (bool(problem) or raised <= 0)
                trial.tell()
        finally:
            acknowledged = load.stop()
        detail = wrong[0] if wrong else f"{told} of {trial.rounds} alarmed, {healed} put right"
        return judge(parts, acknowledged, tried=trial.rounds, detail=detail, is_well=not wrong)


def _changes() -> Iterator[tuple[Change, Change]]:
    return cycle((part, log) for log, part in product((emptied, cut), CHANGES))


def _stop_in_doubt(parts: Parts, proxy: Proxy) -> None:
    """Some parts are there; an insert was done and its answer cut; nothing runs but collecting."""
    wait_for(lambda: len(parts.ask(PARTS)) > 1, "parts to spoil", START_S)
    proxy.arm(Stage.DONE)
    assert proxy.wait(), "no insert came"
    parts.kill("pipeline")
    parts.command("SYSTEM STOP MERGES freehold.events")  # or what is spoilt may be out of use


def _spoil(parts: Parts, part_change: Change, log_change: Change, chance: random.Random) -> None:
    """Stops ClickHouse and changes its files."""
    part = Path(chance.choice(parts.ask(PARTS))[0])
    parts.stop("store")
    files = sorted(part.glob("*.bin")) if part_change is not zeroed else sorted(part.iterdir())
    for file in files if part_change is zeroed else [chance.choice(files)]:
        _change(file, part_change, chance)
    for log in sorted((part.parent / "deduplication_logs").iterdir()):
        if log_change is emptied:
            log.unlink()
        else:
            _change(log, log_change, chance)


def _change(file: Path, change: Change, chance: random.Random) -> None:
    data = file.read_bytes()
    if data:
        file.chmod(0o600)
        file.write_bytes(change(data, chance))


def _start_and_reconcile(parts: Parts) -> str:
    """Starts both and asks for a reconciliation, as `freehold reconcile` does; why it was given
    up, or "" when it came to its end."""
    parts.start("store")
    wait_for(parts.answers, "the store", START_S)
    asked_at = now_ms()
    with closing(State(parts.data / STATE_FILE)) as state:
        ask_for_run(state, now=asked_at)
        parts.start("pipeline")

        def run() -> Run | None:
            run = load_run(state)
            is_ours = run is not None and run.is_whole and run.started_at >= asked_at
            return run if is_ours and run and run.ended_at else None

        wait_for(lambda: run() is not None, "the end of a reconciliation", RECONCILE_S)
        ended = run()
        return ended.failure if ended else "it did not end"


def _alarms(parts: Parts) -> int:
    with closing(State(parts.data / STATE_FILE)) as state:
        counts = state.counts()
    return sum(counts.get(name, 0) for name in ALARMS)


CASES = (Case(row=14, title="ClickHouse's files spoilt", quick=1, long=12, run=run),)
