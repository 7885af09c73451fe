from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.clock import DAY_MS, now_ms
from server.containers.decide import Plan, compile_container, decide
from server.containers.load import load_container, read_container
from server.containers.model import Container
from server.destinations import DESTINATIONS, tag_types
from server.endpoints import writer_endpoint
from server.model import NO_VISITOR, Event
from server.person.clicks import NO_CLICK, click_id
from server.settings import read_settings
from server.store.client import Connection
from server.store.window import Kept, Window, read_slice, slices
from server.studio.compared import Comparison
from server.studio.held import Keeping, held, keeping
from server.studio.judged import Side
from server.studio.recollection import Beginning, Recollection
from server.studio.rehearse import Sample, rehearse
from server.studio.simulate import CONSENT, Case, Simulation
from tests.containers.kinds import TYPES
from tests.containers.test_plan import BESIDE, CONTAINERS, EVENTS, SLOW, compiled
from tests.running import Running, wait_for
from tests.samples import NOON, context, event

SOURCE = """
id: shop
sites: [self]
triggers:
  orders: {event: purchase}
  big: {event: purchase, when: [{value: "{{ event.value }}", greater: 50}]}
tags:
  orders:
    type: webhook
    fires_on: [orders]
    needs_consent: [analytics_storage]
    with:
      {url: "https://erp.example/", secret: $secret.ERP, body: {page: "{{ event.title }}"}}
"""


def plan_of(source: str) -> Plan:
    return compile_container(read_container(source, "shop", tag_types()), tag_types())


def compare(before: str, after: str, events: list[Event], **more: Any) -> Comparison:
    plans = plan_of(before), plan_of(after)
    comparison = Comparison(
        container="shop", before="live", after="draft", since=NOON, until=NOON + DAY_MS
    )
    versions = more.pop("versions", {0: plans[0].container})
    case = Case(
        before=plans[0],
        after=plans[1],
        versions=versions.get,
        types=tag_types(),
        destinations=DESTINATIONS,
        now=NOON,
    )
    simulation = Simulation(case, comparison)
    for one in events:
        simulation.take(Kept(event=one, context=more.get("context")))
    return simulation.finish()


def purchase(number: int, **more: Any) -> Event:
    granted = {"analytics_storage": "granted"}
    known = {"name": "purchase", "value": "60.0000", "consent": granted, "container_id": "shop"}
    return event(number, **{**known, **more})


def test_a_container_makes_no_difference_to_itself() -> None:
    events = [purchase(1), purchase(2, consent={}), purchase(3, bot="crawler"), event(4)]
    found = compare(SOURCE, SOURCE, events)
    tag = found.tags["orders"]
    assert (found.events, found.visitors) == (4, 0)
    assert (tag.before, tag.after, tag.same, tag.changed, tag.more, tag.less) == (1, 1, 1, 0, 0, 0)
    assert tag.withheld_before == {"consent:analytics_storage": 1, "bot": 1}
    assert tag.withheld_before == tag.withheld_after
    assert not tag.unknown
    assert not tag.fields


def test_fewer_deliveries_and_new_tags_are_told_with_the_visitors() -> None:
    other = "11111111-1111-4111-8111-111111111111"
    events = [
        purchase(1),
        purchase(2, value="20.0000"),
        purchase(3, value="20.0000", visitor_id=other),
    ]
    found = compare(SOURCE, SOURCE.replace("fires_on: [orders]", "fires_on: [big]"), events)
    tag = found.tags["orders"]
    assert (tag.before, tag.after, tag.more, tag.less) == (3, 1, 0, 2)
    assert (found.visitors, found.is_exact) == (2, True)
    renamed = compare(SOURCE, SOURCE.replace("  orders:\n", "  erp:\n"), events)
    assert [(name, one.is_new, one.is_gone) for name, one in renamed.tags.items()] == [
        ("erp", True, False),
        ("orders", False, True),
    ]
    assert (renamed.tags["erp"].more, renamed.tags["orders"].less) == (3, 3)


