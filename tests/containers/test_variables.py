from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.containers.explain import Fault, Malformed
from server.containers.model import Variable
from server.containers.scope import MISSING, Beside, Scope
from server.containers.sources import Runtime
from server.containers.variables import MAX_CHAIN, compile_variables, stand_ins
from server.model import NO_VISITOR, Event, Item
from tests.samples import event

URL = "https://www.shop.example:8443/fr/shoes/red.html?size=42&q=a%20b+c#top"
GIVEN = event(
    name="purchase",
    url=URL,
    referrer="http://news.example/a?ref=x",
    value="59.9000",
    currency="EUR",
    items=[
        Item(item_id="A", price="29.9500", props={"size": "42"}),
        Item(item_id="B", quantity=2),
    ],
    props={
        "plan": " Pro ",
        "logged_in": "true",
        "user": '{"plan":"gold","tags":["a","b"]}',
        "count": "12",
        "broken": "{",
    },
)
BESIDE = Beside(cookies={"_ga": "GA1.1.2.3"}, headers={"accept-language": "fr-FR"})


def value(given_event: Event = GIVEN, **variable: Any) -> Any:
    return values({"x": variable}, given_event)["x"]


def values(variables: dict[str, Any], given_event: Event = GIVEN) -> dict[str, Any]:
    known = compiled(variables)
    scope = Scope(given_event, BESIDE, len(variables))
    return {name: known.reads[name](scope) for name in variables}


def compiled(variables: dict[str, Any]) -> Any:
    runtime = Runtime(version=7, environment="staging")
    return compile_variables(msgspec.convert(variables, dict[str, Variable]), runtime)


def faults(**variables: Any) -> list[Fault]:
    with pytest.raises(Malformed) as caught:
        compiled(variables)
    return caught.value.faults


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ({"type": "event", "field": "value"}, 59.9),
        ({"type": "event", "field": "event.props.count"}, "12"),
        ({"type": "event", "field": "props.none"}, MISSING),
        ({"type": "url"}, URL),
        ({"type": "url", "part": "scheme"}, "https"),
        ({"type": "url", "part": "host"}, "shop.example"),
        ({"type": "url", "part": "port"}, "8443"),
        ({"type": "url", "part": "path"}, "/fr/shoes/red.html"),
        ({"type": "url", "part": "extension"}, "html"),
        ({"type": "url", "part": "query"}, "size=42&q=a%20b+c"),
        ({"type": "url", "part": "fragment"}, "top"),
        ({"type": "url", "part": "query", "key": "size"}, "42"),
        ({"type": "url", "part": "query", "key": "q"}, "a b c"),
        ({"type": "url", "part": "query", "key": "none"}, MISSING),
        ({"type": "url", "part": "host", "of": "{{ event.referrer }}"}, "news.example"),
        ({"type": "url", "part": "port", "of": "{{ event.referrer }}"}, "80"),
        ({"type": "url", "part": "host", "of": "http://[broken"}, MISSING),
        ({"type": "referrer", "part": "path"}, "/a"),
        ({"type": "referrer", "part": "query", "key": "ref"}, "x"),
        ({"type": "cookie", "name": "_ga"}, "GA1.1.2.3"),
        ({"type": "cookie", "name": "none"}, MISSING),
        ({"type": "header", "name": "accept-language"}, "fr-FR"),
        ({"type": "header", "name": "dnt"}, MISSING),
        ({"type": "constant", "value": 12}, 12),
        ({"type": "constant", "value": {"a": ["{{ x }}"]}}, {"a": ["{{ x }}"]}),
        ({"type": "value", "value": "{{ event.value }}"}, 59.9),
        ({"type": "value", "value": "{{ event.name }}!"}, "purchase!"),
        (
            {"type": "value", "value": {"v": "{{ event.value }}", "n": "{{ event.title }}"}},
            {"v": 59.9},
        ),
        ({"type": "container_version"}, 7),
        ({"type": "environment"}, "staging"),
        ({"type": "visitor", "field": "visitor_id"}, GIVEN.visitor_id),
        ({"type": "visitor", "field": "user_id"}, MISSING),
        ({"type": "visitor", "field": "session_number"}, 1),
        ({"type": "visitor", "field": "is_new"}, True),
        ({"type": "data_layer", "path": "user.plan"}, "gold"),
        ({"type": "data_layer", "path": "user.tags.1"}, "b"),
        ({"type": "data_layer", "path": "user.tags.2"}, MISSING),
        ({"type": "data_layer", "path": "user.tags.x"}, MISSING),
        ({"type": "data_layer", "path": "user.plan.deeper"}, MISSING),
        ({"type": "data_layer", "path": "broken.a"}, MISSING),
        ({"type": "data_layer", "path": "plan"}, " Pro "),
        ({"type": "data_layer", "path": "event"}, "purchase"),
        ({"type": "data_layer", "path": "ecommerce.value"}, 59.9),
        ({"type": "data_layer", "path": "ecommerce.items.0.item_id"}, "A"),
        ({"type": "items", "key": "item_id"}, ["A", "B"]),
        ({"type": "items", "key": "size"}, ["42"]),
        ({"type": "items", "key": "none"}, MISSING),
    ],
)
def test_a_variable_takes_its_value_from_where_it_says(
    variable: dict[str, Any], expected: object
) -> None:
    assert value(**variable) == expected


