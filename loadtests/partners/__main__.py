"""Six partners, 500 events a second, and what the others notice when one is down and one is mute.

    .venv/bin/python -m loadtests.partners                          # ten minutes of storm
    .venv/bin/python -m loadtests.partners --minutes 1 --rounds 3   # a quick look

`freehold up` with a container of six tags, whose partners the recorder plays; five fire on all
events, the webhook on check-outs. Stages follow each
other: calm; a tenth of all requests fails; the same, with one partner down and another one that
never answers. Then all is mended, and what is owed has to arrive: every id acknowledged is taken by
every partner at least once, and once as it deduplicates, or is a dead letter with a reason. Exit 1
otherwise, or when an event that no error struck takes the other partners longer in the storm: p99
more than `--grows` of what it was in the calm.
"""

from __future__ import annotations

import sys
import tempfile
import time
import urllib.request
from itertools import pairwise
from pathlib import Path

import click
import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from loadtests.partners.account import Books, Lag, Stretch, balance, lags
from loadtests.partners.stages import (
    FIRES,
    NAME,
    OTHERS,
    SECRET,
    SETTINGS,
    STAGES,
    Stage,
    script,
    write_container,
)
from loadtests.partners.steady import NAMES, Acknowledged, Steady
from loadtests.proc import cpu_s
from server.demo.taken import Once
from tests.running import Running, wait_for

WARM_S = 5
SIDE_MINUTES = 2.0
"""A stage beside the storm is no longer."""
DEAD = f"""
SELECT toString(event_id), any(reason) FROM freehold.deliveries
WHERE container_id = '{NAME}' AND tag = '{{tag}}' AND outcome IN ('refused', 'expired')
GROUP BY event_id
"""

console = Console(width=130)


def tell(freehold: Running, stage: Stage | None, seed: int) -> None:
    """Lets the recorder's partners go wrong as the stage has it."""
    url = f"{freehold.recorder_url}/trouble"
    asked = urllib.request.Request(url, data=script(stage, seed=seed), method="PUT")
    urllib.request.urlopen(asked, timeout=10).close()


def taken(freehold: Running, partner: str) -> list[Once]:
    """The book of a partner."""
    url = f"{freehold.recorder_url}/taken?partner={partner}"
    with urllib.request.urlopen(url, timeout=60) as answer:
        return [msgspec.json.decode(line, type=Once) for line in answer]


class Plan(Struct, frozen=True, kw_only=True):
    """How long a run is."""

    minutes: float
    rounds: int
    seed: int


class Moment(Struct, frozen=True, kw_only=True):
    """Where a stage begins, or the last one ends."""

    stage: str
    at: int
    """ms UTC"""
    cpu_s: dict[str, float]
    """What each process has used so far."""