def test_changed_requests_are_told_field_by_field_and_secrets_are_names() -> None:
    after = SOURCE.replace('"{{ event.title }}"', '"{{ event.path }}"').replace("ERP", "NEW")
    found = compare(SOURCE, after, [purchase(1, title="Thanks", path="/done"), purchase(2)])
    tag = found.tags["orders"]
    assert (tag.changed, tag.same) == (1, 1)
    assert list(tag.fields) == ["page"]
    [example] = tag.fields["page"].examples
    assert (example.before, example.after) == ("Thanks", "/done")


def test_a_refusal_that_the_contract_foretells_is_counted_once_it_is_new() -> None:
    after = SOURCE.replace("secret:", 'headers: {x-title: "{{ event.title }}"}, secret:')
    found = compare(SOURCE, after, [purchase(1, title="two\nlines"), purchase(2, title="one")])
    tag = found.tags["orders"]
    assert (tag.refusals, tag.refused_before, tag.refused_after) == (1, {}, {"bad_header": 1})


def test_consent_that_a_draft_needs_is_told_as_withheld() -> None:
    after = SOURCE.replace("[analytics_storage]", "[analytics_storage, ad_storage]")
    tag = compare(SOURCE, after, [purchase(1)]).tags["orders"]
    assert (tag.less, tag.withheld_after) == (1, {"consent:ad_storage": 1})


def test_other_rules_of_consent_make_the_decision_unknown() -> None:
    after = SOURCE + "consent: {defaults: [{purposes: {ad_storage: granted}}]}\n"
    tag = compare(SOURCE, after, [purchase(1)]).tags["orders"]
    assert (tag.before, tag.unknown) == (0, {CONSENT: 1})
    gone = compare(SOURCE, SOURCE, [purchase(1, container_version=9)]).tags["orders"]
    assert list(gone.unknown) == ["consent: the rules of version 9 are not known any more"]


COOKIE = SOURCE.replace(
    "triggers:\n", "variables:\n  c: {type: cookie, name: c}\ntriggers:\n"
).replace('"{{ event.title }}"', '"{{ c }}"')


def test_a_field_made_of_a_cookie_that_was_not_kept_is_unknown_and_not_unchanged() -> None:
    tag = compare(SOURCE, COOKIE, [purchase(1)]).tags["orders"]
    assert (tag.changed, tag.same) == (0, 1)  # all but that field
    assert tag.fields["page"].unknown == {"the cookie c": 1}
    kept = {0: plan_of(COOKIE).container}
    there = context(1, cookies={"c": "seen"})
    known = compare(SOURCE, COOKIE, [purchase(1)], context=there, versions=kept).tags["orders"]
    assert known.changed == 1
    assert known.fields["page"].examples[0].after == "seen"
    absent = compare(SOURCE, COOKIE, [purchase(1)], context=context(1), versions=kept)
    assert not absent.tags["orders"].fields  # it was asked for, and did not come


def test_a_refusal_that_may_have_been_there_before_is_counted_as_unknown_alone_and_once() -> None:
    named = GA4.replace("{measurement_id", "{event_name: NAME, measurement_id").replace(
        "tags:\n", "variables:\n  c: {type: cookie, name: c}\ntags:\n"
    )
    unknown, known = (named.replace("NAME", f'"{{{{ {of} }}}}"') for of in ("c", "event.title"))
    one = purchase(1, title="two words")
    tag = compare(unknown, unknown, [one]).tags["ga4"]
    assert (tag.refusals, tag.refused_unknown.total()) == (0, 1)
    tag = compare(unknown, known, [one]).tags["ga4"]
    assert (tag.refusals, tag.refused_unknown.total(), tag.refused_after.total()) == (0, 1, 1)


def test_a_decision_by_a_cookie_that_was_not_kept_is_unknown() -> None:
    fires = COOKIE.replace(
        'value: "{{ event.value }}", greater: 50', 'value: "{{ c }}", equals: a'
    ).replace("fires_on: [orders]", "fires_on: [big]")
    tag = compare(SOURCE, fires, [purchase(1)]).tags["orders"]
    assert (tag.before, tag.less, tag.unknown) == (0, 0, {"the cookie c": 1})


