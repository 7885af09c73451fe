from __future__ import annotations

import time

import pytest

from server.enrich.personal import (
    Page,
    clean_path,
    clean_query,
    clean_url,
    decode,
    has_personal_keys,
    is_personal,
    is_personal_number,
    judge_name,
)

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


@pytest.mark.parametrize(
    ("name", "judgement"),
    [
        ("email", "personal"),
        ("user[e-mail]", "personal"),
        ("customerBillingFirstName", "personal"),
        ("csrf_token", "personal"),
        ("_ga", "personal"),
        ("gclid", "click"),
        ("utm_term", "open"),
        ("item_list_name", ""),
        ("postcode", ""),
        ("search_term", ""),
        ("", ""),
    ],
)
def test_a_name_is_judged(name: str, judgement: str) -> None:
    assert judge_name(name) == judgement


@pytest.mark.parametrize(
    "value",
    [
        "ask jo@example.org now",
        "+33 6 12 34 56 78",
        "06 12 34 56 78",
        "(415) 555-2671",
        "DE89 3704 0044 0532 0130 00",
        "de89370400440532013000",
        "0a" * 20,
        "aB3" * 14,
        JWT,
        "/reset?token=abc",
    ],
)
def test_a_value_is_personal_by_itself(value: str) -> None:
    assert is_personal(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "100023456789",
        "4006381333931",
        "2026-01-02",
        "#ff8800",
        "logo@2x.png",
        "550e8400-e29b-41d4-a716-446655440000",
        "d41d8cd98f00b204e9800998ecf8427e",
        "DE89370400440532013001",
        "Air-Runner-3000-Mens-Running-Shoe-Blue-Size-42",
        "/docs/Catalogue_Spring_Summer_2026_Final_Version.pdf",
        "call us: +33 6 12 34 56 78",
    ],
)
def test_what_a_shop_says_is_not_personal(value: str) -> None:
    assert not is_personal(value)


def test_of_an_open_value_only_addresses_are_personal() -> None:
    assert is_personal("jo@example.org", open_=True)
    assert not is_personal("+33612345678", open_=True)


def test_a_number_of_a_person_is_the_whole_text() -> None:
    assert is_personal_number("+33612345678")
    assert is_personal_number("DE89370400440532013000")
    assert not is_personal_number("order +33612345678")


def test_an_address_is_cleaned_part_by_part() -> None:
    assert clean_url("https://u:p@Shop.example/a/jo@x.org?email=jo%40x.org&n=1#top") == Page(
        url="https://Shop.example/a/redacted?email=redacted&n=1",
        host="shop.example",
        path="/a/redacted",
        query="email=redacted&n=1",
    )
    assert clean_path("/u/jo@x.org/edit") == "/u/redacted/edit"
    assert clean_query("a=1&phone=5&mobile=1") == "a=1&phone=redacted&mobile=1"


def test_text_is_decoded_twice() -> None:
    assert decode("jo%2540x.org") == "jo@x.org"


def test_keys_are_found_in_json_that_was_cut() -> None:
    assert has_personal_keys('{"plan":"gold","last_name" : "Smi')
    assert not has_personal_keys('{"plan":"gold","size":"last_name')


@pytest.mark.parametrize(
    "unit", ["a", "a@", "a-", "é@é.", "1 ", "aB3", '"', '"a', "?a", "eyJaaaaaaaa-"]
)
def test_long_values_take_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    began = time.thread_time()
    is_personal(text)
    has_personal_keys(text)
    assert time.thread_time() - began < 2
