"""Partners that fail, and containers that are published, under load."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from loadtests.flapping import flap, write_container
from loadtests.load import Load
from tests.partner import LocalPartner
from tests.running import Running, wait_for


def test_a_partner_that_is_down_and_flaps_gets_every_consented_event(tmp_path: Path) -> None:
    with LocalPartner() as partner:
        freehold = Running(tmp_path)
        write_container(freehold.containers, partner.url)
        with freehold:
            chance = random.Random(4)
            found = flap(freehold, partner, down_s=6, flaps=3, chance=chance)
    assert found.acknowledged == set(found.taken)
    assert found.rows == len(found.acknowledged) > 50


PUBLISHED = """
id: load
sites: [self]
triggers:
  small: {{when: [{{value: "{{{{ event.nums.n }}}}", less: {below}}}]}}
tags:
  always: &tag
    type: webhook
    fires_on: [small]
    with: {{url: "{url}/{version}", body: {{id: "{{{{ event.event_id }}}}"}}}}
  {name}: *tag
"""


def published(version: int, url: str) -> str:
    """Version n sends what is below a number of its own by two tags, one of them its own too."""
    return PUBLISHED.format(version=version, below=version * 15, name=f"only_{version}", url=url)


def test_publishing_under_load_loses_nothing_and_each_event_meets_one_whole_version(
    tmp_path: Path,
) -> None:
    """The container has no file: it comes by its first version, and every version brings a tag."""
    last = 5
    with LocalPartner() as partner, Running(tmp_path) as freehold:
        file = tmp_path / "load.yaml"

        def publish(version: int) -> None:
            file.write_text(published(version, partner.url))
            freehold.command("container", "publish", "load", "--file", str(file))

        def decided() -> list[Any]:
            return freehold.ask(
                "SELECT container_version, toInt32(nums['n']), toString(event_id) "
                "FROM freehold.events WHERE container_id = 'load'"
            )

        publish(1)
        wait_for(
            lambda: freehold.post({"v": 1, "events": []}, container="load") == 204, "it is there"
        )
        load = Load(f"{freehold.url}/load/hit", threads=2, pause_s=0.03, seed=4)
        load.start()
        for version in range(1, last + 1):
            if version > 1:
                publish(version)
            wait_for(lambda: any(row[0] == version for row in decided()), f"{version} decides")  # noqa: B023
        ids = load.stop()
        wait_for(lambda: len(decided()) >= len(ids), "all rows")
        rows = decided()
        assert sorted(row[2] for row in rows) == sorted(ids)
        owed = sorted(
            [event_id, tag, version]
            for version, n, event_id in rows
            if n < version * 15
            for tag in ("always", f"only_{version}")
        )
        sent = (
            "SELECT toString(event_id) AS id, tag, container_version FROM freehold.deliveries "
            "WHERE outcome = 'delivered' AND container_id = 'load' ORDER BY id, tag"
        )
        wait_for(lambda: len(freehold.ask(sent)) >= len(owed), "all deliveries", 60)
        assert freehold.ask(sent) == owed
        assert {version for version, _, _ in rows} == set(range(1, last + 1))
        taken = sorted((asked.json()["id"], asked.path) for asked in partner.asked)
        assert taken == sorted((event_id, f"/{version}") for event_id, _, version in owed)
