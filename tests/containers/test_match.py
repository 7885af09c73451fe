from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.containers.explain import Malformed
from server.containers.match import BUILT_IN, compile_trigger
from server.containers.model import Trigger
from server.containers.scope import Scope
from tests.samples import event

WORDS = st.sampled_from(["", "a", "ab", "b", "1", "1.0", "2"])
CONDITIONS = st.builds(
    lambda value, operator, negate, ignore: {
        "value": f"{{{{ event.{value} }}}}",
        "not": negate,
        "ignore_case": ignore,
        **operator,
    },
    st.sampled_from(["title", "props.p", "nums.n", "value", "items", "consent"]),
    st.sampled_from(
        [
            *({"equals": "a"}, {"equals": 1}, {"in": ["ab", 2]}, {"matches": "^a"}),
            *({"contains": "b"}, {"starts_with": "A"}, {"ends_with": "B"}),
            *({"greater": 1}, {"less_or_equal": 1}),
        ]
    ),
    st.booleans(),
    st.booleans(),
)
EVENTS = st.builds(
    lambda name, text, number: event(
        name=name, title=text, props={"p": text}, nums={"n": number}, value=text or None
    ),
    st.sampled_from(["purchase", "page_view", "größe"]),
    WORDS,
    st.sampled_from([0.0, 1.0, 1.5, 2.0]),
)
TRIGGERS = st.builds(
    lambda names, when: {"event": names, "when": when},
    st.lists(st.sampled_from(["purchase", "größe", "other"]), max_size=2) | st.just("page_view"),
    st.lists(CONDITIONS, max_size=3),
)


def trigger(**tree: Any) -> Any:
    return compile_trigger("t", msgspec.convert(tree, Trigger))


@pytest.mark.parametrize(
    ("names", "yes"),
    [
        ({}, ["purchase", "page_view", "größe"]),
        ({"event": []}, ["purchase", "page_view", "größe"]),
        ({"event": "größe"}, ["größe"]),
        ({"event": ["purchase", "größe"]}, ["purchase", "größe"]),
    ],
)
def test_a_trigger_is_for_the_events_that_it_names(names: dict[str, Any], yes: list[str]) -> None:
    matcher = trigger(**names)
    for name in ("purchase", "page_view", "größe"):
        assert matcher.holds(Scope(event(name=name))) is (name in yes)


def test_all_conditions_have_to_hold() -> None:
    conditions = [
        {"value": "{{ event.value }}", "greater": 10},
        {"value": "{{ event.currency }}", "equals": "EUR"},
    ]
    matcher = trigger(event="purchase", when=conditions)
    whole = event(name="purchase", value="12.0000", currency="EUR")
    assert matcher.holds(Scope(whole))
    assert not matcher.holds(Scope(msgspec.structs.replace(whole, currency="USD")))
    assert not matcher.holds(Scope(msgspec.structs.replace(whole, value=None)))


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"event": "page_view"}, ""),
        ({"event": "purchase"}, "event is `page_view`, not `purchase`"),
        ({"event": ["b", "a"]}, "event is `page_view`, not one of `a`, `b`"),
        (
            {
                "when": [
                    {"value": "{{ event.name }}", "equals": "page_view"},
                    {"value": "{{ event.props.plan }}", "equals": "pro"},
                    {"value": "{{ event.value }}", "less": 5},
                ]
            },
            "`event.props.plan` is missing",
        ),
    ],
)
def test_the_first_no_is_told(tree: dict[str, Any], expected: str) -> None:
    assert trigger(**tree).explain(Scope(event())) == expected


@given(TRIGGERS, EVENTS)
def test_holding_and_explaining_never_disagree(tree: dict[str, Any], given_event: Any) -> None:
    matcher = trigger(**tree)
    no = matcher.explain(Scope(given_event))
    assert matcher.holds(Scope(given_event)) is (no == "")
    names = tree["event"]
    is_named = not names or given_event.name in ([names] if isinstance(names, str) else names)
    each = [trigger(when=[condition]).holds(Scope(given_event)) for condition in tree["when"]]
    assert matcher.holds(Scope(given_event)) is (is_named and all(each))


def test_faults_name_the_condition() -> None:
    with pytest.raises(Malformed) as caught:
        trigger(when=[{"value": "{{ x }}", "equals": 1}, {"value": "{{ event.name }}"}])
    assert [fault.path for fault in caught.value.faults] == [("when", 0, "value"), ("when", 1)]


def test_built_in_triggers_are_of_all_events_and_of_all_pages() -> None:
    found = {name: compile_trigger(name, known) for name, known in BUILT_IN.items()}
    holding = {
        event_name: [
            name for name, matcher in found.items() if matcher.holds(Scope(event(name=event_name)))
        ]
        for event_name in ("page_view", "purchase")
    }
    assert holding == {"page_view": ["all_events", "all_pages"], "purchase": ["all_events"]}
