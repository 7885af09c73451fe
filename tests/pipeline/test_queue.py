from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from server.delivery import Delivery, delivery_id
from server.journal import Mark
from server.pipeline.queue import (
    DEAD_KEPT_MS,
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


def test_dead_letters_hold_no_person_and_go_after_thirty_days(state: State) -> None:
    queue = Queue(state)
    person = msgspec.structs.replace(delivery(1), person=b"sealed")
    dead = Dead(delivery=person, died_at=NOON, reason="http_400", detail="")
    queue.commit(Settlement(spool=SPOOL, dead=[dead]), {})
    [[payload]] = state.db.execute("SELECT payload FROM dead").fetchall()
    assert unpack(payload).person == b""
    queue.forget(now=NOON + DEAD_KEPT_MS)
    assert queue.lanes([SPOOL])[0].dead == 1
    queue.forget(now=NOON + DEAD_KEPT_MS + 1)
    assert queue.lanes([SPOOL])[0].dead == 0


def test_what_is_still_owed_of_an_event_can_be_told(state: State) -> None:
    queue = Queue(state)
    queue.commit(Settlement(spool=SPOOL, later=[later(1, 10), later(2, 20, attempts=3)]), {})
    assert queue.pending(event(2).event_id) == [(SPOOL, 3, 20)]


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
