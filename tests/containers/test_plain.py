from __future__ import annotations

import datetime
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.containers.explain import HOLE, Fault, Malformed
from server.containers.plain import CYCLE, MAX_DEPTH, MAX_NODES, plain

PLAIN: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_what_is_plain_stays_as_it_is(tree: Any) -> None:
    assert plain(tree) == (tree, [])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, "not a finite number"),
        (math.inf, "not a finite number"),
        (2**63, "a number beyond 64 bits; write it in quotes"),
        ("\ud800", "half a surrogate pair"),
        (b"x", "expected text, number, list or mapping, got bytes; use quotes"),
        (datetime.time(1, 2), "expected text, number, list or mapping, got time; use quotes"),
        ({1}, "expected text, number, list or mapping, got set; use quotes"),
        (CYCLE, "an alias that contains itself"),
    ],
)
def test_what_no_container_holds_is_told_and_leaves_a_hole(value: object, expected: str) -> None:
    assert plain({"a": [1, value]}) == ({"a": [1, HOLE]}, [Fault(("a", 1), expected)])


def test_keys_are_texts_of_their_own() -> None:
    expected = "as a key: expected a text of its own, on one line"
    tree, faults = plain({1: "a", "1": "b", None: "c", "d\n": "e"})
    assert tree == {"1": "b", "None": "c", "d\n": "e"}
    assert faults == [Fault((name,), expected) for name in ("1", "None", "d\n")]


def test_a_tree_that_contains_itself_ends() -> None:
    tree: dict[str, Any] = {"a": {"b": []}}
    tree["a"]["b"] += [tree["a"], tree["a"]]
    assert plain(tree) == (
        {"a": {"b": [HOLE, HOLE]}},
        [Fault(("a", "b", index), "an alias that contains itself") for index in (0, 1)],
    )


def test_the_same_part_twice_is_no_cycle() -> None:
    part = {"x": 1}
    assert plain([part, part]) == ([part, part], [])


def test_a_deep_tree_is_cut() -> None:
    tree: Any = 1
    for _ in range(MAX_DEPTH + 2):
        tree = [tree]
    _, faults = plain(tree)
    assert faults == [Fault((0,) * (MAX_DEPTH + 1), f"nested deeper than {MAX_DEPTH}")]


def test_aliases_of_aliases_do_not_explode() -> None:
    tree: Any = [1] * 10
    for _ in range(20):
        tree = [tree] * 10
    with pytest.raises(Malformed, match=f"too many values, aliases counted; {MAX_NODES} at most"):
        plain(tree)


def test_a_day_is_its_text() -> None:
    assert plain([datetime.date(2026, 1, 1)]) == (["2026-01-01"], [])
