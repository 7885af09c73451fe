from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.destinations.ga4.config import Config
from server.destinations.ga4.visitor import client_id, visitor
from server.model import NO_VISITOR, Person
from tests.destinations.ga4.sendings import CONFIG, sending

OURS = "439815370.1815898195"
DENIED = {"ad_user_data": "DENIED", "ad_personalization": "DENIED"}
GRANTED = {"ad_user_data": "granted"}
WITH_USER_DATA = replace(CONFIG, send_user_data=True)
JO = Person(
    email="Jo@Example.com",
    phone="+33 6 12 34 56 78",
    first_name="Jo",
    last_name="Doe",
    postcode="75002",
    country="fr",
)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        ("GA1.1.1234567890.1750000000", "1234567890.1750000000"),
        ("GA1.2-2.12.34", "12.34"),
        ("GA1.1.0.1750000000", OURS),
        ("GA1.1.amp-x", OURS),
        ("1234567890.1750000000", OURS),
        ("GA1.1.12.34.56", OURS),
        ("GA1.1.12.34\n", OURS),
        ("", OURS),
    ],
)
def test_the_client_is_that_of_gtag_js_or_else_our_own(cookie: str, expected: str) -> None:
    assert client_id(sending(person=Person(cookies={"_ga": cookie}))) == expected


def test_without_a_visitor_and_a_cookie_there_is_no_client() -> None:
    assert client_id(sending(visitor_id=NO_VISITOR)) == ""


@given(st.uuids())
def test_every_visitor_is_two_positive_numbers(visitor_id: object) -> None:
    found = client_id(sending(visitor_id=str(visitor_id)))
    assert re.fullmatch(r"[1-9]\d{0,9}\.[1-9]\d{0,9}", found)
    assert all(int(half) < 2**31 for half in found.split("."))


def test_a_bare_event_says_who_and_that_nothing_is_granted() -> None:
    assert visitor(sending()) == {"client_id": OURS, "consent": DENIED}


@pytest.mark.parametrize("answer", ["denied", "unset", "GRANTED", ""])
def test_only_granted_is_granted(answer: str) -> None:
    consent = {"ad_user_data": answer, "ad_personalization": "granted"}
    assert visitor(sending(consent=consent))["consent"] == {
        "ad_user_data": "DENIED",
        "ad_personalization": "GRANTED",
    }


def test_a_user_id_that_is_too_long_would_be_another_users() -> None:
    assert visitor(sending(user_id="u" * 256))["user_id"] == "u" * 256
    assert "user_id" not in visitor(sending(user_id="u" * 257))


def test_user_properties_are_25_and_short() -> None:
    given = {"empty": "", "none": None, "vip": True, "text": "x" * 50}
    config = replace(CONFIG, user_properties=given | {f"p{n}": n for n in range(40)})
    assert visitor(sending(config=config))["user_properties"] == {
        "vip": {"value": "true"},
        "text": {"value": "x" * 36},
        **{f"p{n}": {"value": n} for n in range(23)},
    }


def test_user_data_is_hashed_and_sent_where_it_is_granted() -> None:
    assert visitor(sending(config=WITH_USER_DATA, person=JO, consent=GRANTED))["user_data"] == {
        "sha256_email_address": [sha256("jo@example.com")],
        "sha256_phone_number": [sha256("+33612345678")],
        "address": [
            {
                "sha256_first_name": sha256("jo"),
                "sha256_last_name": sha256("doe"),
                "postal_code": "75002",
                "country": "FR",
            }
        ],
    }


@pytest.mark.parametrize(
    ("config", "consent"),
    [
        (CONFIG, GRANTED),
        (WITH_USER_DATA, {}),
        (WITH_USER_DATA, {"ad_user_data": "denied", "ad_storage": "granted"}),
    ],
)
def test_user_data_needs_the_setting_and_the_consent(
    config: Config, consent: dict[str, str]
) -> None:
    assert "user_data" not in visitor(sending(config=config, person=JO, consent=consent))


def test_nothing_is_never_hashed() -> None:
    blank = Person(email=" ", phone="n/a", first_name="12", last_name="!", city="7", country="x")
    assert "user_data" not in visitor(
        sending(config=WITH_USER_DATA, person=Person(email="no", city="Paris"), consent=GRANTED)
    )
    said = str(visitor(sending(config=WITH_USER_DATA, person=blank, consent=GRANTED)))
    assert sha256("") not in said


def test_an_address_without_a_name_is_not_sent() -> None:
    nameless = replace(JO, last_name="")
    found = visitor(sending(config=WITH_USER_DATA, person=nameless, consent=GRANTED))
    assert found["user_data"].keys() == {"sha256_email_address", "sha256_phone_number"}


def test_a_hash_that_the_site_sent_is_not_hashed_again() -> None:
    given = Person(email=sha256("jo@example.com").upper())
    found = visitor(sending(config=WITH_USER_DATA, person=given, consent=GRANTED))
    assert found["user_data"] == {"sha256_email_address": [sha256("jo@example.com")]}


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("IDF", {"city": "Paris", "region_id": "FR-IDF", "country_id": "FR"}),
        ("Île-de-France", {"city": "Paris", "country_id": "FR"}),
        ("", {"city": "Paris", "country_id": "FR"}),
    ],
)
def test_the_place_is_said_in_codes(region: str, expected: dict[str, str]) -> None:
    one = sending(country="FR", region=region, city="Paris")
    assert visitor(one)["user_location"] == expected


def test_the_address_is_sent_in_place_of_the_place() -> None:
    config = replace(CONFIG, send_ip=True)
    person = Person(ip="203.0.113.9")
    assert visitor(sending(config=config, person=person, country="FR")) == {
        "client_id": OURS,
        "consent": DENIED,
        "ip_override": "203.0.113.9",
    }
    assert visitor(sending(config=config, country="FR"))["user_location"] == {"country_id": "FR"}


def test_the_device_says_what_is_known() -> None:
    one = sending(device_type="mobile", os="Android", screen="big", language="é" * 200)
    assert visitor(one)["device"] == {
        "category": "mobile",
        "language": "é" * 100,
        "operating_system": "Android",
    }
