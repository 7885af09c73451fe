from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from server import journal
from server.clock import HOUR_MS
from server.collector.opt_out import refusal
from server.enrich import open_places
from server.envelope import seal
from server.errors import JournalUnwritable
from server.journal import Mark
from server.pipeline.previewing import Plans
from server.pipeline.queue import unpack
from server.pipeline.sorter import Sorter
from server.pipeline.spools import doubt
from server.pipeline.state import STATE_FILE, State, Withdrawal, create_state
from server.store.rows import split_row
from tests.pipeline.conftest import PLANS, SEAL, Node
from tests.samples import hit


def payload(number: int) -> bytes:
    event_id = f"0199c000-0000-7000-8000-{number:012d}"
    body = json.dumps({"v": 1, "events": [{"name": f"e{number}", "id": event_id}]})
    return seal(hit(body.encode()))


def sorter(node: Node) -> Sorter:
    return Sorter(
        node.data, plans=Plans(live=PLANS), places=open_places(None), seal=SEAL, now=node.clock
    )


def spooled(node: Node) -> list[str]:
    """Names of the events up to the spool's committed end."""
    end = State(node.data / STATE_FILE).end("store")
    records = journal.read(node.data / "spools" / "store", Mark(), until=end).records
    lines = [split_row(record.payload) for record in records]
    return [json.loads(line)["name"] for table, line in lines if table == "events"]


def test_hits_are_sorted_once_and_in_order(node: Node) -> None:
    node.take(payload(1), payload(2))
    worker = sorter(node)
    assert [worker.step(), worker.step()] == [2, 0]
    node.take(payload(3))
    assert worker.step() == 1
    worker.close()
    assert spooled(node) == ["e1", "e2", "e3"]
    counts = State(node.data / STATE_FILE).counts()
    assert counts == {"accepted": 3, "sorted": 3, "decoded": 3}


def test_a_restart_goes_on_where_it_was_and_still_knows_resends(node: Node) -> None:
    node.take(payload(1))
    first = sorter(node)
    first.step()
    first.close()
    node.take(payload(1), payload(2))
    second = sorter(node)
    second.step()
    second.close()
    assert spooled(node) == ["e1", "e2"]
    assert State(node.data / STATE_FILE).counts()["duplicate"] == 1


