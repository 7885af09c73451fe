from __future__ import annotations

from server.containers.decide import compile_container
from server.containers.load import read_container
from server.destinations import DESTINATIONS, tag_types
from server.model import Person
from server.studio.held import held, keeping
from server.studio.rehearse import Sample
from server.studio.tried import tried
from tests.samples import NOON, event

SOURCE = """
id: demo
sites: [self]
tags:
  ga4:
    type: ga4
    fires_on: [all_pages]
    needs_consent: []
    with: {measurement_id: G-ABC1234567, api_secret: $secret.GA4, send_ip: true}
  bad:
    type: ga4
    fires_on: [all_pages]
    needs_consent: []
    with: {measurement_id: G-ABC1234567, api_secret: $secret.GA4, event_name: "{{ event.title }}"}
  once:
    type: webhook
    fires_on: [all_pages]
    needs_consent: []
    limit: {per: visitor}
    with: {url: "https://erp.example/"}
"""
PLAN = compile_container(read_container(SOURCE, "", tag_types()), tag_types())


def test_each_tag_tells_its_request_or_its_refusal() -> None:
    sample = Sample(event=event(1, title="two words"), person=Person(ip="203.0.113.9"))
    text = "\n".join(tried(sample, PLAN, DESTINATIONS))
    assert "ga4 (ga4): would be sent\n    fired by all_pages\n    POST https://" in text
    assert "api_secret=$secret.GA4" in text
    assert '"ip_override":"203.0.113.9"' in text
    assert "bad (ga4): would be refused: bad_" in text
    assert "UNKNOWN" not in text


def test_what_a_stored_event_does_not_hold_any_more_is_told() -> None:
    one = event(1, session_number=4)
    known = held(one, None, keeping(PLAN.container, tag_types()), now=NOON)
    sample = Sample(event=one, person=known.person, beside=known.beside)
    lines = list(tried(sample, PLAN, DESTINATIONS, known))
    assert any("UNKNOWN ip_override: the address of the visitor" in line for line in lines)
    assert any("UNKNOWN client_id: the cookie _ga" in line for line in lines)
    assert any("UNKNOWN whether it is sent: limits and groups" in line for line in lines)
