from __future__ import annotations

from typing import Any

import msgspec
import pytest

from server.containers.decide import Plan, Send, compile_container, decide
from server.containers.explain import Fault, Malformed
from server.containers.fields import CHANGEABLE, FIXED, PERSONAL, SETTABLE
from server.containers.model import Container, Transformation
from server.containers.scope import Beside, Scope
from server.containers.transform import compile_transformation, shown_person
from server.model import Event, Item, Person
from tests.containers.kinds import TYPES, tree
from tests.samples import event, full_event

ORDER = event(
    name="purchase",
    value="59.9000",
    currency="EUR",
    user_id="u1",
    url="https://shop.example/a",
    items=[Item(item_id="A")],
    props={"colour": "red", "size": "42"},
    nums={"size": 42.0},
)


def plan(transformations: dict[str, Any], **more: Any) -> Plan:
    body = {"name": "{{ event.name }}", "user": "{{ event.user_id }}", "ga": "{{ ga }}"}
    tag = {"type": "webhook", "fires_on": ["all_events"], "needs_consent": []}
    settings = {"url": "https://a.example", "body": body}
    container = tree(
        variables={
            "ga": {"type": "cookie", "name": "_ga"},
            "tier": {"type": "event", "field": "props.colour", "case": "upper"},
        },
        transformations=transformations,
        tags={name: {**tag, "with": settings} for name in ("a", "b")},
        **more,
    )
    return compile_container(msgspec.convert(container, Container), TYPES)


def sends(given: Event = ORDER, **transformation: Any) -> dict[str, Send]:
    beside = Beside(cookies={"_ga": "GA1"})
    return {send.tag: send for send in decide(given, plan({"t": transformation}), beside).sends}


def seen(**transformation: Any) -> Event:
    """The order as a tag sees it."""
    return sends(**transformation)["a"].event or ORDER


def changed(given: Event) -> dict[str, Any]:
    """In what an event differs from the order."""
    return {
        name: value
        for name in Event.__struct_fields__
        if (value := getattr(given, name)) != getattr(ORDER, name)
    }