def test_of_nobody_nothing_is_known() -> None:
    nobody = event(visitor_id=NO_VISITOR, session_id=0, session_number=0)
    for field in ("visitor_id", "user_id", "session_id", "session_number", "is_new"):
        assert value(nobody, type="visitor", field=field) is MISSING


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, " Pro "),
        ({"trim": True}, "Pro"),
        ({"trim": True, "case": "lower"}, "pro"),
        ({"trim": True, "case": "upper"}, "PRO"),
        ({"trim": True, "hash": "sha256"}, hashlib.sha256(b"Pro").hexdigest()),
        ({"as": "number"}, MISSING),
        ({"as": "number", "default": 0}, 0),
        ({"as": "boolean", "default": False}, False),
    ],
)
def test_a_value_is_shaped(more: dict[str, Any], expected: object) -> None:
    assert value(type="event", field="props.plan", **more) == expected


@pytest.mark.parametrize(
    ("field", "more", "expected"),
    [
        ("props.count", {"as": "number"}, 12),
        ("value", {"as": "text"}, "59.9"),
        ("props.logged_in", {"as": "boolean"}, True),
        ("is_preview", {"as": "boolean"}, False),
        ("is_preview", {"as": "number"}, 0),
        ("is_preview", {"when_false": "no"}, "no"),
        ("props.logged_in", {"when_true": "yes"}, "yes"),
        ("props.logged_in", {"when_true": "yes", "case": "upper"}, "YES"),
        ("title", {"default": "untitled", "case": "upper"}, "untitled"),
    ],
)
def test_values_become_other_kinds(field: str, more: dict[str, Any], expected: object) -> None:
    found = value(event(value="59.9000", props=GIVEN.props), type="event", field=field, **more)
    assert found == expected


TABLE = {"EUR": "euro", "usd": 2, "12": "{{ event.name }}", "59.9": ["a"]}


@pytest.mark.parametrize(
    ("looked_up", "more", "expected"),
    [
        ("{{ event.currency }}", {}, "euro"),
        ("{{ event.props.count }}", {}, "purchase"),
        ("{{ event.value }}", {}, ["a"]),
        ("USD", {}, MISSING),
        ("USD", {"ignore_case": True}, 2),
        ("x", {"default": "other"}, "other"),
        ("{{ event.title }}", {}, MISSING),
    ],
)
def test_a_table_is_looked_up(looked_up: str, more: dict[str, Any], expected: object) -> None:
    assert value(type="lookup", input=looked_up, table=TABLE, **more) == expected


ROWS = [
    {"matches": "^/(fr|de)/([a-z]+)", "gives": "$2-$1 ($0)"},
    {"matches": "purchase", "gives": "{{ event.value }}"},
    {"matches": "(a)|(b)", "gives": "<$1$2>"},
]


@pytest.mark.parametrize(
    ("looked_at", "more", "expected"),
    [
        ("/de/hats/x", {}, "hats-de (/de/hats)"),
        ("/DE/hats", {}, "<a>"),
        ("/DE/hats", {"ignore_case": True}, "hats-DE (/DE/hats)"),
        ("{{ event.name }}", {}, 59.9),
        ("b", {}, "<b>"),
        ("z", {"default": "?"}, "?"),
    ],
)
def test_the_first_pattern_that_matches_gives_the_value(
    looked_at: str, more: dict[str, Any], expected: object
) -> None:
    assert value(type="pattern", input=looked_at, rows=ROWS, **more) == expected


def test_chance_is_the_same_for_one_event_and_fair_over_many() -> None:
    dice = {"type": "random", "from": 1, "to": 6}
    thrown = [value(event(n), **dice) for n in range(600)]
    assert thrown == [value(event(n), **dice) for n in range(600)]
    assert set(thrown) == {1, 2, 3, 4, 5, 6}
    assert all(60 < thrown.count(side) < 140 for side in range(1, 7))
    two = values({"x": dice, "y": dice}, event(3))
    assert any(values({"x": dice, "y": dice}, event(n))["x"] != two["x"] for n in range(20))


def test_variables_look_at_each_other_in_any_order() -> None:
    assert values(
        {
            "last": {"type": "value", "value": "{{ middle }}!"},
            "middle": {"type": "value", "value": "{{ first }}-{{ event.currency }}"},
            "first": {"type": "event", "field": "name", "case": "upper"},
        }
    ) == {"last": "PURCHASE-EUR!", "middle": "PURCHASE-EUR", "first": "PURCHASE"}


