from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.containers.explain import HOLE, Fault, Malformed
from server.containers.lookup import FIELDS, MAX_TEXT_BYTES
from server.containers.scope import MISSING, Scope
from server.containers.values import (
    LOWER_CASE,
    MAX_ALL_PLACEHOLDERS,
    MAX_PLACEHOLDERS,
    compile_value,
    fill,
    holed,
    is_almost_secret,
    is_secret,
    secret_places,
    secrets_of,
)
from server.model import Item
from tests.samples import event, full_event

PURCHASE = event(
    name="purchase",
    value="59.9000",
    currency="EUR",
    items=[Item(item_id="SKU-1", price="29.9500", quantity=2)],
    props={"colour": "red", "größe": "XL"},
    nums={"count": 3.0},
)
NAMES = st.sampled_from(FIELDS).map(lambda name: f"{{{{ event.{name} }}}}")
TEXTS = st.text(max_size=5) | NAMES | st.lists(NAMES | st.text("a b{}$.", max_size=5)).map("".join)
TREES: Any = st.recursive(
    TEXTS | st.integers(-9, 9) | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=8,
)


def filled(tree: Any, texts: Any = ()) -> Any:
    return fill(compile_value(tree, texts), Scope(PURCHASE))


def faults(tree: Any) -> list[Fault]:
    with pytest.raises(Malformed) as caught:
        compile_value(tree)
    return caught.value.faults


def test_settings_are_filled_with_the_event_s_values() -> None:
    settings = {
        "url": "https://partner.example/{{event.name}}?n={{ event.nums.count }}",
        "key": "$secret.PARTNER_KEY",
        "body": {
            "value": "{{ event.value }}",
            "size": "{{ event.props.größe }}",
            "items": "{{ event.items }}",
            "static": [1, 2.5, True, None, "}} text"],
        },
    }
    before = copy.deepcopy(settings)
    assert filled(settings) == {
        "url": "https://partner.example/purchase?n=3",
        "key": "$secret.PARTNER_KEY",
        "body": {
            "value": 59.9,
            "size": "XL",
            "items": [{"item_id": "SKU-1", "price": 29.95, "quantity": 2}],
            "static": [1, 2.5, True, None, "}} text"],
        },
    }
    assert settings == before


def test_what_is_missing_takes_its_key_or_element_with_it() -> None:
    settings = {
        "a": "{{ event.user_id }}",
        "b": ["{{ event.props.none }}", "{{ event.currency }}", "{{ event.client_ahead_ms }}"],
        "c": {"d": "{{ event.title }}"},
        "e": "u-{{ event.user_id }}",
        "f": "{{ event.user_id }}{{ event.title }}",
        "g": "",
    }
    assert filled(settings) == {"b": ["EUR"], "c": {}, "e": "u-", "f": "", "g": ""}
    assert filled("{{ event.user_id }}") is MISSING


def test_in_a_longer_text_values_are_text() -> None:
    text = "{{ event.value }} {{ event.is_preview }} {{ event.items }} {{ event.props }}"
    assert filled(text) == (
        '59.9 false [{"item_id":"SKU-1","price":29.95,"quantity":2}] {"colour":"red","größe":"XL"}'
    )


def test_where_only_text_fits_a_number_is_written_out() -> None:
    settings = {"a": "{{ event.value }}", "b": "{{ event.value }}", "c": "{{ event.user_id }}"}
    assert filled(settings, {("a",), ("c",)}) == {"a": "59.9", "b": 59.9}


def test_a_value_in_an_address_stays_one_segment_or_one_query_value() -> None:
    tree = {
        "url": "https://a.example/{{ event.props.dots }}/{{ event.path }}?t={{ event.title }}&n=1",
        "alone": "{{ event.title }}",
    }
    given = event(title="Ann Lee & co", path="../admin?x=#é", props={"dots": ".."})
    assert fill(compile_value(tree, urls={"url"}), Scope(given)) == {
        "url": "https://a.example//..%2Fadmin%3Fx%3D%23%C3%A9?t=Ann%20Lee%20%26%20co&n=1",
        "alone": "Ann Lee & co",
    }