@pytest.mark.parametrize(
    ("transformation", "expected"),
    [
        ({"exclude": ["user_id", "value"]}, {"user_id": "", "value": None}),
        ({"exclude": ["props.size"]}, {"props": {"colour": "red"}, "nums": {}}),
        ({"exclude": ["props"]}, {"props": {}, "nums": {}}),
        ({"exclude": ["items"]}, {"items": []}),
        (
            {"allow": ["value", "currency", "url", "props.size"]},
            {"user_id": "", "items": [], "props": {"size": "42"}},
        ),
        (
            {"allow": ["props", "items"]},
            {"user_id": "", "value": None, "currency": "", "url": ""},
        ),
        (
            {"augment": {"name": "order", "title": "{{ tier }}!"}},
            {"name": "order", "title": "RED!"},
        ),
        (
            {"augment": {"props.n": "{{ event.value }}", "props.size": "x"}},
            {"props": {"colour": "red", "size": "x", "n": "59.9"}, "nums": {"n": 59.9}},
        ),
        ({"augment": {"value": 12, "currency": "usd"}}, {"value": "12.0000", "currency": "USD"}),
        ({"augment": {"value": "much", "currency": "money", "name": ""}}, {}),
        ({"augment": {"title": "{{ event.props.none }}"}}, {}),
        (
            {"exclude": ["props.size"], "augment": {"props.kept": "{{ event.props.size }}"}},
            {"props": {"colour": "red", "kept": "42"}, "nums": {"kept": 42.0}},
        ),
    ],
)
def test_a_tag_sees_what_the_transformation_leaves(
    transformation: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert changed(seen(**transformation)) == expected


def test_what_is_left_out_is_not_in_the_settings_either() -> None:
    body = sends(exclude=["user_id", "person.cookies"])["a"].settings["body"]
    assert body == {"name": "purchase"}
    assert sends(exclude=["value"])["a"].settings["body"]["ga"] == "GA1"


@pytest.mark.parametrize(
    ("transformation", "hidden"),
    [
        ({"exclude": ["value"]}, set()),
        ({"exclude": ["person.ip", "person.email"]}, {"ip", "email"}),
        ({"exclude": ["person"]}, set(PERSONAL)),
        ({"allow": ["value"]}, set(PERSONAL)),
        ({"allow": ["value", "person"]}, set()),
        ({"allow": ["person.email"]}, set(PERSONAL) - {"email"}),
        ({"allow": ["person"], "exclude": ["person.ip"]}, {"ip"}),
    ],
)
def test_what_is_personal_can_be_hidden(transformation: dict[str, Any], hidden: set[str]) -> None:
    assert sends(**transformation)["a"].hidden == hidden


@pytest.mark.parametrize(
    ("more", "changed_for"),
    [
        ({}, ["a", "b"]),
        ({"tags": ["b"]}, ["b"]),
        ({"except_tags": ["b"]}, ["a"]),
        ({"event": "refund"}, []),
        ({"event": ["refund", "purchase"]}, ["a", "b"]),
        ({"when": [{"value": "{{ tier }}", "equals": "BLUE"}]}, []),
        ({"when": [{"value": "{{ tier }}", "equals": "RED"}]}, ["a", "b"]),
        ({"paused": True}, []),
    ],
)
def test_it_is_for_some_tags_and_events(more: dict[str, Any], changed_for: list[str]) -> None:
    found = sends(exclude=["user_id"], **more)
    assert [name for name, send in found.items() if send.event is not None] == changed_for
    assert list(found) == ["a", "b"]


def test_several_are_applied_in_order_and_conditions_see_the_event_as_it_came() -> None:
    red = [{"value": "{{ event.props.colour }}", "equals": "red"}]
    compiled = plan(
        {
            "first": {"exclude": ["props.colour"]},
            "second": {"when": red, "augment": {"title": "{{ event.props.colour }}?"}},
            "third": {"augment": {"props.title": "{{ event.title }}"}},
        }
    )
    found = decide(ORDER, compiled).sends[0].event
    assert found is not None
    assert (found.title, found.props) == ("?", {"size": "42", "title": "?"})


def test_every_column_can_be_left_out_or_is_fixed() -> None:
    assert set(CHANGEABLE) | FIXED == set(Event.__struct_fields__)
    whole = full_event()
    everything = compile_transformation("t", Transformation(exclude=list(CHANGEABLE)), {})
    found = everything.changed(Scope(whole))
    for name in FIXED - {"nums"}:
        assert getattr(found.event, name) == getattr(whole, name)
    for name in CHANGEABLE:
        assert not getattr(found.event, name)


def test_the_times_of_clicks_are_hidden_with_them() -> None:
    person = Person(email="a", click_ids={"gclid": "x"}, clicked_at={"gclid": 1})
    assert shown_person(person, frozenset({"click_ids"})) == Person(email="a")
    assert shown_person(person, frozenset(PERSONAL)) == Person()


@pytest.mark.parametrize(
    ("raw", "path", "told"),
    [
        ({}, (), "expected `allow`, `exclude` or `augment`"),
        ({"exclude": ["vlue"]}, ("exclude", 0), "no field 'vlue'; did you mean value?"),
        ({"exclude": ["visitor_id"]}, ("exclude", 0), "it stays"),
        ({"allow": ["person.mail"]}, ("allow", 0), "nothing of a person; did you mean email?"),
        ({"allow": ["props."]}, ("allow", 0), "no field 'props.'"),
        ({"augment": {"items": 1}}, ("augment", "items"), "cannot be set"),
        ({"augment": {"visitor_id": 1}}, ("augment", "visitor_id"), "cannot be set"),
        ({"augment": {"person.ip": "x"}}, ("augment", "person.ip"), "can be left out, not set"),
        ({"augment": {"titel": "x"}}, ("augment", "titel"), "did you mean title?"),
        ({"augment": {"title": "{{ y }}"}}, ("augment", "title"), "`y` is not known"),
        (
            {"exclude": ["title"], "when": [{"value": "{{ y }}", "equals": 1}]},
            ("when", 0, "value"),
            "`y` is not known",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    raw: dict[str, Any], path: tuple[str | int, ...], told: str
) -> None:
    with pytest.raises(Malformed) as caught:
        compile_transformation("t", msgspec.convert(raw, Transformation), {})
    (fault,) = caught.value.faults
    assert isinstance(fault, Fault)
    assert fault.path == path
    assert told in fault.text


def test_only_texts_names_and_amounts_are_set() -> None:
    assert {"name", "value", "title", "user_id", "currency"} <= set(SETTABLE)
    assert not {"visitor_id", "consent", "items", "click_ids"} & set(SETTABLE)