def test_a_crash_before_the_commit_doubles_nothing(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.take(payload(1), payload(2))
    crashing = sorter(node)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(State, "commit_sorted", crash)
        with pytest.raises(KeyboardInterrupt):
            crashing.step()
    assert spooled(node) == []
    worker = sorter(node)
    worker.step()
    worker.close()
    assert spooled(node) == ["e1", "e2"]


def test_a_full_disk_stops_nothing_for_good(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.take(payload(1))
    worker = sorter(node)

    def full(*_: object) -> None:
        raise JournalUnwritable("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(journal.SegmentWriter, "sync", full)
        with pytest.raises(JournalUnwritable):
            worker.step()
    assert worker.step() == 1
    worker.close()
    assert spooled(node) == ["e1"]


def test_every_worker_s_journal_is_read(node: Node) -> None:
    node.take(payload(1))
    other = journal.SegmentWriter(node.data / "journal" / "w1", slot=1, now=node.clock)
    other.write([payload(2)])
    other.sync()
    worker = sorter(node)
    assert worker.step() == 2
    worker.close()
    assert sorted(spooled(node)) == ["e1", "e2"]


def test_segments_that_were_sorted_are_deleted(node: Node) -> None:
    node.take(payload(1))
    node.journal.roll()
    node.take(payload(2))
    worker = sorter(node)
    worker.step()
    worker.close()
    assert len(journal.segments(node.data / "journal" / "w0")) == 1


def test_a_damaged_frame_is_counted_and_the_rest_is_sorted(node: Node) -> None:
    for number in (1, 2, 3):
        node.take(payload(number))
    [segment] = journal.segments(node.data / "journal" / "w0")
    path = Path(segment.path)
    data = bytearray(path.read_bytes())
    data[data.index(b"e2")] ^= 1
    path.write_bytes(data)
    worker = sorter(node)
    while worker.step():
        pass
    worker.close()
    assert spooled(node) == ["e1", "e3"]
    assert State(node.data / STATE_FILE).counts()["quarantined"] == 1


def test_a_disk_that_fails_twice_makes_no_hit_a_resend(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.take(payload(1), payload(2))
    worker = sorter(node)

    def full(*_: object) -> None:
        raise JournalUnwritable("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(journal.SegmentWriter, "sync", full)
        patch.setattr(journal.SegmentWriter, "roll", full)
        with pytest.raises(JournalUnwritable):
            worker.step()
    assert worker.step() == 2
    worker.close()
    assert spooled(node) == ["e1", "e2"]


def test_resends_of_hits_that_waited_for_hours_are_known(node: Node) -> None:
    node.take(payload(1))
    first = sorter(node)
    first.step()
    first.close()
    node.take(payload(1))
    node.now += 5 * HOUR_MS
    second = sorter(node)
    second.step()
    second.close()
    assert spooled(node) == ["e1"]


def test_a_lost_state_costs_nothing_and_sorts_nothing_twice(node: Node) -> None:
    node.take(payload(1), payload(2))
    first = sorter(node)
    first.step()
    first.close()
    (node.data / STATE_FILE).unlink()
    create_state(node.data / STATE_FILE)
    node.take(payload(3))
    second = sorter(node)
    second.step()
    second.close()
    assert spooled(node) == ["e1", "e2", "e3"]
    state = State(node.data / STATE_FILE)
    assert Mark() < state.end(doubt("store")) < state.end("store")


def test_a_hit_of_thousands_of_items_costs_itself_only(node: Node) -> None:
    items: list[object] = [{} for _ in range(5_000)]
    body = json.dumps({"v": 1, "events": [{"name": "a", "items": items}, {"name": "b"}]})
    node.take(seal(hit(body.encode())), seal(hit(b"\xff" * 500_000)))
    worker = sorter(node)
    assert worker.step() == 2
    worker.close()
    assert spooled(node) == ["b"]
    assert State(node.data / STATE_FILE).counts()["rejected"] == 2


def test_a_row_too_long_for_the_spool_is_told(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.pipeline.sorting.MAX_RECORD_BYTES", 3_000)
    body = json.dumps({"v": 1, "events": [{"name": "a", "title": "x" * 4_000}]})
    node.take(seal(hit(body.encode())))
    worker = sorter(node)
    worker.step()
    worker.close()
    assert State(node.data / STATE_FILE).counts()["rejected.too_long"] == 1


def order(number: int, answer: str = "granted", container_id: str = "shop") -> bytes:
    event_id = f"0199c000-0000-7000-8000-{number:012d}"
    body = {
        "v": 1,
        "consent": {"purposes": {"analytics_storage": answer}},
        "events": [{"name": "purchase", "id": event_id, "user": {"email": "a@shop.example"}}],
    }
    return seal(hit(json.dumps(body).encode(), container_id=container_id))


def owed(node: Node, spool: str = "tag.shop.hook") -> list[str]:
    """Ids of the events that a tag is owed, up to its spool's committed end."""
    end = State(node.data / STATE_FILE).end(spool)
    records = journal.read(node.data / "spools" / spool, Mark(), until=end).records
    return [unpack(record.payload).event.event_id[-1] for record in records]


def withheld(node: Node) -> list[list[dict[str, str]]]:
    end = State(node.data / STATE_FILE).end("store")
    records = journal.read(node.data / "spools" / "store", Mark(), until=end).records
    return [json.loads(split_row(record.payload)[1]).get("withheld", []) for record in records]


def test_what_a_tag_is_owed_lies_in_a_spool_of_its_own(node: Node) -> None:
    node.take(order(1), order(2, "denied"), payload(3))
    worker = sorter(node)
    worker.step()
    worker.close()
    assert owed(node) == ["1"]
    assert withheld(node) == [[], [{"tag": "hook", "reason": "consent:analytics_storage"}], []]
    assert State(node.data / STATE_FILE).counts()["tag.shop.hook.routed"] == 1


def test_a_crash_before_the_commit_owes_nothing_twice(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.take(order(1))
    first = sorter(node)
    first.step()
    first.close()
    node.take(order(2), order(3))
    crashing = sorter(node)

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(State, "commit_sorted", crash)
        with pytest.raises(KeyboardInterrupt):
            crashing.step()
    worker = sorter(node)
    worker.step()
    worker.close()
    assert owed(node) == ["1", "2", "3"]


def test_a_limit_counts_the_same_after_a_crash(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.take(order(1, container_id="once"))
    crashing = sorter(node)

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(State, "commit_sorted", crash)
        with pytest.raises(KeyboardInterrupt):
            crashing.step()
    worker = sorter(node)
    worker.step()
    worker.close()
    node.take(order(2, container_id="once"), order(3, container_id="once"))
    later = sorter(node)
    later.step()
    later.close()
    assert owed(node, "tag.once.hook") == ["1"]
    assert withheld(node) == [[], *[[{"tag": "hook", "reason": "limit:session"}]] * 2]


def test_a_crash_in_a_tag_s_very_first_batch_owes_nothing_twice(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.take(order(1))
    commit = State.commit_sorted

    def crash(state: State, cursors: object, *rest: object) -> None:
        if cursors:
            raise KeyboardInterrupt
        commit(state, {}, *rest)  # type: ignore[arg-type]

    crashing = sorter(node)
    with monkeypatch.context() as patch:
        patch.setattr(State, "commit_sorted", crash)
        with pytest.raises(KeyboardInterrupt):
            crashing.step()
    worker = sorter(node)
    assert worker.step() == 1
    worker.close()
    assert (owed(node), spooled(node)) == (["1"], ["purchase"])


def test_what_visitors_take_back_is_kept_for_the_forwarder(node: Node) -> None:
    node.take(order(1), order(2, "denied"))
    worker = sorter(node)
    worker.step()
    worker.close()
    state = State(node.data / STATE_FILE)
    visitor_id = hit().visitor.visitor_id  # type: ignore[union-attr]
    refused = {visitor_id: {"analytics_storage": node.now}}
    assert state.withdrawn("shop", [visitor_id, "another"]) == refused
    assert state.withdrawn("demo", [visitor_id]) == {}


def test_an_opt_out_takes_back_every_purpose_of_its_visitor(node: Node) -> None:
    visitor_id = hit().visitor.visitor_id  # type: ignore[union-attr]
    leaving = replace(
        hit(refusal(b"{}"), container_id="shop", query="c=3"), visitor=None, withdrawer=visitor_id
    )
    node.take(order(1), seal(leaving))
    worker = sorter(node)
    worker.step()
    worker.close()
    taken_back = State(node.data / STATE_FILE).withdrawn("shop", [visitor_id])
    assert set(taken_back[visitor_id]) == {
        "ad_storage",
        "analytics_storage",
        "ad_user_data",
        "ad_personalization",
    }


def test_an_older_refusal_that_is_sorted_later_hides_no_newer_one(node: Node) -> None:
    state = State(node.data / STATE_FILE)

    def refuse(at: int) -> None:
        taken = Withdrawal(container_id="shop", subject="v", purpose="ad_storage", at=at)
        state.commit_sorted({}, {}, {}, [taken])

    refuse(20)
    refuse(10)
    assert state.withdrawn("shop", ["v"]) == {"v": {"ad_storage": 20}}


def test_nothing_personal_is_readable_in_a_spool(node: Node) -> None:
    node.take(order(1))
    worker = sorter(node)
    worker.step()
    worker.close()
    for path in (node.data / "spools").rglob("*.j"):
        assert b"a@shop.example" not in path.read_bytes()
