from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.containers.lookup import (
    FIELDS,
    MAX_TEXT_BYTES,
    bounded,
    number_of,
    reader,
    text_of,
)
from server.containers.scope import MISSING, Scope
from server.model import Event, Item
from tests.samples import NOON, event, full_event


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("event.name", "page_view"),
        ("event.occurred_at", NOON + 7),
        ("event.value", 1234567890123.45),
        ("event.is_preview", True),
        ("event.click_ids", ["gclid", "ttclid"]),
        ("event.consent", {"ad_storage": "granted", "analytics_storage": "denied"}),
        ("event.consent.ad_storage", "granted"),
        ("event.consent.ad_user_data", MISSING),
        ("event.nums", {"n": 3.5}),
        ("event.nums.n", 3.5),
        ("event.nums.m", MISSING),
        ("event.props.list", "[1,2]"),
        ("event.props.a key.with dots", MISSING),
        (
            "event.items",
            [
                {
                    "item_id": "SKU-1",
                    "price": 19.99,
                    "quantity": 2.5,
                    "index": 1,
                    "props": {"x": "y"},
                }
            ],
        ),
    ],
)
def test_a_field_gives_its_value_with_its_type(name: str, expected: object) -> None:
    assert reader(name)(Scope(full_event())) == expected


def test_whole_numbers_are_ints_so_that_a_strict_partner_takes_them() -> None:
    given = event(value="12.0000", nums={"a": 3.0, "b": 1e300})
    values = [reader(f"event.{name}")(Scope(given)) for name in ("value", "nums.a", "nums.b")]
    assert [(value, type(value)) for value in values] == [(12, int), (3, int), (1e300, float)]


def test_every_field_can_be_looked_up_and_what_is_not_there_is_missing() -> None:
    bare = event()
    found = {name: reader(f"event.{name}")(Scope(bare)) for name in FIELDS}
    assert [name for name, value in found.items() if value is not MISSING] == [
        *("event_id", "src", "off", "idx", "container_id", "container_version"),
        *("visitor_id", "session_id", "session_number", "name", "occurred_at", "received_at"),
        *(
            "resend",
            "page_seq",
            "browser_seq",
            "click_ids",
            "consent",
            "items",
            "props",
            "nums",
            "is_preview",
        ),
    ]
    assert set(Event.__struct_fields__) - set(FIELDS) == {"withheld"}


def test_an_item_gives_what_it_has() -> None:
    items = [Item(item_id="a", price="5.0000", discount=None), Item(price="no money", index=2)]
    assert reader("event.items")(Scope(event(items=items))) == [
        {"item_id": "a", "price": 5, "quantity": 1, "index": 0},
        {"index": 2, "quantity": 1},
    ]
    assert reader("event.items")(Scope(event(items=items[:1]))) == [
        {"item_id": "a", "price": 5, "quantity": 1}
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("evnt.name", "`evnt.name` is not known; did you mean event.name?"),
        ("evnt.props.colour", "`evnt.props.colour` is not known; did you mean event.props.colour?"),
        ("event.prop.colour", "`event.prop.colour` is not known; did you mean event.props.colour?"),
        ("event.nmae", "`event.nmae` is not known; did you mean event.name?"),
        ("name", "`name` is not known; did you mean event.name?"),
        ("props.x", "`props.x` is not known; did you mean event.props.x?"),
        ("event", "`event` is not known"),
        ("event.", "`event.` is not known"),
        ("event.withheld", "`event.withheld` is not known"),
        ("event.name | upper", "`event.name | upper` is not known"),
        ("event.__class__", "`event.__class__` is not known"),
        ("event.campagne_id", "`event.campagne_id` is not known; did you mean event.campaign_id?"),
        ("event.name.x", "`event.name.x`: `event.name` has nothing inside"),
        ("event.items.0", "`event.items.0`: `event.items` has nothing inside"),
        ("event.props.", "`event.props.`: expected a key after the dot"),
        ("event.consent.ad", "`event.consent.ad` is not a purpose"),
        (
            "event.consent.ad_storag",
            "`event.consent.ad_storag` is not a purpose; did you mean ad_storage?",
        ),
        ("", "`{{ }}` is empty; expected such as `{{ event.name }}`"),
        ("x" * 10_000, f"`{'x' * 80}…` is not known"),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest_right_one(name: str, expected: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        reader(name)
    assert str(caught.value) == expected


@pytest.mark.parametrize("text", ["$secret.API", "x $secret.API", "$secret./etc/passwd"])
def test_nothing_that_a_visitor_says_becomes_a_secret(text: str) -> None:
    props = {"a": text, "b": "b"}
    given = event(props=props, title=text, click_ids=[text], items=[Item(props=props)])
    assert reader("event.title")(Scope(given)) is MISSING
    assert reader("event.props")(Scope(given)) == {"b": "b"}
    assert reader("event.click_ids")(Scope(given)) == []
    assert reader("event.items")(Scope(given)) == [{"quantity": 1, "props": {"b": "b"}}]


@given(st.text(alphabet="aé€😀", max_size=MAX_TEXT_BYTES + 10))
def test_a_text_is_cut_between_characters(text: str) -> None:
    kept = bounded(text or "a")
    assert (text or "a").startswith(kept)
    assert len(kept.encode()) <= MAX_TEXT_BYTES
    assert kept == (text or "a") or len(kept.encode()) > MAX_TEXT_BYTES - 4


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12", 12),
        ("12.0000", 12),
        ("-0.50", -0.5),
        ("9007199254740993", 9007199254740993),
        (2.0, 2),
        (2.5, 2.5),
        *[(text, None) for text in ("007", "1e3", "", " 1", "1_0", "٣", "nan", "1\n", "9" * 5000)],
        (True, None),
        (None, None),
        ([], None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_a_number_is_one_or_its_plain_decimal_text(value: object, expected: object) -> None:
    assert number_of(value) == expected


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_same_number(value: float) -> None:
    assert number_of(value) == value


@given(
    st.recursive(
        st.booleans() | st.integers(-(2**63), 2**63 - 1),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=6,
    )
)
def test_in_a_text_a_value_is_json(value: Any) -> None:
    assert json.loads(text_of(value)) == value


def test_in_a_text_what_is_missing_is_empty() -> None:
    assert (text_of(MISSING), text_of(None), text_of("a b"), text_of(True)) == (
        "",
        "",
        "a b",
        "true",
    )
