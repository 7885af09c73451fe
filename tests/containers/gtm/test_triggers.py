from __future__ import annotations

from typing import Any

import pytest

from server.containers.gtm.built_in import lost
from server.containers.gtm.report import Outcome
from server.containers.load import read_container
from tests.containers.gtm.exports import condition, custom, event_tag, imported, part, trigger

PURCHASE = condition("EQUALS", "{{_event}}", "purchase")
BIG = condition("GREATER", "{{Page Path}}", "5")

CASES: list[tuple[dict[str, Any], Outcome, dict[str, Any]]] = [
    (custom(PURCHASE), Outcome.CONVERTED, {"event": "purchase"}),
    (
        custom(PURCHASE, filter=[BIG]),
        Outcome.CONVERTED,
        {"event": "purchase", "when": [{"value": "{{ event.path }}", "greater": 5.0}]},
    ),
    (
        custom(condition("MATCH_REGEX", "{{_event}}", "a|b")),
        Outcome.CONVERTED,
        {"when": [{"value": "{{ event.name }}", "matches": "a|b"}]},
    ),
    (
        custom(condition("EQUALS", "{{_event}}", "A", ignore_case=True)),
        Outcome.CONVERTED,
        {"when": [{"value": "{{ event.name }}", "equals": "A", "ignore_case": True}]},
    ),
    (
        custom(condition("EQUALS", "{{_event}}", "gtm.dom")),
        Outcome.APPROXIMATED,
        {"event": "page_view"},
    ),
    (trigger("PAGEVIEW"), Outcome.CONVERTED, {"event": "page_view"}),
    (trigger("DOM_READY"), Outcome.APPROXIMATED, {"event": "page_view"}),
    (trigger("WINDOW_LOADED"), Outcome.APPROXIMATED, {"event": "page_view"}),
    (trigger("HISTORY_CHANGE"), Outcome.APPROXIMATED, {"event": "page_view"}),
    (trigger("INIT"), Outcome.APPROXIMATED, {"event": "page_view"}),
    (trigger("CONSENT_INIT"), Outcome.APPROXIMATED, {"event": "page_view"}),
    (trigger("LINK_CLICK"), Outcome.APPROXIMATED, {"event": ["click", "file_download"]}),
    (trigger("CLICK"), Outcome.APPROXIMATED, {"event": ["click", "file_download"]}),
    (trigger("FORM_SUBMISSION"), Outcome.REFUSED, {}),
    (trigger("SCROLL_DEPTH"), Outcome.REFUSED, {}),
    (trigger("YOUTUBE_VIDEO"), Outcome.REFUSED, {}),
    (trigger("TIMER"), Outcome.REFUSED, {}),
    (trigger("ELEMENT_VISIBILITY"), Outcome.REFUSED, {}),
    (trigger("JS_ERROR"), Outcome.REFUSED, {}),
    (trigger("AMP_CLICK"), Outcome.REFUSED, {}),
    (trigger("FIREBASE_APP_UPDATE"), Outcome.REFUSED, {}),
    (trigger("NEW_TYPE"), Outcome.REFUSED, {}),
    (trigger("CUSTOM_EVENT"), Outcome.REFUSED, {}),
]


@pytest.mark.parametrize(("given", "outcome", "made"), CASES, ids=lambda one: str(one)[:60])
def test_a_trigger_becomes_ours_or_says_why_not(
    given: dict[str, Any], outcome: Outcome, made: dict[str, Any]
) -> None:
    found, item = part("trigger", trigger=[given])
    when = found.get("when", [])
    bare = [{k: v for k, v in one.items() if v not in (None, False)} for one in when]
    found = {**found, **({"when": bare} if bare else {})}
    found.pop("within", None)
    assert (item.outcome, found) == (outcome, made)
    assert bool(item.notes) is (outcome is not Outcome.CONVERTED)


@pytest.mark.parametrize(
    "given", [trigger("ALWAYS"), custom(condition("MATCH_REGEX", "{{_event}}", ".*"))]
)
def test_every_event_is_the_trigger_that_is_there_already(given: dict[str, Any]) -> None:
    _, item = part("trigger", trigger=[given])
    assert (item.outcome, item.became) == (Outcome.CONVERTED, "all_events")


def group(*ids: str, **more: Any) -> dict[str, Any]:
    members = [{"type": "TRIGGER_REFERENCE", "value": id_} for id_ in ids]
    parameters = [{"type": "LIST", "key": "triggerIds", "list": members}]
    return trigger("TRIGGER_GROUP", id_="9", parameter=parameters, **more)


def test_a_group_fires_once_a_page_when_its_members_have() -> None:
    made = imported(trigger=[custom(PURCHASE), group("1", "2147479553")])
    container = read_container(made.text, "made")
    assert container.triggers["when_9"].all_of == ["when_1", "all_pages"]


@pytest.mark.parametrize("given", [group(), group("7"), group("1", filter=[BIG]), group("9")])
def test_a_group_without_all_its_members_is_refused(given: dict[str, Any]) -> None:
    made = imported(trigger=[custom(PURCHASE), given])
    assert made.report.items[-1].outcome is Outcome.REFUSED


def test_the_tag_watches_what_triggers_need() -> None:
    them = [
        trigger("HISTORY_CHANGE", "1"),
        trigger("LINK_CLICK", "2"),
        trigger("SCROLL_DEPTH", "3"),
    ]
    observe = read_container(imported(trigger=them).text, "made").observe
    assert (observe.data_layer, observe.history, observe.outbound_links) == (True, True, True)
    assert (observe.downloads, observe.page_views) == (True, True)


def test_a_page_that_pushes_its_page_views_is_not_counted_twice() -> None:
    pushed = custom(condition("EQUALS", "{{_event}}", "page_view"))
    alone = imported(trigger=[pushed], tag=[event_tag(firingTriggerId=["1"])])
    assert read_container(alone.text, "made").observe.page_views is False
    both = imported(trigger=[pushed], tag=[event_tag(firingTriggerId=["1", "2147479553"])])
    assert read_container(both.text, "made").observe.page_views is True
    assert "other triggers need the tag's own" in both.text


def test_what_stands_for_nothing_says_why() -> None:
    assert "forms" in lost("Form ID")
    assert lost("Something Else") == "nothing that a hit tells"
