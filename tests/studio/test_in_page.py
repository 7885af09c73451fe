"""What page tags would make of an event, in words."""

from __future__ import annotations

from server.containers.decide import compile_container
from server.containers.load import read_container
from server.destinations import DESTINATIONS, tag_types
from server.model import Person
from server.studio.rehearse import Sample
from server.studio.tried import tried
from server.studio.why import Known, why
from tests.samples import event

SOURCE = """
id: demo
sites: [self]
triggers:
  french: {when: [{value: "{{ event.path }}", starts_with: /fr/}]}
page_tags:
  chat: {type: script, src: "https://chat.example/a.js", fires_on: [all_pages], enabled: true}
  free: {type: script, src: "https://chat.example/a.js", fires_on: [all_pages], enabled: true,
         needs_consent: [analytics_storage], limit: {per: session}}
  french: {type: html, html: "<p>", fires_on: [french], enabled: true}
  blocked: {type: html, html: "<p>", fires_on: [all_pages], except: [all_events], enabled: true}
  off: {type: image, src: "https://px.example/", fires_on: [all_pages]}
  later: {type: html, html: "<p>", fires_on: [all_pages], environments: [staging], enabled: true}
"""
PLAN = compile_container(read_container(SOURCE, "", tag_types()), tag_types())


def test_each_page_tag_tells_whether_it_would_run_and_why() -> None:
    seen = event(1, path="/en/", consent={"analytics_storage": "granted", "ad_storage": "denied"})
    assert list(tried(Sample(event=seen, person=Person()), PLAN, DESTINATIONS)) == [
        "chat (script, in the page): waits in the page for consent",
        "    fired by all_pages",
        "    needs ad_storage, which is denied",
        "    needs ad_user_data, which is not said",
        "    needs ad_personalization, which is not said",
        "free (script, in the page): would run",
        "    fired by all_pages",
        "    unless its limit is reached: once per session",
        "french (html, in the page): does not run",
        "    french: `event.path` is `/en/`, not starting with `/fr/`",
        "blocked (html, in the page): does not run",
        "    fired by all_pages",
        "    blocked by all_events",
        "off (image, in the page): does not run",
        "    off: `enabled: true` lets it run",
        "later (html, in the page): does not run",
        "    it is for staging only",
    ]


def test_what_the_container_grants_by_default_the_page_does_not_know() -> None:
    granted = event(1, consent={"analytics_storage": "granted"}, consent_source="default")
    lines = list(tried(Sample(event=granted, person=Person()), PLAN, DESTINATIONS))
    at = lines.index("free (script, in the page): waits in the page for consent")
    assert lines[at + 3] == "    needs analytics_storage, which is not said"


def test_where_the_operator_forbids_it_none_runs() -> None:
    sample = Sample(event=event(1), person=Person())
    lines = list(tried(sample, PLAN, DESTINATIONS, runs_page_tags=False))
    forbidden = "    FREEHOLD_PAGE_TAGS=off forbids it on this node"
    assert lines[:2] == ["chat (script, in the page): does not run", forbidden]
    assert lines.count(forbidden) == len(PLAN.container.page_tags)
    assert forbidden in "\n".join(why(Known(event=event(1)), PLAN, runs_page_tags=False))


def test_why_tells_it_of_a_stored_event() -> None:
    lines = list(why(Known(event=event(1, path="/fr/")), PLAN))
    at = lines.index("In the page, as the container is now; whether it ran, the page alone knows:")
    assert "  french (html, in the page): waits in the page for consent" in lines[at:]
