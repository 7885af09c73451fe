from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from server.delivery import delivery_id
from server.envelope import seal
from server.journal import Mark, SegmentWriter
from server.pipeline.dead import Letter
from server.pipeline.queue import Dead, Job, Later, Progress, Queue, Settlement, pack
from server.pipeline.spools import LEDGER, STORE
from server.pipeline.whereabouts import Place, find
from server.store.rows import encode_row
from tests.pipeline.test_owed import PAST, SPOOL, Node, delivery
from tests.samples import NOON, attempt, event, hit

ID = event(1).event_id


@pytest.fixture
def node(data: Path) -> Iterator[Node]:
    made = Node(data)
    yield made
    made.close()


def test_an_event_is_found_wherever_it_is(node: Node) -> None:
    journal = SegmentWriter(node.data / "journal" / "w0", now=lambda: NOON)
    journal.write([seal(hit(b'{"events":[{"id":"%s"}]}' % ID.encode()))])
    journal.sync()
    journal.close()
    tried = attempt(1, event_id=ID, next_at=NOON + 9)
    node.write(STORE, encode_row(event(1)), encode_row(event(2)))
    node.write(SPOOL, pack(delivery(1)), pack(delivery(2)))
    node.write(PAST, pack(delivery(2)))
    node.write(LEDGER, encode_row(tried), encode_row(attempt(2, event_id=event(2).event_id)))
    other = "tag.shop.other"
    lost = replace(delivery(1), tag="other", delivery_id=delivery_id(ID, "shop", "other"))
    later = Later(job=Job(delivery=lost, attempts=3), due_at=NOON + 5, noted_at=NOON)
    node.state.commit_ends({other: Mark()})
    Queue(node.state).commit(Settlement(spool=other, later=[later]), {})
    dead = Dead(delivery=delivery(1), died_at=NOON, reason="http_422", detail="")
    Queue(node.state).commit(Settlement(spool=PAST, dead=[dead]), {})
    found = find(node.data, node.state, ID)
    assert found.is_hit
    assert found.event == event(1)
    assert found.waiting == [Place(spool=SPOOL), Place(spool=other, attempts=3, due_at=NOON + 5)]
    assert [(type(one), one.spool, one.reason) for one in found.dead] == [
        (Letter, PAST, "http_422")
    ]
    assert found.attempts == [tried]


def test_a_delivery_tells_the_event_that_no_row_tells(node: Node) -> None:
    node.write(SPOOL, pack(delivery(1)))
    assert find(node.data, node.state, ID).event == event(1)


def test_what_is_done_in_a_frame_that_is_not_waits_no_more(node: Node) -> None:
    node.write(SPOOL, pack(delivery(1)), pack(delivery(2)))
    cursor = node.state.cursor(SPOOL)
    progress = Progress(done_from=replace(cursor, off=1), taken=1)
    Queue(node.state).commit(Settlement(spool=SPOOL, progress=progress), {})
    assert find(node.data, node.state, ID).waiting == []
    assert find(node.data, node.state, event(2).event_id).waiting == [Place(spool=SPOOL)]


def test_an_event_that_is_nowhere_is_told_as_such(node: Node) -> None:
    found = find(node.data, node.state, ID)
    assert (found.event, found.is_hit, found.waiting, found.dead) == (None, False, [], [])
