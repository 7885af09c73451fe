"""Conditions for the page: the table says what the server says, and what no page knows is told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from server.containers.explain import Malformed
from server.containers.match import compile_trigger
from server.containers.model import Condition, Trigger, Variable
from server.containers.model.variable import Constant, Running, VisitorField, Who
from server.containers.page.conditions import Never, asked, check_of
from server.containers.page.looks import Known
from server.containers.scope import Scope
from server.dialects.values import texts
from tests.containers.page.cases import CASES, Case
from tests.samples import event

NOTHING = Known(variables={})
PROP = "{{ event.props.x }}"


def condition(operator: dict[str, Any], value: str = PROP) -> Condition:
    return msgspec.convert({"value": value, **operator}, Condition)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_server_says_what_the_table_says(case: Case) -> None:
    value, operator, expected = case
    props = {} if value is None else {"x": value}
    trigger = compile_trigger("t", Trigger(when=[condition(operator)]))
    assert trigger.holds(Scope(event(props=texts(props)))) is expected
    assert isinstance(check_of(condition(operator), NOTHING), list)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("event.country", "`event.country`, which a page does not know"),
        ("event.visitor_id", "which a page does not know"),
        ("event.nums.x", "look at `event.props"),
        ("event.props.value", "is `event.value`"),
        ("event.props.constructor", "which a page does not know"),
        ("event.event_id", "as the collector has it"),
        ("event.currency", "as the collector has it"),
        ("who", "variable who, which a page does not know"),
    ],
)
def test_what_no_page_knows_is_told(value: str, told: str) -> None:
    known = Known(variables={"who": Who(field=VisitorField.IS_NEW)})
    with pytest.raises(ValueError, match=told):
        check_of(condition({"equals": "x"}, f"{{{{ {value} }}}}"), known)


@pytest.mark.parametrize(
    "operator",
    [{"equals": 2**53}, {"greater": 1e300}, {"equals": 1e-30}, {"matches": r"(?i)x"}],
    ids=str,
)
def test_what_a_browser_would_see_otherwise_is_refused(operator: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"which a page does not know|of groups only"):
        check_of(condition(operator), NOTHING)


@pytest.mark.parametrize("operator", [{"contains": "1"}, {"equals": "x"}, {"matches": "1"}])
def test_an_amount_is_compared_as_a_number_only(operator: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"`event\.value` is a number"):
        check_of(condition(operator, "{{ event.value }}"), NOTHING)
    assert check_of(condition({"greater": 1}, "{{ event.value }}"), NOTHING)


def test_what_is_known_beforehand_is_answered_beforehand() -> None:
    variables: dict[str, Variable] = {"running": Running(), "brand": Constant(value="a")}
    known = Known(variables=variables, environment="live")
    live = condition({"equals": "live"}, "{{ running }}")
    other = condition({"contains": "b"}, "{{ brand }}")
    assert asked(Trigger(event="x", when=[live]), known) == asked(Trigger(event="x"), known)
    assert asked(Trigger(event="x", when=[live, other]), known) == Never()


def test_what_depends_on_earlier_events_is_refused_all_at_once() -> None:
    trigger = Trigger(sample=10, when=[condition({"equals": "FR"}, "{{ event.country }}")])
    with pytest.raises(Malformed) as raised:
        asked(trigger, NOTHING)
    assert len(raised.value.faults) == 2