def test_a_variable_is_read_once_and_only_if_it_is_asked_for() -> None:
    known = compiled(
        {"a": {"type": "event", "field": "name"}, "b": {"type": "value", "value": "{{ a }}{{ a }}"}}
    )
    scope = Scope(GIVEN, BESIDE, 2)
    assert known.reads["b"](scope) == "purchasepurchase"
    scope.event = event(name="other")
    assert known.reads["a"](scope) == "purchase"
    assert known.uses == {"a": (), "b": ("a",)}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"a": "{{ a }}"}, [Fault(("a",), "needs itself: a → a")]),
        (
            {"a": "{{ b }}", "b": "x{{ c }}", "c": "{{ b }}"},
            [Fault(("b",), "needs itself: b → c → b")],
        ),
        (
            {"a": "{{ b }}", "b": "{{ a }}", "c": "{{ d }}", "d": "{{ c }}"},
            [
                Fault(("a",), "needs itself: a → b → a"),
                Fault(("c",), "needs itself: c → d → c"),
            ],
        ),
    ],
)
def test_a_circle_is_told_by_its_names(variables: dict[str, str], expected: list[Fault]) -> None:
    trees = {name: {"type": "value", "value": text} for name, text in variables.items()}
    assert faults(**trees) == expected


def chain(length: int) -> dict[str, Any]:
    return {
        f"v{n}": {"type": "value", "value": f"{{{{ v{n + 1} }}}}" if n + 1 < length else "end"}
        for n in range(length)
    }


def test_a_chain_may_be_long_but_not_endless() -> None:
    assert values(chain(MAX_CHAIN))["v0"] == "end"
    assert faults(**chain(5000)) == [
        Fault(
            (f"v{5000 - MAX_CHAIN - 1}",), f"more than {MAX_CHAIN} variables, one behind the other"
        )
    ]


@pytest.mark.parametrize(
    ("variable", "path", "told"),
    [
        ({"type": "event", "field": "nme"}, ("field",), "did you mean event.name?"),
        ({"type": "value", "value": {"a": "{{ y }}"}}, ("value", "a"), "`y` is not known"),
        ({"type": "url", "key": "a"}, ("key",), "only with `part: query`"),
        ({"type": "url", "of": "{{ y }}"}, ("of",), "`y` is not known"),
        ({"type": "random", "from": 3, "to": 2}, ("to",), "expected no less than `from`"),
        ({"type": "data_layer", "path": ".".join("a" * 13)}, ("path",), "13 parts; 12 at most"),
        (
            {"type": "data_layer", "path": ".plan"},
            ("path",),
            "expected such as user.plan: it begins with nothing",
        ),
        (
            {"type": "data_layer", "path": "ecommerce."},
            ("path",),
            "expected such as user.plan: it begins with nothing",
        ),
        ({"type": "lookup", "input": "{{", "table": {"a": 1}}, ("input",), "without `}}`"),
        (
            {"type": "lookup", "input": "a", "table": {"k": "{{ y }}"}},
            ("table", "k"),
            "`y` is not known",
        ),
        (
            {"type": "pattern", "input": "a", "rows": [{"matches": "(", "gives": 1}]},
            ("rows", 0, "matches"),
            "RE2: missing )",
        ),
        (
            {"type": "pattern", "input": "a", "rows": [{"matches": "(a)", "gives": "$2"}]},
            ("rows", 0, "gives"),
            "`$2`: the pattern has 1 pairs of brackets",
        ),
        (
            {"type": "pattern", "input": "a", "rows": [{"matches": "a", "gives": "$0{{ x }}"}]},
            ("rows", 0, "gives"),
            "not both",
        ),
    ],
)
def test_what_is_wrong_with_a_variable_is_told_with_its_place(
    variable: dict[str, Any], path: tuple[str | int, ...], told: str
) -> None:
    (fault,) = faults(x=variable)
    assert fault.path == ("x", *path)
    assert told in fault.text


def test_a_variable_is_not_called_event() -> None:
    assert faults(event={"type": "environment"}) == [
        Fault(("event",), "is the event's own name; choose another")
    ]
    assert list(stand_ins({"event": 1, "a": 1})) == ["a"]
    assert stand_ins({"a": 1})["a"](Scope(GIVEN)) is MISSING


@given(st.text(max_size=60), st.sampled_from(["url", "referrer"]), st.text(max_size=3))
def test_whatever_an_address_is_no_part_of_it_raises(text: str, kind: str, key: str) -> None:
    given_event = replace(GIVEN, **{kind: text})
    for part in ("href", "scheme", "host", "port", "path", "extension", "query", "fragment"):
        value(given_event, type=kind, part=part)
    value(given_event, type=kind, part="query", key=key)