def test_a_limit_is_unknown_until_its_memory_is_whole() -> None:
    limited = SOURCE.replace("type: webhook", "type: webhook\n    limit: {per: session}")
    old = [purchase(n, session_id=NOON // 1000 - 60) for n in (1, 2)]
    new = [purchase(n, session_id=NOON // 1000 + 60) for n in (3, 4)]
    tag = compare(SOURCE, limited, old + new).tags["orders"]
    assert tag.unknown.total() == 2
    assert (tag.before, tag.after, tag.less) == (2, 1, 1)
    assert tag.withheld_after == {"limit:session": 1}


GA4 = """
id: shop
sites: [self]
tags:
  ga4:
    type: ga4
    fires_on: [all_events]
    needs_consent: []
    with:
      {measurement_id: G-ABC1234567, api_secret: $secret.GA4, send_ip: true, send_user_data: true}
"""


def test_what_a_partner_is_told_of_a_person_is_unknown_with_the_reason() -> None:
    one = purchase(1, consent={"ad_user_data": "granted"})
    tag = compare(GA4, GA4, [one]).tags["ga4"]
    unknown = {name: list(field.unknown) for name, field in tag.fields.items()}
    assert unknown["ip_override"] == ["the address of the visitor (ip)"]
    assert unknown["user_data.sha256_email_address[]"] == ["the e-mail"]
    assert unknown["user_data.sha256_phone_number[]"] == ["the phone"]
    assert unknown["user_data.address[].sha256_last_name"] == ["name and postal address"]


def test_the_client_id_is_unknown_where_its_cookie_may_have_been_there() -> None:
    one = purchase(1)
    plain = GA4.replace(", send_ip: true, send_user_data: true", "")
    lost = compare(plain, plain, [one], versions={0: plan_of(SOURCE).container}).tags["ga4"]
    assert set(lost.fields) >= {"client_id"}
    known = replace(one, consent={"ad_storage": "granted"})
    assert not compare(plain, plain, [known]).tags["ga4"].fields


@pytest.mark.parametrize(
    ("columns", "age", "is_known"),
    [
        ({"consent": {"ad_storage": "granted"}}, 29 * DAY_MS, True),
        ({"consent": {"ad_storage": "granted"}}, 31 * DAY_MS, False),
        ({"consent": {"ad_storage": "denied"}}, 31 * DAY_MS, True),
        ({"consent": {"ad_storage": "denied"}, "click_ids": ["gclid"]}, DAY_MS, False),
        ({}, 31 * DAY_MS, True),
        ({"consent": {"ad_storage": "granted"}, "bot": "crawler"}, 31 * DAY_MS, True),
        ({"consent": {"ad_storage": "granted"}, "visitor_id": NO_VISITOR}, 31 * DAY_MS, True),
    ],
)
def test_a_click_id_is_unknown_where_one_may_have_been_carried(
    columns: dict[str, Any], age: int, is_known: bool
) -> None:
    one = event(1, **columns)
    known = held(one, None, Keeping(cookies=frozenset()), now=one.received_at + age)
    assert click_id(known.person, "twclid") == NO_CLICK
    assert ("the click id twclid" not in known.drain()) is is_known


def test_a_click_that_is_kept_beside_the_event_has_its_time() -> None:
    one = event(1, consent={"ad_storage": "granted"})
    beside = context(1, clicked_at={"gclid": NOON - 5})
    known = held(one, beside, Keeping(cookies=frozenset({"_gcl_aw", "FPGCLAW"})), now=NOON)
    assert click_id(known.person, "gclid") == ("Cj0K", NOON - 5)
    assert known.drain() == set()


@SLOW
@given(CONTAINERS, st.lists(EVENTS, max_size=6))
def test_preview_simulation_and_live_agree_on_every_decision(
    container: dict[str, Any], events: list[Event]
) -> None:
    """Whatever the simulation says it knows; the preview is asked with the same memory as live."""
    plan = compiled(container)
    events = [replace(one, is_preview=False) for one in events]
    beginning = Beginning(since=NOON - 800 * DAY_MS, zone=plan.zone)
    side = Side(plan, Recollection(beginning), {})
    kept = keeping(msgspec.convert(container, Container), TYPES)
    memory: dict[str, Any] = {}
    for one in events:
        beside = context(one.off, cookies=dict(BESIDE.cookies), headers=dict(BESIDE.headers))
        known = held(one, beside, kept, now=one.received_at)
        decision = decide(one, plan, BESIDE, memory.get)
        sample = Sample(event=one, person=known.person, beside=BESIDE, recall=memory.get)
        traces = rehearse(sample, plan, {}).tags
        live = {send.tag: send for send in decision.sends}
        withheld = {one.tag: one.reason for one in decision.withheld}
        assert {t.tag: t.reason for t in traces if t.outcome == "withheld"} == withheld
        assert {t.tag for t in traces if t.outcome == "refused"} == live.keys()  # no partner here
        judged = side.judge(one, known)
        assert judged.keys() >= live.keys() | withheld.keys()
        for tag, told in judged.items():
            if not told.unknown:
                assert (told.send, told.reason) == (live.get(tag), withheld.get(tag, ""))
            else:
                assert plan.remembers  # all that came with the hit is held here
        memory |= decision.remembered


ONCE = """
  once:
    type: webhook
    fires_on: [all_pages]
    limit: {per: session}
    with: {url: RECORDER/once}
"""


def recorded(freehold: Running) -> dict[str, tuple[set[str], dict[str, str]]]:
    """By event: the tags that it was delivered to, and those that it was withheld from."""
    sent: dict[str, set[str]] = defaultdict(set)
    for event_id, tag in freehold.ask("SELECT DISTINCT event_id, tag FROM freehold.deliveries"):
        sent[event_id].add(tag)
    rows = freehold.ask("SELECT event_id, withheld FROM freehold.events")
    return {
        event_id: (sent[event_id], {one["tag"]: one["reason"] for one in withheld})
        for event_id, withheld in rows
    }


def test_simulating_what_was_live_reproduces_what_was_recorded(tmp_path: Path) -> None:
    freehold = Running(tmp_path)
    demo = freehold.containers / "demo.yaml"
    demo.write_text(demo.read_text() + ONCE.replace("RECORDER", freehold.recorder_url))
    with freehold:
        freehold.command("demo", "--visitors", "25", "--days", "2")

        def is_done() -> bool:
            tags = json.loads(freehold.command("deliveries", "--json"))["tags"]
            lanes = [one["lane"] for one in tags]
            [[told]] = freehold.ask(
                "SELECT count() FROM freehold.deliveries WHERE outcome = 'delivered'"
            )
            is_sent = not any(one["waiting"] + one["retrying"] for one in lanes)
            return is_sent and sum(one["delivered"] for one in lanes) == told

        wait_for(lambda: bool(freehold.ask("SELECT 1 FROM freehold.deliveries LIMIT 1")), "sent")
        wait_for(is_done, "nothing is owed, and all is told", 60)
        settings = read_settings(freehold.environ)
        plan = compile_container(load_container(demo, tag_types()), tag_types())
        connection = Connection(writer_endpoint(settings))
        now = now_ms()
        window = Window(container_id="demo", since=now - 3 * DAY_MS, until=now)
        side = Side(plan, Recollection(Beginning(since=window.since, zone=plan.zone)), DESTINATIONS)
        kept = keeping(plan.container, tag_types())
        found = {}
        for part in slices(connection, window):
            for one in read_slice(connection, window, part):
                found[one.event.event_id] = side.judge(
                    one.event, held(one.event, one.context, kept, now=now)
                )
        connection.close()
        wait_for(lambda: len(recorded(freehold)) == len(found), "all rows")
        truth = recorded(freehold)
    assert len(found) > 100
    assert found.keys() == truth.keys()
    unknown = 0
    for event_id, judged in found.items():
        sent, withheld = truth[event_id]
        doubtful = {tag for tag, one in judged.items() if one.unknown}
        unknown += len(doubtful)
        assert {t for t, one in judged.items() if one.send} - doubtful == sent - doubtful
        assert {t: one.reason for t, one in judged.items() if one.reason and t not in doubtful} == {
            tag: reason for tag, reason in withheld.items() if tag not in doubtful
        }
    assert sum(bool(withheld) for _, withheld in truth.values()) > 10
    assert unknown == 0
