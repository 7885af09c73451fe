"""What two containers would run in the page, over the same events."""

from __future__ import annotations

from server.containers.decide import Plan, compile_container
from server.containers.load import read_container
from server.destinations import tag_types
from server.model import Event
from server.studio.page_runs import PageRuns
from server.studio.simulated import told
from tests.samples import event
from tests.studio.test_simulate import compare

BEFORE = """
id: shop
sites: [self]
triggers:
  french: {when: [{value: "{{ event.path }}", starts_with: /fr/}]}
  orders: {event: purchase}
page_tags:
  chat: {type: script, src: "https://chat.example/a.js", fires_on: [all_pages], enabled: true,
         needs_consent: [ad_storage], limit: {per: session}}
  old: {type: html, html: "<p>", fires_on: [orders], enabled: true, needs_consent: []}
  off: {type: image, src: "https://px.example/", fires_on: [all_pages]}
  later: {type: html, html: "<p>", fires_on: [all_pages], environments: [staging], enabled: true}
"""
AFTER = BEFORE.replace("[all_pages], enabled", "[all_pages], except: [french], enabled").replace(
    "old: {", "new: {"
)
GRANTED, DENIED = {"ad_storage": "granted"}, {"ad_storage": "denied"}


def seen(number: int, **more: object) -> Event:
    return event(number, **{"page_id": "7", "consent": GRANTED, "path": "/en/", **more})


EVENTS = [
    seen(1),
    seen(2, path="/fr/"),
    seen(3, consent=DENIED),
    seen(4, consent_source="default"),
    seen(5, name="purchase", consent={}),
    seen(6, page_id=""),
]


def plan_of(source: str) -> Plan:
    return compile_container(read_container(source, "", tag_types()), tag_types())


def test_runs_and_what_waits_for_consent_are_counted_tag_by_tag() -> None:
    found = compare(BEFORE, AFTER, EVENTS)
    lines = list(told(found))
    assert found.visitors == 1
    assert lines[2:] == [
        "It makes a difference for 1 visitors.",
        "Mind: page tags: each event that fires one counts; limits, and grants later on, no event "
        "tells",
        "",
        "Page tag chat (script)",
        "  runs           2 → 1  (+0 -1)",
        "  waits          2 → 2  the visitor had not consented to ad_storage",
        "",
        "Page tag new (html) is new",
        "  runs           0 → 1  (+1 -0)",
        "",
        "Page tag old (html) is gone",
        "  runs           1 → 0  (+0 -1)",
    ]


def test_under_other_rules_of_consent_it_is_not_known_what_waits() -> None:
    found = compare(BEFORE, BEFORE + "consent: {sources: [tcf]}\n", EVENTS)
    chat, old = found.page_tags["chat"], found.page_tags["old"]
    assert (chat.before, chat.after, chat.unknown.total()) == (0, 0, 4)
    assert (old.before, old.after) == (1, 1)


def test_where_the_operator_forbids_them_none_runs() -> None:
    runs = PageRuns(plan_of(BEFORE), plan_of(AFTER), may_run=False)
    assert not runs.take(EVENTS[0], ("", ""))
    assert (runs.changes, runs.notes) == (
        {},
        ["page tags: FREEHOLD_PAGE_TAGS=off forbids it on this node"],
    )
