"""Row 26: containers are published under load while the pipeline dies at each step of putting one
on the disk, garbage lies in its place, and ClickHouse is away.

Version n of the container has the tags `always` and `odd` or `even`, which fire when an event's `n`
is below a number of the version's own. They need a consent that nobody gives, so each event's row
says which of them fired: whatever decided by half a container is seen.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections import Counter

from loadtests.faults.contract import Case, Outcome, Trial
from loadtests.faults.oracle import judge
from loadtests.faults.parts import Parts
from loadtests.faults.shim import Action, Op, Shim
from loadtests.load import Load
from server.clock import now_ms
from server.destinations import tag_types
from server.errors import FreeholdError
from server.store.client import Connection
from server.studio.publish import Wish, publish
from tests.running import wait_for

SOURCE = """
id: faults
sites: [self]
cookie: {{mode: consent}}
triggers:
  small: {{when: [{{value: "{{{{ event.nums.n }}}}", less: {below}}}]}}
tags:
  always: &tag
    type: webhook
    fires_on: [small]
    needs_consent: [ad_personalization]
    with: {{url: "http://127.0.0.1:9/"}}
  {name}: *tag
"""
DECIDED = (
    "SELECT container_version, toInt32(nums['n']), arraySort(arrayMap(w -> w.tag, withheld)) "
    "FROM freehold.events WHERE has(mapKeys(nums), 'n')"
)
TABLE = "SELECT name FROM system.tables WHERE database = 'freehold' AND name = 'container_versions'"
STEPS = 6
"""Calls that change something in the folder: open, write, sync, rename, sync of the folder."""
PICKED_UP_S = 60


def below(version: int) -> int:
    """Events with a smaller `n` fire the tags of a version."""
    return 20 + version * 37 % 60


def source(version: int) -> str:
    """The YAML of a version."""
    return SOURCE.format(below=below(version), name="odd" if version % 2 else "even")


def expected(version: int, n: int) -> list[str]:
    """The tags that fire, by the rule of a version; none has tags but what was published."""
    if version == 0 or n >= below(version):
        return []
    return sorted(["always", "odd" if version % 2 else "even"])


def put(parts: Parts, version: int) -> None:
    """Publishes a version; its number must be the one that comes next."""
    connection = Connection(parts.endpoint)
    wish = Wish(container_id="faults", source=source(version), author="faults", after=version - 1)
    try:
        publish(connection, wish, types=tag_types(), now=now_ms)
    finally:
        connection.close()


def versions(parts: Parts) -> Counter[int]:
    """How many events each version has decided."""
    return Counter(version for version, _, _ in parts.ask(DECIDED))


def wrong(parts: Parts) -> list[str]:
    """Events that were not decided as their version says."""
    return [
        f"version {version} gave {tags} to n={n}"
        for version, n, tags in parts.ask(DECIDED)
        if tags != expected(version, n)
    ]


def publish_and_die(trial: Trial) -> Outcome:
    """The pipeline dies before, in or after each step; sometimes garbage is found in the place."""
    shim, chance = Shim(trial.folder / "shim"), trial.chance
    with Parts(trial.folder) as parts:
        wait_for(lambda: bool(parts.ask(TABLE)), "the table of versions", PICKED_UP_S)
        load = Load(parts.hit_url, threads=2, pause_s=0.05, seed=trial.seed)
        load.start()
        died = 0
        try:
            for number in range(1, trial.rounds + 1):
                died += _die_at(parts, shim, number, chance)
                if chance.random() < 0.5:
                    garbage(parts, chance)
                parts.start("pipeline")
                wait_for(lambda: versions(parts)[number] > 0, f"version {number}", PICKED_UP_S)  # noqa: B023
                trial.tell()
        finally:
            shim.clear(0)
            acknowledged = load.stop()
        detail = f"{died} died"
        told = judge(parts, acknowledged, tried=trial.rounds, detail=detail, is_well=died > 0)
        return _with_decisions(parts, told)


def _die_at(parts: Parts, shim: Shim, number: int, chance: random.Random) -> bool:
    """Publishes a version to a pipeline that dies while it puts it on the disk, if it does."""
    parts.kill("pipeline")
    action = chance.choice((Action.KILL_BEFORE, Action.KILL_TORN, Action.KILL_AFTER))
    step = (number - 1) % STEPS + 1
    place = f"{parts.data}/containers"
    shim.set(0, Op.ANY, action, first=step, last=step, path=place, is_logged=False)
    put(parts, number)
    parts.start("pipeline", shim.environ)
    pipeline = parts.processes["pipeline"]
    wait_for(
        lambda: pipeline.poll() is not None or versions(parts)[number] > 0, "an end", PICKED_UP_S
    )
    has_died = pipeline.poll() is not None
    shim.clear(0)
    parts.kill("pipeline")
    return has_died


def garbage(parts: Parts, chance: random.Random) -> None:
    """What a broken disk or a clumsy hand leaves in the folder."""
    place = parts.data / "containers" / "faults.json"
    with contextlib.suppress(FileNotFoundError):
        whole = place.read_bytes()
        cut = whole[: chance.randrange(len(whole))]
        place.write_bytes(chance.choice((cut, b"", os.urandom(200), whole[:-1] + b"x")))


def publish_in_an_outage(trial: Trial) -> Outcome:
    """ClickHouse is away: nothing is published, and everything starts from the disk."""
    with Parts(trial.folder) as parts:
        wait_for(lambda: bool(parts.ask(TABLE)), "the table of versions", PICKED_UP_S)
        load = Load(parts.hit_url, threads=2, pause_s=0.05, seed=trial.seed)
        load.start()
        is_told = True
        try:
            for number in range(1, trial.rounds + 1):
                put(parts, number)
                wait_for(lambda: versions(parts)[number] > 0, f"version {number}", PICKED_UP_S)  # noqa: B023
                parts.kill("store")
                is_told = is_told and _is_refused(parts, number + 1)
                parts.kill("pipeline", "collect")
                parts.start("pipeline")
                parts.start("collect")
                parts.first_answer()
                parts.start("store")
                wait_for(parts.answers, "the store", PICKED_UP_S)
                trial.tell()
        finally:
            acknowledged = load.stop()
        told = judge(parts, acknowledged, tried=trial.rounds, is_well=is_told)
        return _with_decisions(parts, told)


def _is_refused(parts: Parts, number: int) -> bool:
    try:
        put(parts, number)
    except FreeholdError:
        return True
    return False


def _with_decisions(parts: Parts, told: Outcome) -> Outcome:
    """The outcome, and whether every event was decided by one whole version."""
    faults, seen = wrong(parts), versions(parts)
    newest = max(seen)
    detail = f"{told.detail}; {len(seen)} versions, {sum(seen.values())} decisions"
    return Outcome(
        tried=told.tried,
        lost=told.lost,
        doubled=told.doubled,
        detail=f"{detail}, {len(faults)} wrong{': ' + faults[0] if faults else ''}",
        is_well=told.is_well and not faults and newest == told.tried,
    )


CASES = (
    Case(row=26, title="pipeline killed while it installs a container", quick=1, long=60,
         run=publish_and_die),
    Case(row=26, title="published in an outage", quick=1, long=10, run=publish_in_an_outage),
)  # fmt: skip
