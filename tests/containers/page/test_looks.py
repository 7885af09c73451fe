"""What a page finds, and what it is told not to know."""

from __future__ import annotations

import pytest

from server.containers.model import Variable
from server.containers.model.variable import (
    Address,
    Constant,
    DataLayer,
    EventField,
    Kind,
    Part,
    Random,
    Referrer,
    Version,
)
from server.containers.page.looks import Known, Look, literal, look_at

VARIABLES: dict[str, Variable] = {
    "plan": EventField(field="props.plan", default="none"),
    "trimmed": EventField(field="props.plan", trim=True),
    "number": EventField(field="props.plan", kind=Kind.NUMBER),
    "section": Address(part=Part.PATH),
    "of_link": Address(of="{{ event.props.link_url }}", part=Part.HOST),
    "of_text": Address(of="https://{{ event.host }}/", part=Part.HOST),
    "parameter": Address(part=Part.QUERY, key="q"),
    "port": Address(part=Part.PORT),
    "from": Referrer(),
    "pushed": DataLayer(path="ecommerce.coupon"),
    "amount": DataLayer(path="ecommerce.value"),
    "inside": DataLayer(path="user.plan"),
    "brand": Constant(value=12),
    "nothing": Constant(value="", default="x"),
    "release": Version(),
    "dice": Random(),
}
KNOWN = Known(variables=VARIABLES, version=3, currency="EUR")


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("event.title", Look(root="event", key="title")),
        ("event.props.a.b", Look(root="props", key="a.b")),
        ("event.currency", Look(root="props", key="currency", default="EUR")),
        ("plan", Look(root="props", key="plan", default="none")),
        ("pushed", Look(root="props", key="coupon")),
        ("amount", Look(root="props", key="value")),
        ("brand", Look(constant="12")),
        ("nothing", Look(constant="x")),
        ("release", Look(constant="3")),
    ],
)
def test_where_it_looks(name: str, look: Look) -> None:
    assert look_at(name, KNOWN) == look


def test_a_part_of_an_address_is_a_pattern() -> None:
    for name, key in (("section", "url"), ("of_link", "link_url"), ("from", "referrer")):
        look = look_at(name, KNOWN)
        assert look.key == key
        assert look.pattern


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("event.city", "`event.city`, which a page does not know"),
        ("event.consent.ad_storage", "which a page does not know"),
        ("event.query", "with `part: query`"),
        ("event.props.items", "which a page does not know"),
        ("event.props.__proto__", "which a page does not know"),
        ("event.props.currency", "is `event.currency`"),
        ("evnt.name", "which a page does not know"),
        ("trimmed", "variable trimmed has `trim`"),
        ("number", "variable number has `as`"),
        ("of_text", "which a page does not know"),
        ("parameter", "which a page tag does not decode"),
        ("port", "an address's port"),
        ("inside", "a value inside of another"),
        ("dice", "variable dice, which a page does not know"),
    ],
)
def test_what_a_page_does_not_know(name: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        look_at(name, KNOWN)


def test_variables_that_need_each_other_end() -> None:
    circle: dict[str, Variable] = {"a": Address(of="{{ a }}")}
    with pytest.raises(ValueError, match="needs too many others"):
        look_at("a", Known(variables=circle))


def test_a_text_is_found_as_it_is_written() -> None:
    assert literal("a.b/[c]{1}^$|\\") == r"a\.b\/\[c\]\{1\}\^\$\|\\"
