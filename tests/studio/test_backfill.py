from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from server.clock import DAY_MS, HOUR_MS
from server.containers.decide import compile_container
from server.containers.load import read_container
from server.containers.plan import only_tag
from server.delivery import delivery_id
from server.destinations import DESTINATIONS, tag_types
from server.model import NO_VISITOR, Event, EventContext, Person, Withheld
from server.person.sealing import Seal
from server.store.past import Refusals
from server.store.window import Kept
from server.studio.backfill import Aim, Decider, Past, delivery_of
from tests.samples import NOON, VISITOR_ID, context, event

SOURCE = """
id: demo
sites: [self]
triggers:
  landed: {event: page_view, when: [{value: "{{ landing }}", equals: "yes"}]}
variables:
  landing: {type: cookie, name: landing}
tags:
  ga4:
    type: ga4
    fires_on: [all_pages]
    needs_consent: [analytics_storage]
    with: {measurement_id: G-ABC1234567, api_secret: $secret.GA4, send_ip: true}
  landings:
    type: webhook
    fires_on: [landed]
    needs_consent: []
    with: {url: "https://erp.example/"}
  meta:
    type: meta
    fires_on: [all_pages]
    with: {pixel_id: "1234567890123456", access_token: $secret.META}
  bad:
    type: ga4
    fires_on: [all_pages]
    needs_consent: []
    with: {measurement_id: G-ABC1234567, api_secret: $secret.GA4, event_name: "{{ event.title }}"}
"""
GRANTED = {"analytics_storage": "granted"}
SEAL = Seal((b"\1" * 32,))


def decider(tag: str, source: str = SOURCE) -> Decider:
    container = read_container(source, "demo", tag_types())
    return Decider(
        Aim(
            only=only_tag(compile_container(container, tag_types()), tag),
            tag=tag,
            destination=DESTINATIONS[container.tags[tag].type],
            versions={0: container}.get,
            types=tag_types(),
            since=NOON,
        )
    )


def view(**more: Any) -> Event:
    return event(1, **{"consent": GRANTED, **more})


def taken(
    one: Event,
    beside: EventContext | None = None,
    *,
    tag: str = "ga4",
    refused: Refusals | None = None,
    now: int = NOON + HOUR_MS,
) -> Past:
    return decider(tag).take(Kept(event=one, context=beside), refused or {}, now=now)


def test_what_is_sent_says_what_goes_with_it_and_what_is_not_held_any_more() -> None:
    past = taken(view(user_id="c-17"))
    assert past.send is not None
    assert (past.send.tag, past.reason, past.unknown) == ("ga4", "", "")
    assert past.keys == {"browser_id", "user_id"}
    assert past.lacks == {"the cookie _ga", "the cookie _ga_ABC1234567"}
    assert decider("ga4").never(past) == {"ip"}
    held = taken(view(), context(1, cookies={"_ga": "GA1.1.7.8"}))
    assert held.lacks == frozenset()


def test_a_tag_that_does_not_fire_is_not_concerned() -> None:
    assert taken(view(name="scroll")) == Past(event=view(name="scroll"))


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (view(consent={}), "consent:analytics_storage"),
        (view(bot="crawler"), "bot"),
        (view(occurred_at=NOON - 3 * DAY_MS, received_at=NOON), "too_old"),
        (view(withheld=[Withheld(tag="ga4", reason="limit:session")]), "limit:session"),
        (view(withheld=[Withheld(tag="ga4", reason="paused")]), ""),
        (view(withheld=[Withheld(tag="other", reason="limit:session")]), ""),
    ],
)
def test_what_is_not_sent_says_why_as_the_ledger_has_it(one: Event, reason: str) -> None:
    past = taken(one)
    assert (past.reason, past.send is None) == (reason, bool(reason))


def test_an_event_gets_too_old_while_it_waits() -> None:
    window = DESTINATIONS["ga4"].window_ms
    one = view()
    assert taken(one, now=one.occurred_at + window).reason == ""
    assert taken(one, now=one.occurred_at + window + 1).reason == "too_old"


def test_consent_that_was_taken_back_after_the_event_counts() -> None:
    one = view(page_id="7")

    def reason(subject: str, at: int) -> str:
        return taken(one, refused={(subject, "analytics_storage"): at}).reason

    assert reason(VISITOR_ID, NOON + 2) == "withdrawn:analytics_storage"
    assert reason("7", NOON + 2) == "withdrawn:analytics_storage"
    assert reason(VISITOR_ID, NOON + 1) == ""
    assert taken(one, refused={(VISITOR_ID, "ad_storage"): NOON + 2}).reason == ""


def test_a_decision_by_what_is_not_held_any_more_is_not_known() -> None:
    whole = view(consent={"ad_storage": "granted"})  # all of it was kept: there is no such cookie
    assert taken(whole, tag="landings") == Past(event=whole)
    gone = taken(view(), tag="landings", now=NOON + HOUR_MS)
    assert (gone.send, gone.unknown) == (None, "the cookie landing")
    there = taken(view(), context(1, cookies={"landing": "yes"}), tag="landings")
    assert there.send is not None


def test_what_the_partner_would_refuse_is_not_sent_and_says_what_is_lacking() -> None:
    bad = taken(view(title="two words"), tag="bad")
    assert (bad.send, bad.reason) == (None, "bad_settings")
    assert "two words" in bad.refusal
    granted = {"ad_storage": "granted", "ad_user_data": "granted"}
    there = context(1, click_ids={"fbclid": "x"}, clicked_at={"fbclid": NOON})
    page = {"consent": granted, "url": "https://shop.example/"}
    meta = taken(view(**page), there, tag="meta")
    assert (meta.send, meta.reason) == (None, "no_page")
    assert meta.refusal.endswith("; the user agent is never kept")
    nobody = taken(view(**page, visitor_id=NO_VISITOR, click_ids=["fbclid"]), tag="meta")
    assert (nobody.send, nobody.reason) == (None, "no_match_key")
    assert nobody.refusal.endswith("; what would do is never kept, or not any more")


def test_a_delivery_is_the_one_that_live_traffic_would_have_made() -> None:
    one = view(withheld=[Withheld(tag="other", reason="paused")])
    beside = context(1, cookies={"_ga": "GA1.1.7.8"}, click_ids={"gclid": "x"})
    past = taken(one, beside)
    made = delivery_of(past, SEAL, version=4)
    assert made.delivery_id == delivery_id(one.event_id, "demo", "ga4")
    assert (made.tag, made.type, made.container_version) == ("ga4", "ga4", 4)
    assert made.needs_consent == ("analytics_storage",)
    assert made.settings["api_secret"] == "$secret.GA4"
    assert made.event == replace(one, withheld=[])
    assert SEAL.unseal(made.person) == Person(
        cookies={"_ga": "GA1.1.7.8"}, click_ids={"gclid": "x"}, clicked_at=beside.clicked_at
    )
    assert delivery_of(taken(one), SEAL, version=4).person == b""
