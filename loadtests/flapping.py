"""A partner that is down, then flaps, while the pipeline is killed: counts what reaches it.

    .venv/bin/python -m loadtests.flapping --down 60 --flaps 6

Events with consent go to a tag of type webhook. First the partner is down; then it comes and goes,
hangs up, answers 503 and 429; meanwhile `kill -9` hits the pipeline. In the end it stays up, and
ids acknowledged to the browser = distinct ids that it took. Exit 1 when they differ. A repeated id
is a request that it took while the pipeline was killed before it could note the answer.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from loadtests.load import Load
from tests.partner import Asked, LocalPartner, Says
from tests.running import Running, wait_for

CONTAINER = """\
id: {name}
sites: [self]
cookie: {{mode: consent}}
tags:
  hook:
    type: webhook
    fires_on: [all_events]
    with: {{url: {url}}}
"""
NAME = "flapping"


class Flapped(Struct, frozen=True, kw_only=True):
    """What came of it."""

    acknowledged: set[str]
    taken: Counter[str]
    """Ids that the partner answered 2xx, and how often."""
    requests: int
    rows: int
    """Rows of `deliveries` that say delivered."""

    @property
    def is_well(self) -> bool:
        """Each event at least once, and nothing else."""
        return self.acknowledged == set(self.taken) and self.rows == len(self.acknowledged)


def write_container(folder: Path, url: str) -> None:
    """The container's file, before Freehold starts."""
    (folder / f"{NAME}.yaml").write_text(CONTAINER.format(name=NAME, url=url))


def flap(
    freehold: Running, partner: LocalPartner, *, down_s: float, flaps: int, chance: random.Random
) -> Flapped:
    """One run against a Freehold that knows the container."""
    taken: Counter[str] = Counter()
    mood = [0.0]

    def answer(asked: Asked) -> Says:
        if chance.random() < mood[0]:
            return chance.choice(
                (Says(status=503), Says(status=0), Says(status=429, headers={"Retry-After": "1"}))
            )
        taken[asked.json()["event_id"]] += 1
        return Says()

    partner.always = answer
    partner.stop()
    load = Load(f"{freehold.url}/{NAME}/hit", threads=2, pause_s=0.1, seed=7)
    load.start()
    _wait_and_kill(freehold, down_s, chance)
    for _ in range(flaps):
        mood[0] = chance.choice((0.0, 0.3, 0.7))
        partner.start()
        _wait_and_kill(freehold, chance.uniform(1, 4), chance)
        partner.stop()
        time.sleep(chance.uniform(0.5, 2))
    mood[0] = 0.0
    partner.start()
    ids = load.stop()
    delivered = f"SELECT toUInt32(uniqExact(event_id)), toUInt32(count()) FROM freehold.deliveries \
        WHERE container_id = '{NAME}' AND outcome = 'delivered'"
    wait_for(lambda: freehold.ask(delivered)[0][0] >= len(ids), "all delivered and told", 180)
    [[_, rows]] = freehold.ask(delivered)
    return Flapped(acknowledged=ids, taken=taken, requests=len(partner.asked), rows=rows)


def _wait_and_kill(freehold: Running, seconds: float, chance: random.Random) -> None:
    """Waits, and kills the pipeline once at some moment of it."""
    moment = chance.uniform(0, seconds)
    time.sleep(moment)
    freehold.kill("pipeline")
    time.sleep(seconds - moment)


@click.command(help=__doc__)
@click.option("--down", default=60.0, show_default=True, help="Seconds without any partner.")
@click.option("--flaps", default=6, show_default=True, help="How often it comes and goes.")
@click.option("--seed", default=1, show_default=True)
def main(down: float, flaps: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder, LocalPartner() as partner:
        freehold = Running(Path(folder))
        write_container(freehold.containers, partner.url)
        with freehold, Console().status("the partner is down, then it flaps"):
            chance = random.Random(seed)
            found = flap(freehold, partner, down_s=down, flaps=flaps, chance=chance)
    table = Table("acknowledged", "taken, distinct", "taken twice", "requests", "rows delivered")
    twice = sum(1 for times in found.taken.values() if times > 1)
    numbers = (len(found.acknowledged), len(found.taken), twice, found.requests, found.rows)
    table.add_row(*map(str, numbers))
    Console().print(table)
    sys.exit(0 if found.is_well else 1)


if __name__ == "__main__":
    main()
