from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from server.containers.explain import HOLE, MAX_FAULTS, Fault, faults, hint, spelled, text_places
from server.containers.model import Container, Purpose
from tests.containers.kinds import Hook, Measure

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "sites", "cookie", "mode", "days", "when", "type", "in", "zz"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


class Size(StrEnum):
    LARGE = "large"
    SMALL = "small"


def test_faults_carry_their_path() -> None:
    tree = {"id": "shop", "sites": ["a", 5], "cookie": {"days": "x", "mod": "always"}}
    assert faults(tree, Container) == [
        Fault(("sites", 1), "expected `str`, got `int`"),
        Fault(("cookie", "mod"), "no such key; did you mean mode?"),
        Fault(("cookie", "days"), "expected `int`, got `str`"),
    ]


def test_faults_inside_mappings_by_name_carry_the_name() -> None:
    tree = {
        "id": "shop",
        "sites": ["self"],
        "triggers": {"Buy": {}, "buy": {"event": [1], "when": [{"in": "x"}]}},
        "tags": {"a": [], "b": {"type": "x", "fires_on": [], "with": 3}},
    }
    assert faults(tree, Container) == [
        Fault(
            ("triggers", "Buy"),
            "as a name: expected at most 64 of a-z, 0-9, _ and -, a letter first",
        ),
        Fault(("triggers", "buy", "event", 0), "expected `str`, got `int`"),
        Fault(("triggers", "buy", "when", 0, "value"), "missing"),
        Fault(("triggers", "buy", "when", 0, "in"), "expected a list, such as [x]"),
        Fault(("tags", "a"), "expected `object`, got `array`"),
        Fault(("tags", "b", "fires_on"), "expected `array` of length >= 1"),
        Fault(("tags", "b", "with"), "expected `object`, got `int`"),
    ]


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"id": "My_Shop"}, "id: expected 3 to 32 of a-z, 0-9 and -, a letter first"),
        ({"currency": "euro"}, "currency: expected three capitals such as EUR"),
        (
            {"observe": {"data_layer": "yes"}},
            "observe.data_layer: expected true or false, got `str`",
        ),
        (
            {"tags": {"a": {"type": "x", "fires_on": "all_pages"}}},
            "tags.a.fires_on: expected a list, such as [all_pages]",
        ),
        ({"sites": "self"}, "sites: expected a list, such as [self]"),
    ],
)
def test_what_is_expected_is_told_in_words(tree: dict[str, Any], expected: str) -> None:
    found = faults({"id": "shop", "sites": ["self"], **tree}, Container)
    assert [str(fault) for fault in found] == [expected]


def test_a_pattern_without_words_is_told_as_it_is() -> None:
    assert faults("x", Annotated[str, Meta(pattern="^a$")] | None) == [
        Fault((), "expected `str` matching regex '^a$'")
    ]


def test_what_a_struct_has_against_its_values_is_told_beside_holes() -> None:
    sound = {"measurement_id": "G", "api_secret": HOLE}
    assert faults({**sound, "name": "a b", "maps": [{"from": HOLE}]}, Measure) == [
        Fault((), "name: 'a b' is no name")
    ]
    assert faults({**sound, "name": "ab"}, Measure) == []
    assert faults({**sound, "name": HOLE}, Measure) == []


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("larg", Size, "'larg' is not one of large, small; did you mean large?"),
        ("GET", Literal["POST", "PUT"] | None, "'GET' is not one of POST, PUT"),
        ("ad_storag", Purpose, "did you mean ad_storage?"),
        (7, Size, "expected `str`, got `int`"),
    ],
)
def test_a_choice_is_told_with_the_words_that_there_are(
    value: object, kind: Any, expected: str
) -> None:
    (fault,) = faults(value, kind)
    assert fault.text.endswith(expected)


@given(st.dictionaries(st.sampled_from(Container.__struct_fields__), ANYTHING))
def test_faults_are_empty_exactly_when_the_document_converts(tree: dict[str, Any]) -> None:
    found = faults(tree, Container)
    try:
        msgspec.convert(tree, Container)
    except msgspec.ValidationError:
        assert found
    else:
        assert found == []


def test_unknown_keys_are_refused_even_where_the_type_would_take_them() -> None:
    tree = {"measurement_id": "G", "api_secret": "s", "maps": [{"form": "a", "from": "b"}]}
    assert faults(tree, Measure) == [Fault(("maps", 0, "form"), "no such key; did you mean from?")]


def test_a_hole_fits_everywhere_and_what_is_around_it_is_checked() -> None:
    fits = {"url": HOLE, "headers": {"a": HOLE}, "body": {"a": [HOLE]}, "method": HOLE}
    assert faults(fits, Hook) == []
    assert faults({"url": [HOLE], "headers": [HOLE], "body": {"a": HOLE}, "x": HOLE}, Hook) == [
        Fault(("x",), "no such key"),
        Fault(("url",), "expected `str`, got `array`"),
        Fault(("headers",), "expected `object`, got `array`"),
    ]
    assert faults({"measurement_id": HOLE, "api_secret": HOLE, "events": [HOLE]}, Measure) == []


def test_text_places_are_the_holes_where_a_number_would_be_refused() -> None:
    tree = {"url": HOLE, "headers": {"a": HOLE, "b": "x"}, "body": {"a": HOLE}, "secret": HOLE}
    assert set(text_places(tree, Hook)) == {("url",), ("headers", "a"), ("secret",)}
    assert set(text_places([HOLE, 1], list[int])) == set()
    assert set(text_places([HOLE], list[Annotated[str, Meta(min_length=3)]])) == {(0,)}
    assert set(text_places([HOLE], list[int | str])) == set()


def test_a_thousand_faults_are_told_as_the_first_fifty() -> None:
    found = faults({"id": "shop", "sites": list(range(1000))}, Container)
    assert len(found) == MAX_FAULTS


def test_a_path_is_one_short_line() -> None:
    assert spelled(("tags", "ga4", "with", "items", 2)) == "tags.ga4.with.items[2]"
    assert spelled(("a\nb", "x" * 10_000)) == f"a\\nb.{'x' * 80}…"


def test_a_word_of_ten_thousand_letters_has_no_nearest_one() -> None:
    assert hint("ab" * 5000, ["abab"]) == ""
    assert hint("aba", ["abab"]) == "; did you mean abab?"
