from __future__ import annotations

from pathlib import Path

from server.pipeline.pauses import Pause, pause
from server.pipeline.queue import Job, Later, Queue, Settlement, pack
from server.pipeline.spools import open_spool
from server.pipeline.state import STATE_FILE, State, create_state
from server.pipeline.tags import standings
from server.store.ledger import Told
from tests.pipeline.test_queue import delivery
from tests.samples import NOON

SPOOL = "tag.shop.hook"


def state_of(data: Path) -> State:
    create_state(data / STATE_FILE)
    return State(data / STATE_FILE)


def test_a_tag_stands_as_its_files_and_the_ledger_tell(data: Path) -> None:
    state = state_of(data)
    writer = open_spool(data, SPOOL, state, now=lambda: NOON + 5_000)
    writer.write([pack(delivery(1)), pack(delivery(2))])
    writer.sync()
    state.commit_sorted({}, {SPOOL: writer.mark}, {f"{SPOOL}.routed": 2})
    writer.close()
    told = {("shop", "hook"): Told(destination="webhook", sent=3)}
    [tag] = standings(data, state, {}, told, now=NOON + 9_000)
    assert (tag.container_id, tag.tag, tag.type) == ("shop", "hook", "webhook")
    assert (tag.oldest_ms, tag.lane.waiting, tag.told) == (4_000, 2, told["shop", "hook"])
    later = Later(job=Job(delivery=delivery(1)), due_at=NOON + 99_000, noted_at=NOON)
    Queue(state).commit(Settlement(spool=SPOOL, later=[later]), {})
    [tag] = standings(data, state, {}, told, now=NOON + 9_000)
    assert (tag.oldest_ms, tag.lane.retrying) == (8_999, 1)
    state.close()


def test_what_runs_or_is_paused_is_there_before_it_is_owed_anything(data: Path) -> None:
    state = state_of(data)
    pause(state, "tag.shop.old", Pause(author="ada", since=7))
    found = standings(data, state, {SPOOL: "webhook"}, {}, now=NOON)
    assert [(one.tag, one.type, one.lane.reason, one.told) for one in found] == [
        ("hook", "webhook", "", Told()),
        ("old", "", "paused", Told()),
    ]
    assert [one.told for one in standings(data, state, {}, None, now=NOON)] == [None]
    state.close()
