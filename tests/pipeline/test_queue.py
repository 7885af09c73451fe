from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from server.delivery import Delivery, delivery_id
from server.journal import Mark
from server.pipeline.pauses import Pause, pause
from server.pipeline.queue import (
    Dead,
    Job,
    Lane,
    Later,
    Parcel,
    Progress,
    Queue,
    Settlement,
    pack,
    pack_event,
    unpack,
)
from server.pipeline.state import STATE_FILE, State, create_state
from tests.samples import NOON, event, full_event

SPOOL = "tag.shop.hook"


@pytest.fixture
def state(data: Path) -> Iterator[State]:
    create_state(data / STATE_FILE)
    state = State(data / STATE_FILE)
    yield state
    state.close()


def delivery(number: int) -> Delivery:
    made = event(number)
    return Delivery(
        delivery_id=delivery_id(made.event_id, "shop", "hook"),
        container_id="shop",
        tag="hook",
        type="webhook",
        event=made,
    )


def later(number: int, due_at: int, attempts: int = 1, noted_at: int = 0) -> Later:
    job = Job(delivery=delivery(number), attempts=attempts)
    return Later(job=job, due_at=due_at, noted_at=noted_at)


def test_a_delivery_survives_the_disk() -> None:
    full = msgspec.structs.replace(delivery(1), event=full_event(), settings={"a": [1, "x"]})
    assert unpack(pack(full)) == full


def test_what_failed_comes_back_when_it_is_due_the_longest_waiting_first(state: State) -> None:
    queue = Queue(state)
    queue.commit(Settlement(spool=SPOOL, later=[later(1, 30), later(2, 10), later(3, 20)]), {})
    numbers = [job.delivery.event.off for job in queue.due(SPOOL, now=20, limit=10)]
    assert numbers == [2, 3]
    assert queue.due(SPOOL, now=99, limit=1) == [later(2, 10).job]
    assert queue.due("tag.shop.other", now=99, limit=9) == []


def test_a_settlement_counts_as_a_whole(state: State) -> None:
    queue = Queue(state)
    queue.commit(Settlement(spool=SPOOL, later=[later(1, 10), later(2, 10)]), {})
    here, ledger = Mark(seq=1, at=2, off=3), Mark(seq=4, at=5, off=6)
    settlement = Settlement(
        spool=SPOOL,
        progress=Progress(cursor=here, taken=4),
        done=[delivery(1).delivery_id],
        later=[later(2, 50, attempts=2)],
        dead=[Dead(delivery=delivery(3), died_at=NOON, reason="http_400", detail="no")],
        counts={f"{SPOOL}.routed": 9, f"{SPOOL}.taken": 4, f"{SPOOL}.delivered": 1},
    )
    queue.commit(settlement, {"ledger": ledger})
    assert (state.cursor(SPOOL), state.end("ledger")) == (here, ledger)
    assert queue.due(SPOOL, now=99, limit=9) == [later(2, 50, attempts=2).job]
    assert queue.lanes([SPOOL]) == [Lane(spool=SPOOL, waiting=5, retrying=1, dead=1, delivered=1)]


def test_a_lane_says_why_it_waits_and_since_when(state: State) -> None:
    queue = Queue(state)
    queue.hold(SPOOL, "credentials", "HTTP 401", now=10)
    queue.hold(SPOOL, "credentials", "HTTP 403", now=20)
    [lane] = queue.lanes([SPOOL])
    assert (lane.reason, lane.detail, lane.since) == ("credentials", "HTTP 403", 10)
    queue.hold(SPOOL, "not_answering", "timeout", now=30)
    assert queue.lanes([SPOOL])[0].since == 30
    queue.release(SPOOL)
    assert queue.lanes([SPOOL])[0].reason == ""


def test_what_a_tag_is_owed_of_the_past_counts_as_the_tag_s(state: State) -> None:
    queue, other = Queue(state), f"{SPOOL}.backfill"
    queue.commit(Settlement(spool=SPOOL, later=[later(1, 10)], counts={f"{SPOOL}.routed": 2}), {})
    counts = {f"{other}.routed": 3, f"{other}.taken": 1, f"{other}.delivered": 1}
    queue.commit(Settlement(spool=other, later=[later(2, 10)], counts=counts), {})
    queue.hold(other, "not_answering", "timeout", now=10)
    [lane] = queue.lanes([SPOOL, other])
    assert lane == Lane(
        spool=SPOOL, waiting=4, retrying=2, dead=0, delivered=1, reason="not_answering",
        detail="timeout", since=10,
    )  # fmt: skip


def test_a_tag_that_its_operator_has_stopped_says_so_before_all_else(state: State) -> None:
    queue = Queue(state)
    queue.hold(SPOOL, "not_answering", "timeout", now=10)
    pause(state, SPOOL, Pause(author="ada", note="their release", since=20))
    [lane] = queue.lanes([SPOOL])
    assert (lane.reason, lane.detail, lane.since) == ("paused", "by ada: their release", 20)


def test_a_clock_that_went_back_keeps_nothing_waiting(state: State) -> None:
    queue = Queue(state)
    noted = [later(1, NOON + 9_000, noted_at=NOON), later(2, NOON + 400, noted_at=NOON - 60_000)]
    queue.commit(Settlement(spool=SPOOL, later=noted), {})

    def due(now: int) -> list[int]:
        return [job.delivery.event.off for job in queue.due(SPOOL, now=now, limit=9)]

    assert due(NOON) == []
    assert due(NOON - 900) == []  # set right, not back
    assert due(NOON - 30_000) == [1]
    assert due(NOON - 24 * 3_600_000) == [2, 1]
    assert due(NOON + 9_000) == [2, 1]


def test_what_was_put_off_can_be_hastened(state: State) -> None:
    queue = Queue(state)
    queue.commit(Settlement(spool=SPOOL, later=[later(1, NOON + 60_000)]), {})
    queue.hasten(SPOOL, now=NOON)
    assert len(queue.due(SPOOL, now=NOON, limit=9)) == 1


def test_records_that_are_done_count_from_their_cursor_alone(state: State) -> None:
    queue = Queue(state)
    here = Mark(seq=1, at=64, off=0)
    done = Progress(done_from=Mark(seq=1, at=64, off=7), taken=7)
    queue.commit(Settlement(spool=SPOOL, progress=done), {})
    assert queue.done(SPOOL, here) == 7
    assert queue.done(SPOOL, Mark(seq=1, at=900, off=9)) == 0


def test_a_parcel_is_the_delivery_byte_for_byte() -> None:
    whole = replace(
        delivery(1), event=full_event(), settings={"a": 1}, needs_consent=("ad_storage",)
    )
    fields = {name: getattr(whole, name) for name in Delivery.__struct_fields__}
    assert Parcel.__struct_fields__ == Delivery.__struct_fields__
    assert pack(Parcel(**fields | {"event": pack_event(whole.event)})) == pack(whole)
    small = {name: getattr(delivery(2), name) for name in ("delivery_id", "container_id", "tag")}
    assert pack(Parcel(**small, type="webhook", event=pack_event(event(2)))) == pack(delivery(2))