def moment(freehold: Running, stage: str = "") -> Moment:
    used = {name: cpu_s(pid) for name, pid in freehold.children().items()}
    return Moment(stage=stage, at=time.time_ns() // 1_000_000, cpu_s=used)


def play(freehold: Running, steady: Steady, plan: Plan) -> list[Moment]:
    """All stages, round after round: the moments when they began, and the last one ended."""
    moments = []
    steady.start()
    time.sleep(WARM_S)
    for stage in STAGES * plan.rounds:
        tell(freehold, stage, plan.seed)
        moments.append(moment(freehold, stage.name))
        longest = plan.minutes if stage.name == "storm" else min(plan.minutes, SIDE_MINUTES)
        with console.status(f"{stage.name}, {steady.count:,} events so far"):
            time.sleep(longest * 60 / plan.rounds)
    return [*moments, moment(freehold)]


def owed(tag: str, acknowledged: Acknowledged) -> dict[str, int]:
    """What a tag fires on: ids, and when each was acknowledged."""
    names = FIRES.get(tag, NAMES)
    return {one: at for one, (name, at) in acknowledged.items() if name in names}


def settle(freehold: Running, acknowledged: Acknowledged, patience_s: float) -> float:
    """Waits until every partner has all, or has what it will get; the seconds it took."""
    began = time.monotonic()

    def is_done() -> bool:
        time.sleep(1)
        return all(len(taken(freehold, name)) >= len(owed(name, acknowledged)) for name in SETTINGS)

    try:
        with console.status("mended: what is owed arrives"):
            wait_for(is_done, "all taken", patience_s)
    except AssertionError:
        console.print("not all was taken; dead letters are counted below")
    return time.monotonic() - began


def books_table(found: list[Books]) -> Table:
    table = Table("partner", "acknowledged", "taken", "deduplicated", "sent again", "dead", "lost")
    for one in found:
        dead = ", ".join(f"{count} {reason}" for reason, count in one.dead.items()) or "0"
        numbers = (one.acknowledged, one.taken, one.keys, one.again)
        lost = f"{one.lost}" + (f", {one.strange} strange" if one.strange else "")
        table.add_row(one.partner, *(f"{n:,}" for n in numbers), dead, lost)
    return table


def lag_table(found: dict[str, dict[str, Lag]]) -> Table:
    """p50 and p99 of events that no error struck; in brackets the p99 of all."""
    table = Table("lag, ms: p50 / p99 (p99 of all)", *(stage.name for stage in STAGES), "grows")
    for name, stages in found.items():
        known = [stages.get(stage.name) for stage in STAGES]
        cells = [
            f"{lag.p50:.0f} / {lag.p99:.0f} ({lag.p99_of_all:.0f})" if lag else "-" for lag in known
        ]
        table.add_row(name, *cells, f"{growth(stages):+.1%}" if name in OTHERS else "")
    return table


def cpu_table(moments: list[Moment]) -> Table:
    """How much of a core each process took."""
    table = Table("of a core", *(stage.name for stage in STAGES))
    for name in moments[0].cpu_s:
        shares = []
        for stage in STAGES:
            pairs = [(a, b) for a, b in pairwise(moments) if a.stage == stage.name]
            used = sum(b.cpu_s[name] - a.cpu_s[name] for a, b in pairs)
            shares.append(used * 1000 / sum(b.at - a.at for a, b in pairs))
        table.add_row(name, *(f"{share:.0%}" for share in shares))
    return table


def growth(stages: dict[str, Lag]) -> float:
    """How much more p99 is in the storm than in the calm, as a share."""
    calm, storm = stages.get("calm"), stages.get("storm")
    return storm.p99 / max(1.0, calm.p99) - 1 if calm and storm else 0.0


@click.command(help=__doc__ and __doc__.replace("\n\n    ", "\n\n\b\n    "))
@click.option("--minutes", default=10.0, show_default=True, help="How long the storm lasts.")
@click.option("--rate", default=500.0, show_default=True, help="Events a second.")
@click.option("--rounds", default=1, show_default=True, help="Stages by turns, so many times.")
@click.option("--seed", default=1, show_default=True)
@click.option("--grows", default=0.1, show_default=True, help="How much p99 may grow.")
def main(minutes: float, rate: float, rounds: int, seed: int, grows: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        freehold = Running(Path(folder), **{f"FREEHOLD_SECRET_{SECRET}": "l0ad"})
        write_container(freehold.containers, freehold.recorder_url)
        with freehold:
            steady = Steady(f"{freehold.url}/{NAME}/hit", rate=rate, seed=seed)
            try:
                moments = play(freehold, steady, Plan(minutes=minutes, rounds=rounds, seed=seed))
            finally:
                acknowledged = steady.stop()
            tell(freehold, None, seed)
            waited = settle(freehold, acknowledged, 120 + minutes * 60)
            took = {name: taken(freehold, name) for name in SETTINGS}
            dead = {name: dict(freehold.ask(DEAD.format(tag=name))) for name in SETTINGS}
            console.print(freehold.command("deliveries"))
    due = {name: owed(name, acknowledged) for name in SETTINGS}
    stretches = [
        Stretch(stage=begin.stage, begins=begin.at, ends=end.at) for begin, end in pairwise(moments)
    ]
    found = [balance(name, due[name], took[name], dead[name]) for name in SETTINGS]
    lag = {name: lags(due[name], took[name], stretches) for name in SETTINGS}
    console.print(books_table(found), lag_table(lag), cpu_table(moments))
    seconds = (moments[-1].at - moments[0].at) / 1000
    console.print(f"{len(acknowledged):,} events in {seconds:.0f} s; mended after {waited:.0f} s")
    is_calm = all(growth(lag[name]) < grows for name in OTHERS)
    sys.exit(0 if is_calm and all(one.is_well for one in found) else 1)


if __name__ == "__main__":
    main()
