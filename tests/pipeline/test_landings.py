"""The clicks of a visitor, from the landing to a later purchase, through the sorter's own files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from server import journal
from server.clock import DAY_MS, HOUR_MS
from server.containers.decide import compile_container
from server.containers.load import read_container
from server.destinations import tag_types
from server.enrich import open_places
from server.envelope import seal
from server.journal import Mark
from server.model import Person
from server.person.sealing import Seal
from server.pipeline.previewing import Plans
from server.pipeline.queue import unpack
from server.pipeline.sorter import Sorter
from server.pipeline.state import STATE_FILE, State
from server.store.rows import split_row
from tests.pipeline.conftest import SEAL, Node
from tests.samples import NOON, VISITOR_ID, hit, visitor

SOURCE = """
id: shop
sites: [self]
tags:
  ga4:
    type: ga4
    fires_on: [all_events]
    needs_consent: []
    with: {measurement_id: G-ABC123, api_secret: $secret.GA4}
"""
LANDING = "https://shop.example/?gclid=Cj0K&fbclid=IwAR"
GRANTED, DENIED = {"ad_storage": "granted"}, {"ad_storage": "denied"}
CLICKED = {"gclid": "Cj0K", "fbclid": "IwAR"}


def plans(source: str = SOURCE) -> Plans:
    container = read_container(source, "", tag_types())
    return Plans(live={container.id: compile_container(container, tag_types())})


def payload(name: str, consent: dict[str, str] | None = GRANTED, **more: Any) -> bytes:
    """A hit of one event; `url` and `referrer` are the page's, the rest of `more` the hit's."""
    event = {"name": name, "url": more.pop("url", "https://shop.example/cart")}
    event["referrer"] = more.pop("referrer", "")
    body = {"v": 1, "events": [event], "consent": {"purposes": consent or {}}}
    return seal(hit(json.dumps(body).encode(), **{"container_id": "shop", **more}))


def sort(node: Node, *payloads: bytes, source: str = SOURCE, keys: Seal = SEAL) -> None:
    node.take(*payloads)
    worker = Sorter(
        node.data, plans=plans(source), places=open_places(None), seal=keys, now=node.clock
    )
    worker.step()
    worker.close()


def persons(node: Node) -> dict[str, Person]:
    """By event name, who the tag is told of."""
    end = State(node.data / STATE_FILE).end("tag.shop.ga4")
    records = journal.read(node.data / "spools" / "tag.shop.ga4", Mark(), until=end).records
    found = [unpack(record.payload) for record in records]
    return {one.event.name: SEAL.unseal(one.person) for one in found}


def contexts(node: Node) -> Iterator[dict[str, Any]]:
    end = State(node.data / STATE_FILE).end("store")
    records = journal.read(node.data / "spools" / "store", Mark(), until=end).records
    for table, line in (split_row(record.payload) for record in records):
        if table == "event_context":
            yield json.loads(line)


def kept(data: Path) -> list[tuple[str, str, int, bytes]]:
    with sqlite3.connect(data / STATE_FILE) as db:
        return db.execute("SELECT container_id, name, expires_at, cell FROM clicks").fetchall()


def test_a_purchase_days_later_carries_the_landings_clicks_and_their_time(node: Node) -> None:
    sort(node, payload("landing", url=LANDING))
    later = NOON + 40 * DAY_MS
    sort(node, payload("purchase", received_at=later))
    buyer = persons(node)["purchase"]
    assert (buyer.click_ids, buyer.clicked_at) == (CLICKED, dict.fromkeys(CLICKED, NOON))
    beside = list(contexts(node))
    assert [one["click_ids"] for one in beside] == [CLICKED, CLICKED]
    assert beside[1]["clicked_at"] == dict.fromkeys(CLICKED, NOON)
    [(container_id, name, expires_at, token)] = kept(node.data)
    assert (container_id, name, expires_at) == ("shop", VISITOR_ID, NOON + 90 * DAY_MS)
    assert b"Cj0K" not in token
    assert SEAL.unseal(token).click_ids == CLICKED


def test_events_of_one_batch_and_one_hit_carry_them_too(node: Node) -> None:
    body = {
        "v": 1,
        "consent": {"purposes": GRANTED},
        "events": [{"name": "landing", "url": LANDING}, {"name": "scroll"}],
    }
    sort(node, seal(hit(json.dumps(body).encode(), container_id="shop")), payload("purchase"))
    found = persons(node)
    assert {name: person.click_ids for name, person in found.items()} == {
        "landing": CLICKED,
        "scroll": CLICKED,
        "purchase": CLICKED,
    }


def test_an_event_that_brings_nothing_new_writes_nothing(node: Node) -> None:
    sort(node, payload("landing", url=LANDING))
    before = kept(node.data)
    sort(node, payload("again", url=LANDING, received_at=NOON + HOUR_MS), payload("purchase"))
    assert kept(node.data) == before
    assert persons(node)["again"].clicked_at == dict.fromkeys(CLICKED, NOON)


@pytest.mark.parametrize(
    "refusal",
    [
        payload("refusal", DENIED),
        payload("refusal", None, visitor=None, withdrawer=VISITOR_ID, query="c=2"),
    ],
)
def test_a_refusal_deletes_what_was_kept(node: Node, refusal: bytes) -> None:
    sort(node, payload("landing", url=LANDING))
    sort(node, refusal)
    assert [token for *_, token in kept(node.data) if token] == []
    sort(node, payload("purchase"))
    assert persons(node)["purchase"].click_ids == {}
    assert kept(node.data) == []


@pytest.mark.parametrize(
    ("consent", "more"),
    [
        (None, {}),
        ({"ad_storage": "unset"}, {}),
        (DENIED, {}),
        ({"analytics_storage": "granted"}, {}),
        (GRANTED, {"visitor": None}),
        (GRANTED, {"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}),
    ],
)
def test_without_consent_or_a_person_nothing_is_kept(
    node: Node, consent: dict[str, str] | None, more: dict[str, Any]
) -> None:
    sort(node, payload("landing", consent, url=LANDING, **more))
    assert kept(node.data) == []


def test_who_has_not_answered_carries_nothing_and_loses_nothing(node: Node) -> None:
    sort(node, payload("landing", url=LANDING))
    sort(node, payload("unanswered", None), payload("purchase"))
    found = persons(node)
    assert (found["unanswered"].click_ids, found["purchase"].click_ids) == ({}, CLICKED)


def test_a_site_that_asks_for_no_consent_keeps_them_unless_they_are_refused(node: Node) -> None:
    source = SOURCE + "cookie: {mode: always}\n"
    sort(node, payload("landing", None, url=LANDING), source=source)
    sort(node, payload("purchase", None), source=source)
    assert persons(node)["purchase"].click_ids == CLICKED
    sort(node, payload("refusal", DENIED), payload("lead", None), source=source)
    assert persons(node)["lead"].click_ids == {}


def test_consent_that_comes_later_finds_the_click_on_the_landing_page_or_behind_it(
    node: Node,
) -> None:
    sort(node, payload("landing", None, url=LANDING), payload("consent_update", url=LANDING))
    assert persons(node)["consent_update"].clicked_at == dict.fromkeys(CLICKED, NOON)
    other: dict[str, Any] = {
        "visitor": replace(visitor(), visitor_id="0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c12")
    }
    sort(node, payload("second_page", referrer=LANDING, **other), payload("lead", **other))
    found = persons(node)
    assert found["second_page"].click_ids == found["lead"].click_ids == CLICKED


def test_a_preview_keeps_for_itself_alone(node: Node) -> None:
    sort(node, payload("looked", url=LANDING, preview="look"))
    assert [container_id for container_id, *_ in kept(node.data)] == ["shop/preview"]
    sort(node, payload("bought", preview="send"), payload("purchase"))
    found = persons(node)
    assert (found["bought"].click_ids, found["purchase"].click_ids) == (CLICKED, {})


def test_a_batch_that_is_done_again_carries_the_same(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    sort(node, payload("landing", url=LANDING))
    new = LANDING.replace("Cj0K", "New")
    with monkeypatch.context() as patch:
        patch.setattr(State, "commit_sorted", crash)
        with pytest.raises(KeyboardInterrupt):
            sort(node, payload("before"), payload("click", url=new, received_at=NOON + 5))
    assert [SEAL.unseal(token).click_ids for *_, token in kept(node.data)] == [CLICKED]
    sort(node, payload("after", received_at=NOON + 6))
    found = persons(node)
    assert [found[name].click_ids["gclid"] for name in ("before", "click", "after")] == [
        "Cj0K",
        "New",
        "New",
    ]


def test_clicks_whose_key_was_taken_away_are_not_known_and_stop_nothing(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    sort(node, payload("landing", url=LANDING), keys=Seal((b"\2" * 32,)))
    sort(node, payload("purchase"))
    records = journal.read(node.data / "spools" / "tag.shop.ga4", Mark()).records
    last = unpack(records[-1].payload)
    assert (last.event.name, SEAL.unseal(last.person).click_ids) == ("purchase", {})
    assert "not known any more" in caplog.text


def test_old_landings_sorted_late_replace_no_newer_click(node: Node) -> None:
    sort(node, payload("new", url=LANDING.replace("Cj0K", "New"), received_at=NOON + DAY_MS))
    sort(node, payload("late", url=LANDING, received_at=NOON))
    sort(node, payload("purchase", received_at=NOON + DAY_MS + 5))
    assert persons(node)["purchase"].click_ids["gclid"] == "New"
    assert persons(node)["late"].click_ids == CLICKED
