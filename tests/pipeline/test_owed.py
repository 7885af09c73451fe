from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.delivery import Attempt, Delivery, delivery_id
from server.journal import SegmentWriter
from server.pipeline.owed import Owed
from server.pipeline.queue import Dead, Job, Later, Progress, Queue, Settlement, pack
from server.pipeline.spools import LEDGER, open_spool
from server.pipeline.state import STATE_FILE, State, create_state
from server.store.rows import encode_row
from tests.samples import NOON, attempt, event

SPOOL = "tag.shop.hook"
PAST = f"{SPOOL}.backfill"


class Node:
    """A data folder in which deliveries stand where a test puts them."""

    def __init__(self, data: Path) -> None:
        self.data = data
        create_state(data / STATE_FILE)
        self.state = State(data / STATE_FILE)
        self._writers: dict[str, SegmentWriter] = {}

    def write(self, spool: str, *payloads: bytes, commit: bool = True) -> None:
        if spool not in self._writers:
            self._writers[spool] = open_spool(self.data, spool, self.state, now=lambda: NOON)
        self._writers[spool].write(payloads)
        self._writers[spool].sync()
        if commit:
            self.state.commit_ends({spool: self._writers[spool].mark})

    def pass_all(self, spool: str, **fields: list[Later] | list[Dead]) -> None:
        """What the forwarder does with the whole spool."""
        progress = Progress(cursor=self.state.end(spool))
        settlement = Settlement(spool=spool, progress=progress, **fields)  # type: ignore[arg-type]
        Queue(self.state).commit(settlement, {})

    def owed(self) -> Owed:
        return Owed(self.data, self.state, "shop", "hook")

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()
        self.state.close()


@pytest.fixture
def node(data: Path) -> Iterator[Node]:
    made = Node(data)
    yield made
    made.close()


def name(number: int) -> str:
    return delivery_id(event(number).event_id, "shop", "hook")


def delivery(number: int) -> Delivery:
    return Delivery(
        delivery_id=name(number),
        container_id="shop",
        tag="hook",
        type="webhook",
        event=event(number),
    )


def row(number: int, **more: object) -> bytes:
    ours = {"delivery_id": name(number), "container_id": "shop", "tag": "hook"}
    made: Attempt = attempt(number, **{**ours, **more})
    return encode_row(made)


def known(owed: Owed) -> list[int]:
    owed.refresh()
    return [number for number in range(10) if name(number) in owed]


def test_what_is_owed_is_found_wherever_it_stands(node: Node) -> None:
    node.write(SPOOL, pack(delivery(1)))
    node.write(PAST, pack(delivery(2)))
    later = Later(job=Job(delivery=delivery(3)), due_at=NOON, noted_at=NOON)
    dead = Dead(delivery=delivery(4), died_at=NOON, reason="http_400", detail="")
    Queue(node.state).commit(Settlement(spool=SPOOL, later=[later], dead=[dead]), {})
    node.write(LEDGER, row(5), row(6, tag="other"), row(7, container_id="demo"))
    assert known(node.owed()) == [1, 2, 3, 4, 5]


def test_what_is_not_committed_or_was_taken_is_not_owed(node: Node) -> None:
    node.write(SPOOL, pack(delivery(1)))
    node.pass_all(SPOOL)
    node.write(SPOOL, pack(delivery(2)), commit=False)
    node.write(LEDGER, row(3))
    with node.state.transaction():
        node.state.put("cursors", LEDGER, node.state.end(LEDGER))  # ClickHouse has it
    assert known(node.owed()) == []


def test_what_moves_on_between_two_looks_stays_known_and_what_comes_is_seen(node: Node) -> None:
    owed = node.owed()
    node.write(SPOOL, pack(delivery(1)))
    assert known(owed) == [1]
    node.write(LEDGER, row(1), row(2))  # 2 came and went between two looks
    node.pass_all(SPOOL)
    with node.state.transaction():
        node.state.put("cursors", LEDGER, node.state.end(LEDGER))
    node.write(SPOOL, pack(delivery(3)))
    assert known(owed) == [1, 2, 3]
    owed.add(name(4))
    assert known(owed) == [1, 2, 3, 4]
