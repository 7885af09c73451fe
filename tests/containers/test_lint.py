from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from server.containers.explain import Fault
from server.containers.lint import NO_CONSENT, STICKY, notes, warnings
from server.containers.model import Asked, Container
from tests.containers.kinds import TYPES, tree

MEASURE: dict[str, Any] = {
    "type": "measure",
    "fires_on": ["all_pages"],
    "with": {"measurement_id": "G-1", "api_secret": "$secret.KEY"},
}


def container(**more: Any) -> Container:
    return msgspec.convert(tree(**more), Container)


def told(types: Any = TYPES, **more: Any) -> list[Fault]:
    return warnings(container(**more), types)


def flow(*when: dict[str, Any], event: Any = ()) -> list[str]:
    """What is told of one trigger's conditions."""
    trigger = {"event": list(event) if isinstance(event, tuple) else event, "when": list(when)}
    found = told(
        variables={"v": {"type": "event", "field": "name"}},
        triggers={"t": trigger, "u": {"when": [{"value": "{{ v }}", "equals": "x"}]}},
        tags={"a": {**MEASURE, "fires_on": ["t", "u"]}},
    )
    return [fault.text for fault in found]


def test_a_container_that_is_as_it_should_be_is_told_nothing() -> None:
    assert told(tags={"a": MEASURE}) == []
    assert told(None, tags={"a": MEASURE}) == []


def test_what_nothing_looks_at_is_told() -> None:
    assert told(
        variables={
            "used": {"type": "value", "value": "{{ deeper }}"},
            "deeper": {"type": "environment"},
            "set": {"type": "environment"},
            "lost": {"type": "environment"},
        },
        triggers={
            "one": {"when": [{"value": "{{ used }}", "equals": "live"}]},
            "member": {},
            "other": {},
            "group": {"all_of": ["member", "other"]},
            "blocking": {"event": "x"},
            "lost": {},
        },
        transformations={"t": {"augment": {"title": "{{ set }}"}}},
        tags={"a": {**MEASURE, "fires_on": ["one", "group"], "except": ["blocking"]}},
    ) == [
        Fault(("variables", "lost"), "is used nowhere"),
        Fault(("triggers", "lost"), "no tag and no group names it"),
    ]


@pytest.mark.parametrize(
    "when",
    [
        [{"equals": "a"}, {"equals": "b"}],
        [{"equals": "a"}, {"in": ["b", "c"]}],
        [{"in": ["a", "b"]}, {"not": True, "matches": "^[ab]$"}],
        [{"equals": "abc"}, {"starts_with": "x"}],
        [{"greater": 5}, {"less": 5.5}, {"less": 3}],
        [{"equals": 4}, {"greater": 4}],
    ],
)
def test_conditions_that_exclude_each_other_are_told(when: list[dict[str, Any]]) -> None:
    conditions = [{"value": "{{event.title}}", **one} for one in when]
    assert flow(*conditions) == ["no event can meet what is asked of {{event.title}}"]


@pytest.mark.parametrize(
    "when",
    [
        [{"equals": "a"}, {"not": True, "equals": "b"}],
        [{"in": ["a", "b"]}, {"equals": "b"}],
        [{"greater": 5}, {"less": 6}],
        [{"greater_or_equal": 5}, {"less_or_equal": 5}],
        [{"not": True, "equals": "a"}, {"not": True, "equals": "b"}],
        [{"contains": "a"}, {"matches": "^b"}],
        [{"equals": "Sale", "ignore_case": True}, {"contains": "sale"}],
        [{"in": ["SALE"], "ignore_case": True}, {"not": True, "equals": "SALE"}],
    ],
)
def test_conditions_that_some_event_meets_are_not(when: list[dict[str, Any]]) -> None:
    assert flow(*({"value": "{{ event.title }}", **one} for one in when)) == []


def test_a_condition_on_the_name_is_compared_with_the_trigger_s_own() -> None:
    refund = {"value": "{{ event.name }}", "equals": "refund"}
    assert flow(refund, event="purchase") == ["no event can meet what is asked of {{ event.name }}"]
    assert flow(refund, event=("purchase", "refund")) == []


def test_a_tag_without_consent_and_one_that_never_fires_are_told() -> None:
    tag = {**MEASURE, "needs_consent": [], "except": ["all_pages"]}
    assert told(tags={"a": tag}) == [
        Fault(("tags", "a", "needs_consent"), NO_CONSENT),
        Fault(("tags", "a", "except"), "blocks all that the tag fires on: it never does"),
    ]
    hook = {"type": "webhook", "fires_on": ["all_pages"], "with": {"url": "https://a.example"}}
    assert told(tags={"a": hook}) == [Fault(("tags", "a"), NO_CONSENT)]
    assert told(None, tags={"a": hook}) == []


@pytest.mark.parametrize(
    "text",
    [
        "Bearer abcdefghijklmnopqrstuvwx",
        "sk_live_abcdefghijkl",
        "https://a.example/?api_key=abcdefgh1234",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZ",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92K27uhb",
    ],
)
def test_what_looks_like_a_secret_is_told(text: str) -> None:
    (fault,) = told(
        variables={"v": {"type": "constant", "value": [text]}},
        tags={"a": {**MEASURE, "with": {**MEASURE["with"], "name": "{{ v }}"}}},
    )
    assert fault.path == ("variables", "v", "value", 0)
    assert "looks like a secret" in fault.text


def test_ordinary_texts_are_no_secrets() -> None:
    harmless = [
        "https://a.example/?q=secret",
        "api_key",
        "Bearer",
        "0199c000-0000-7000-8000",
        "x" * 40,
    ]
    settings = {**MEASURE["with"], "maps": [{"from": text} for text in harmless]}
    assert told(tags={"a": {**MEASURE, "with": settings}}) == []


def test_a_destination_s_contract_is_asked_about_each_of_its_tags() -> None:
    asked: list[Asked] = []

    def warn(one: Asked) -> list[tuple[tuple[str | int, ...], str]]:
        asked.append(one)
        return [(("measurement_id",), "too short")]

    types = {**TYPES, "measure": replace(TYPES["measure"], warn=warn)}
    found = told(
        types,
        currency="CHF",
        triggers={"p": {"event": ["purchase", "refund"]}, "g": {"all_of": ["p", "all_pages"]}},
        tags={
            "a": {**MEASURE, "fires_on": ["g"]},
            "b": {**MEASURE, "fires_on": ["all_events", "p"]},
        },
    )
    assert found == [Fault(("tags", n, "with", "measurement_id"), "too short") for n in ("a", "b")]
    assert [(one.events, one.currency) for one in asked] == [
        (frozenset({"purchase", "refund", "page_view"}), "CHF"),
        (frozenset(), "CHF"),
    ]


def test_whoever_counts_has_to_know_of_several_nodes() -> None:
    counting = container(
        triggers={"a": {"limit": {"per": "page"}}, "b": {"all_of": ["a", "all_pages"]}, "c": {}},
        tags={"x": {**MEASURE, "limit": {"per": "day"}}, "y": MEASURE},
    )
    assert notes(counting) == [
        Fault(("triggers", "a", "limit"), STICKY),
        Fault(("triggers", "b", "all_of"), STICKY),
        Fault(("tags", "x", "limit"), STICKY),
    ]
