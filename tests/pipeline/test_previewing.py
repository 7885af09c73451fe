from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from server.containers.decide import compile_container
from server.containers.load import read_container
from server.destinations import DESTINATIONS, tag_types
from server.enrich import open_places
from server.envelope import seal
from server.journal import Record
from server.model import Event, Preview
from server.pipeline.previewing import NO_DRAFT, DraftPlan, Plans
from server.pipeline.queue import unpack
from server.pipeline.recent import RecentIds
from server.pipeline.remembered import Clicked, Remembered
from server.pipeline.routing import Owed
from server.pipeline.sorting import Desk, Row, sort_record
from server.pipeline.state import State, create_state
from server.publication import Trace
from server.studio.in_page import FORBIDDEN
from tests.pipeline.conftest import SEAL
from tests.samples import NOON, hit

LIVE = "id: shop\nsites: [self]\ntags: {live: {type: webhook, fires_on: [all_events], needs_consent: [], with: {url: 'http://127.0.0.1:9/'}}}\n"  # noqa: E501
DRAFTED = LIVE.replace("live:", "drafted:") + "currency: USD\n"
ONCE = DRAFTED.replace("needs_consent", "limit: {times: 1, per: visitor}, needs_consent")
DRAFT_ID = "0199c000-0000-7000-8000-000000000001"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    create_state(tmp_path / "pipeline.sqlite")
    state = State(tmp_path / "pipeline.sqlite")
    yield state
    state.close()


def desk(state: State, *, has_draft: bool = True, drafted: str = DRAFTED) -> Desk:
    live, draft = (
        compile_container(read_container(text, ""), tag_types()) for text in (LIVE, drafted)
    )
    live = replace(live, container=replace(live.container, version=7))
    drafts = {"shop": DraftPlan(draft_id=DRAFT_ID, plan=draft)} if has_draft else {}
    return Desk(
        plans=Plans(live={"shop": live}, drafts=drafts, destinations=DESTINATIONS),
        places=open_places(None),
        seal=SEAL,
        recent=RecentIds(),
        remembered=Remembered(state),
        clicked=Clicked(state, SEAL),
        counts=Counter(),
        withdrawals={},
    )


def sort(at: Desk, preview: Preview, off: int = 4) -> list[Row]:
    body = json.dumps({"v": 1, "events": [{"name": "purchase", "props": {"value": 5}}]}).encode()
    payload = seal(replace(hit(body), container_id="shop", preview=preview))
    return list(sort_record(Record(src=3, off=off, payload=payload), at, now=NOON))


def kinds(rows: list[Row]) -> list[type]:
    return [type(row) for row in rows]


def test_a_hit_that_is_no_preview_knows_nothing_of_drafts(state: State) -> None:
    event, owed = sort(desk(state), "")
    assert isinstance(event, Event)
    assert isinstance(owed, Owed)
    assert (event.is_preview, event.container_version, event.currency) == (False, 7, "EUR")
    assert owed.spool == "tag.shop.live"


def test_a_preview_runs_through_the_draft_and_sends_nothing(state: State) -> None:
    trace, event = sort(desk(state), "look")
    assert isinstance(event, Event)
    assert isinstance(trace, Trace)
    assert (event.is_preview, event.container_version, event.currency) == (True, 0, "USD")
    assert [(one.tag, one.reason) for one in event.withheld] == [("drafted", "preview")]
    assert (trace.src, trace.off, trace.idx, trace.event_id) == (3, 4, 0, event.event_id)
    assert (trace.draft_id, trace.is_sent) == (DRAFT_ID, False)
    [tag] = trace.tags
    assert (tag.tag, tag.outcome, tag.method) == ("drafted", "send", "POST")


def test_a_preview_tells_of_page_tags_too(state: State) -> None:
    chat = "page_tags: {chat: {type: html, html: <p>, fires_on: [all_pages], enabled: true}}\n"
    trace, _ = sort(desk(state, drafted=DRAFTED + chat), "look")
    assert isinstance(trace, Trace)
    _, tag = trace.tags
    assert (tag.tag, tag.type, tag.outcome) == ("chat", "html, in the page", "does not run")
    assert tag.words == ["all_pages: event is `purchase`, not `page_view`"]
    at = desk(state, drafted=DRAFTED + chat)
    trace, _ = sort(replace(at, plans=replace(at.plans, runs_page_tags=False)), "look")
    assert isinstance(trace, Trace)
    assert trace.tags[1].words == [FORBIDDEN]


def test_a_preview_that_sends_owes_what_the_draft_sends(state: State) -> None:
    trace, event, owed = sort(desk(state), "send")
    assert isinstance(event, Event)
    assert isinstance(trace, Trace)
    assert isinstance(owed, Owed)
    assert (event.is_preview, event.withheld, trace.is_sent) == (True, [], True)
    assert owed.spool == "tag.shop.drafted"
    assert unpack(owed.payload).container_version == 0


@pytest.mark.parametrize("preview", ["look", "send"])
def test_without_the_draft_the_live_version_decides_and_it_is_told(
    preview: Preview, state: State
) -> None:
    trace, event, *_ = sort(desk(state, has_draft=False), preview)
    assert isinstance(event, Event)
    assert isinstance(trace, Trace)
    assert (event.is_preview, event.container_version) == (True, 7)
    assert trace.draft_id == NO_DRAFT


def test_limits_are_kept_within_previews_and_cost_real_visits_nothing(state: State) -> None:
    at = desk(state, drafted=ONCE)
    outcomes = []
    for off in range(2):
        [trace] = [row for row in sort(at, "look", off) if isinstance(row, Trace)]
        outcomes += [(tag.outcome, tag.reason) for tag in trace.tags]
    assert outcomes == [("send", ""), ("withheld", "limit:visitor")]
    assert {container_id for container_id, *_ in at.remembered.changes()} == {"shop/preview"}