def test_an_address_that_becomes_too_long_is_none() -> None:
    compiled = compile_value({"url": "https://a.example/{{ event.title }}/x"}, urls={"url"})
    assert fill(compiled, Scope(event(title="é" * 2000))) == {"url": ""}
    assert fill(compiled, Scope(event(title="é" * 9))) == {
        "url": f"https://a.example/{'%C3%A9' * 9}/x",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ evnt.name }}", "`evnt.name` is not known; did you mean event.name?"),
        ("a {{ event.name", "`{{ event.name`: `{{` without `}}`"),
        ("{{}}", "`{{ }}` is empty; expected such as `{{ event.name }}`"),
        ("{{  }}", "`{{ }}` is empty; expected such as `{{ event.name }}`"),
        ("{{ {{ event.name }} }}", "`{{ event.name` is not known; did you mean event.name?"),
        ("{{ event.name }}" * 51, f"51 placeholders; {MAX_PLACEHOLDERS} at most"),
        ("{{" * 500_000, f"500000 placeholders; {MAX_PLACEHOLDERS} at most"),
        (
            "{{ event.name }}" + "x" * MAX_TEXT_BYTES,
            f"a text with placeholders has {MAX_TEXT_BYTES} bytes at most",
        ),
        ("$secret.key", LOWER_CASE),
        *[
            (
                text,
                "a secret stands alone, as $secret.NAME with A-Z, 0-9 and _; "
                "what belongs around it, such as `Bearer `, goes into the secret",
            )
            for text in (
                "Bearer $secret.KEY",
                "$secret.KEY\n",
                "$secret.",
                "$secret.../KEY",
                "$secret.{{ event.name }}",
                f"$secret.{'A' * 65}",
            )
        ],
    ],
)
def test_a_wrong_text_is_told_with_its_path(text: str, expected: str) -> None:
    assert faults({"a": [text]}) == [Fault(("a", 0), expected)]


def test_all_faults_are_told_at_once() -> None:
    assert faults({"a": "{{ x", "b": {"c": "{{ }}"}, "{{ d }}": float("nan")}) == [
        Fault(("{{ d }}",), "not a finite number"),
        Fault(("{{ d }}",), "as a key: no placeholders, no secrets"),
        Fault(("a",), "`{{ x`: `{{` without `}}`"),
        Fault(("b", "c"), "`{{ }}` is empty; expected such as `{{ event.name }}`"),
    ]


def test_a_tree_holds_so_many_placeholders() -> None:
    tree = ["{{ event.name }}"] * MAX_ALL_PLACEHOLDERS
    assert filled(tree) == ["purchase"] * MAX_ALL_PLACEHOLDERS
    assert faults([*tree, "{{ event.name }}"]) == [
        Fault((), f"{MAX_ALL_PLACEHOLDERS + 1} placeholders; {MAX_ALL_PLACEHOLDERS} at most")
    ]


def test_a_filled_text_is_bounded() -> None:
    long = event(title="é" * 10_000)
    text = fill(compile_value("{{ event.title }}{{ event.title }}!"), Scope(long))
    assert text == "é" * (MAX_TEXT_BYTES // 2)
    assert fill(compile_value("x" * 10_000), Scope(long)) == "x" * 10_000


def test_values_of_an_event_never_make_a_secret_together() -> None:
    split = event(props={"a": "$secr", "b": "et.KEY"})
    tree = {"x": "{{ event.props.a }}{{ event.props.b }}", "y": "{{ event.props.a }}"}
    assert fill(compile_value(tree), Scope(split)) == {"y": "$secr"}


@given(TREES)
def test_filling_gives_the_same_bounded_json_each_time(tree: Any) -> None:
    try:
        compiled = compile_value(tree)
    except Malformed:
        return
    first = fill(compiled, Scope(full_event()))
    assert first == fill(compiled, Scope(full_event()))
    if first is not MISSING:
        msgspec.json.encode(first)
        assert secrets_of(first) <= secrets_of(tree)


def test_what_an_event_completes_is_a_hole() -> None:
    tree = {"a": "{{ event.name }}", "b": ["$secret.K", "x {{ y }}", "z", 1]}
    assert holed(tree) == {"a": HOLE, "b": [HOLE, HOLE, "z", 1]}


def test_secrets_are_found_wherever_they_stand() -> None:
    tree = {"a": "$secret.ONE", "b": [{"c": "$secret.TWO"}, "$secret.ONE"], "d": "$secretly"}
    assert secrets_of(tree) == {"ONE", "TWO"}
    assert list(secret_places(tree, ("with",))) == [
        ("ONE", ("with", "a")),
        ("TWO", ("with", "b", 0, "c")),
        ("ONE", ("with", "b", 1)),
    ]
    values = ("$secret.A_1", "$secret.a_1", "$secret.1", 5)
    assert [is_secret(value) for value in values] == [True, False, False, False]
    assert [is_almost_secret(value) for value in values] == [False, True, False, False]
