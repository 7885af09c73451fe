from __future__ import annotations

import json

from msgspec.structs import replace

from server.containers.decide import Plan, compile_container, decide, explain
from server.containers.load import read_container
from server.destinations import DESTINATIONS, tag_types
from server.model import Event, Person
from server.publication import TagTrace
from server.studio.rehearse import MAX_BODY, UNSIGNED, Sample, rehearse
from tests.samples import event

SOURCE = """
id: shop
sites: [self]
triggers:
  big: {event: purchase, when: [{value: "{{ event.value }}", greater: 100}]}
tags:
  ga4:
    type: ga4
    fires_on: [all_events]
    needs_consent: []
    with: {measurement_id: G-ABC1234567, api_secret: $secret.GA4_SECRET}
  erp:
    type: webhook
    fires_on: [all_events]
    needs_consent: []
    with:
      url: https://erp.example/{{ event.name }}
      headers: {authorization: $secret.ERP_TOKEN}
      secret: $secret.ERP_SIGNS
      body: {title: "{{ event.title }}"}
  big: {type: webhook, fires_on: [big], needs_consent: [], with: {url: "https://erp.example/"}}
  ads: {type: webhook, fires_on: [all_events], needs_consent: [ad_storage], with: {url: "https://erp.example/"}}
"""
PLAN: Plan = compile_container(read_container(SOURCE, ""), tag_types())


def traces(one: Event, plan: Plan = PLAN) -> dict[str, TagTrace]:
    sample = Sample(event=one, person=Person())
    return {trace.tag: trace for trace in rehearse(sample, plan, DESTINATIONS).tags}


def sample(**changed: object) -> Event:
    return replace(event(), bot="", withheld=[], consent={}, **changed)


def test_every_tag_tells_what_it_would_do_and_why() -> None:
    one = sample(name="page_view", title="Cups", value=None)
    found = traces(one)
    verdicts = {verdict.tag: verdict for verdict in explain(one, PLAN)}
    assert {tag: trace.outcome for tag, trace in found.items()} == {
        "ga4": "send", "erp": "send", "big": "not_fired", "ads": "withheld",
    }  # fmt: skip
    assert all(found[tag].words == verdicts[tag].words for tag in found)
    assert found["ads"].reason == "consent:ad_storage"
    assert {trace.tag for trace in found.values() if trace.method} == {"ga4", "erp"}


def test_the_request_is_whole_and_its_secrets_are_names() -> None:
    found = traces(sample(name="page_view", title="Cups"))
    erp, ga4 = found["erp"], found["ga4"]
    assert (erp.method, erp.url) == ("POST", "https://erp.example/page_view")
    assert json.loads(erp.body) == {"title": "Cups"}
    assert erp.headers["authorization"] == "$secret.ERP_TOKEN"
    assert erp.headers["webhook-signature"] == UNSIGNED
    assert "api_secret=$secret.GA4_SECRET" in ga4.url
    assert json.loads(ga4.body)["events"][0]["name"] == "page_view"


def test_that_it_is_a_preview_does_not_count_and_agrees_with_what_is_decided() -> None:
    one = sample(name="purchase", value="150.0000")
    assert traces(replace(one, is_preview=True)) == traces(one)
    sent = {send.tag for send in decide(one, PLAN).sends}
    assert {tag for tag, trace in traces(one).items() if trace.outcome == "send"} == sent


def test_what_the_destination_would_refuse_is_told() -> None:
    broken = PLAN.container.tags["erp"]
    settings = {**broken.settings, "headers": {"x-title": "{{ event.title }}"}}
    tags = {"erp": replace(broken, settings=settings)}
    plan = compile_container(replace(PLAN.container, tags=tags), tag_types())
    refused = traces(sample(title="two\nlines"), plan)["erp"]
    assert (refused.outcome, refused.reason, refused.method) == ("refused", "bad_header", "")
    unknown = rehearse(Sample(event=sample(), person=Person()), PLAN, {})
    assert {trace.reason for trace in unknown.tags if trace.outcome == "refused"} == {
        "unknown_destination"
    }


def test_a_long_body_is_cut() -> None:
    long = sample(title="x" * 4 * MAX_BODY)
    plan = compile_container(
        replace(
            PLAN.container,
            tags={"big": replace(PLAN.container.tags["big"], fires_on=["all_events"])},
        ),
        tag_types(),
    )
    body = traces(long, plan)["big"].body
    assert MAX_BODY < len(body) < MAX_BODY + 100
    assert "characters in all" in body
