from __future__ import annotations

import hashlib
import time
from typing import Any

import pytest

from server.enrich.contract import Subject
from server.enrich.personal_props import drop_personal_props
from server.model import Event, Item

from .subjects import CONTEXT, changes, subject_of

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
SHOP = {
    "sku": "CUP-1",
    "order": "100023456789",
    "order_number": "2026-0000-1234",
    "ean": "4006381333931",
    "coupon": "SUMMER-2026",
    "size": "XL",
    "postcode": "75011",
    "item_list_name": "Cups & saucers",
    "search_term": "blue cup, 30 cl",
    "page_type": "product",
    "link_url": "https://x.example/p/Air-Runner-3000?colour=blue&page=2#details",
    "link_text": "Read more: call +33 6 12 34 56 78",
    "file_name": "/docs/Catalogue_Spring_Summer_2026_Final_Version.pdf",
    "slug": "Air-Runner-3000-Mens-Running-Shoe-Blue-Size-42",
    "id": "550e8400-e29b-41d4-a716-446655440000",
    "colour": "#ff8800",
    "hash": "d41d8cd98f00b204e9800998ecf8427e",
    "newsletter_email": "1",
    "mobile": "true",
    "phone": "",
    "image": "logo@2x.png",
    "tags": '["a",1,{"size":"M","email":true,"phone":null,"mail":[]}]',
    "braces": "{not json",
    "gclid": "Cj0KCQ",
    "date": "2026-01-02",
}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def cleaned(**columns: Any) -> Event:
    after = drop_personal_props(subject_of(**columns), CONTEXT)
    assert isinstance(after, Subject)
    return after.event


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("order-77", "order-77"),
        ("0" * 20 + "A1b" * 8, "0" * 20 + "A1b" * 8),
        ("a" * 39 + "1f", "a" * 39 + "1f"),
        ("jo@example.com", sha256("jo@example.com")),
        ("+33 6 12 34 56 78", sha256("+33612345678")),
    ],
)
def test_the_pages_own_id_of_an_event_stays_one(given: str, stored: str) -> None:
    event = cleaned(props={"event_id": given})
    assert (event.props, event.shared_id) == ({"event_id": stored}, stored)


def test_what_a_shop_says_stays_as_it_is() -> None:
    items = [Item(item_id="CUP-1", props=SHOP)]
    before = subject_of(props=SHOP, items=items, user_id="c-17", transaction_id="100023456789")
    assert changes(before, drop_personal_props(before, CONTEXT)) == {}


def test_an_event_without_props_is_the_very_same() -> None:
    before = subject_of()
    assert drop_personal_props(before, CONTEXT) is before


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("email", "ann@example.com", "redacted"),
        ("note", "write to ann@example.com please", "redacted"),
        ("link_text", "ann@example.com", "redacted"),
        ("link_url", "mailto:ann%40example.com", "redacted"),
        ("link_url", "tel:0612345678", "redacted"),
        ("link_url", "https://x.example/?email=a&b=1", "https://x.example/?email=redacted&b=1"),
        ("link_url", "https://x.example/u/jo@x.org", "https://x.example/u/redacted"),
        ("phone", "0612345678", "redacted"),
        ("contact", "+33 6 12 34 56 78", "redacted"),
        ("customerBillingFirstName", "Ann", "redacted"),
        ("account", "DE89 3704 0044 0532 0130 00", "redacted"),
        ("key", "aB3" * 14, "redacted"),
        ("x", JWT, "redacted"),
        ("utm_content", "ann@example.com", "redacted"),
        ("user", '{"mail":"bob@example.com","plan":"gold"}', '{"mail":"redacted","plan":"gold"}'),
        ("user", '[{"a":["x bob@example.com"],"n":1}]', '[{"a":["redacted"],"n":1}]'),
        ("user", '{"phone":33612345678,"bob@x.org":2}', '{"phone":"redacted","redacted":2}'),
        ("user", '{"address":{"line":"1 High St"}}', '{"address":"redacted"}'),
        ("user", '{"plan":"gold","last_name":"Smi', "redacted"),
        ("user", '{"plan":"gold","note":"bob@example.com', "redacted"),
        ("user", "[" * 5000 + "bob@example.com", "redacted"),
    ],
)
def test_personal_props_are_replaced_where_they_stand(key: str, value: str, stored: str) -> None:
    props = {"sku": "CUP-1", key: value, "size": "XL"}
    expected = {"sku": "CUP-1", key: stored, "size": "XL"}
    items = [Item(item_id="CUP-1", props=props)]
    event = cleaned(props=props, items=items)
    assert event.props == expected
    assert event.items == [Item(item_id="CUP-1", props=expected)]
    assert cleaned(props=event.props, items=event.items) == event


def test_an_address_as_a_key_is_replaced() -> None:
    assert cleaned(props={"ann@example.com": "x"}).props == {"redacted": "x"}


def test_what_is_replaced_is_no_number_either() -> None:
    event = cleaned(
        props={"phone": "33612345678", "jo@x.org": "5", "size": "42"},
        nums={"phone": 33612345678.0, "jo@x.org": 5.0, "size": 42.0},
    )
    assert event.props == {"phone": "redacted", "redacted": "5", "size": "42"}
    assert event.nums == {"size": 42.0}


@pytest.mark.parametrize("column", ["user_id", "transaction_id"])
@pytest.mark.parametrize(
    ("text", "stored"),
    [
        (" Ann@Example.com", " " + sha256("ann@example.com")),
        ("ann%40example.com", sha256("ann@example.com")),
        ("T-ann@example.com", sha256("t-ann@example.com")),
        ("7|ann@example.com", "7|" + sha256("ann@example.com")),
        ("+33 6 12 34 56 78", sha256("+33612345678")),
        ("DE89370400440532013000", sha256("DE89370400440532013000")),
        (JWT, sha256(JWT)),
        ("jo@x.org bob%2540x.org", sha256("jo@x.org bob%40x.org")),
        ("100023456789", "100023456789"),
        ("cs_test_" + "aB3" * 20, "cs_test_" + "aB3" * 20),
        (sha256("x"), sha256("x")),
    ],
)
def test_an_id_that_names_somebody_is_hashed_and_stays_an_id(
    column: str, text: str, stored: str
) -> None:
    event = cleaned(**{column: text})
    assert getattr(event, column) == stored
    assert cleaned(**{column: stored}) == event


@pytest.mark.parametrize("unit", ["a", "a@", '{"', "[", '[{"a":', '"a":', "%40", "aB3", "+1"])
def test_long_props_take_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    began = time.thread_time()
    cleaned(props={"a": text, "b": "{" + text, "c": f'["{text}"]', text: "d"}, user_id=text)
    assert time.thread_time() - began < 3
