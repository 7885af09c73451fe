from __future__ import annotations

import uuid
from itertools import islice
from pathlib import Path

import pytest

from loadtests.drain.node import CONTAINER
from loadtests.traffic import CONTAINER_ID, Traffic
from server.containers.load import load_container
from server.destinations import tag_types
from server.dialects import native
from server.envelope import seal
from server.model import Event, Position, Reject
from tests.samples import NOON


def events_of(traffic: Traffic, hits: int) -> list[Event]:
    found: list[Event] = []
    for off in range(hits):
        for decoded in native.decode(traffic.next(), Position(src=1, off=off)):
            assert not isinstance(decoded, Reject)
            found.append(decoded[0])
    return found


def test_the_same_seed_makes_the_same_hits() -> None:
    one, same, other = (Traffic(seed=seed, begin=NOON) for seed in (1, 1, 2))
    hits = [seal(one.next()) for _ in range(200)]
    assert hits == [seal(same.next()) for _ in range(200)]
    assert hits != [seal(other.next()) for _ in range(200)]


@pytest.mark.parametrize("events", [1, 8])
def test_every_event_is_well_and_has_an_id_of_its_own(events: int) -> None:
    found = events_of(Traffic(begin=NOON, events=events), 1_000)
    assert len({event.event_id for event in found}) == 1_000 * events
    assert {uuid.UUID(event.event_id).version for event in islice(found, 50)} == {7}
    assert all(event.name for event in found)


def test_one_event_in_fifty_has_a_key_that_is_new() -> None:
    found = events_of(Traffic(begin=NOON), 5_000)
    new = [key for event in found for key in event.props if key.startswith("experiment_")]
    assert len(set(new)) == len(new)
    assert 50 < len(new) < 200


def test_the_container_has_ten_tags(tmp_path: Path) -> None:
    path = tmp_path / f"{CONTAINER_ID}.yaml"
    path.write_text(CONTAINER.read_text().replace("{partner}", "http://127.0.0.1:9"))
    assert len(load_container(path, tag_types()).tags) == 10
