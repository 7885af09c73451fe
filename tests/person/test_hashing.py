from __future__ import annotations

import hashlib

import pytest

from server.model import Person
from server.person import normalise
from server.person.hashing import Rule, hashed, hashes, phone_of, sha256_hex

JO = hashlib.sha256(b"jo@example.com").hexdigest()


def test_a_hash_is_64_lower_case_digits() -> None:
    assert sha256_hex("jo@example.com") == JO
    assert sha256_hex("é") == hashlib.sha256("é".encode()).hexdigest()


def test_nothing_has_no_hash() -> None:
    assert sha256_hex("") == ""
    assert hashed("  ", str.strip) == ""
    assert hashed("x", lambda text: "") == ""


def test_what_is_hashed_is_not_hashed_again() -> None:
    assert sha256_hex(JO.upper()) == JO
    assert hashed(f" {JO} ", lambda text: "never") == JO


@pytest.mark.parametrize("text", [JO[:-1], JO + "0", JO[:-1] + "g", JO + "\n" + "x"])
def test_what_only_looks_like_a_hash_is_hashed(text: str) -> None:
    assert sha256_hex(text) == hashlib.sha256(text.encode()).hexdigest()


def test_the_normalised_text_is_hashed() -> None:
    assert hashed(" Jo@Example.com ", str.lower) == JO


RULES: dict[str, Rule] = {
    "em": ("email", normalise.email),
    "ph": ("phone", normalise.phone_digits),
    "tel": ("phone", normalise.phone),
    "fn": ("first_name", normalise.meta_name),
    "st": ("region", normalise.state),
    "country": ("country", normalise.country_low),
    "ip": ("ip", normalise.trimmed),
}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_person_is_hashed_by_a_partners_table() -> None:
    person = Person(
        ip="203.0.113.9",
        email=" Jo@Example.com",
        phone="06 12 34 56 78",
        first_name="Jean-Luc",
        region="California",
        country="FR",
    )
    assert hashes(person, RULES) == {
        "em": JO,
        "ph": sha256("33612345678"),
        "tel": sha256("+33612345678"),
        "fn": sha256("jeanluc"),
        "st": sha256("ca"),
        "country": sha256("fr"),
        "ip": sha256("203.0.113.9"),
    }


def test_what_is_not_there_or_not_what_it_should_be_is_left_out() -> None:
    assert hashes(Person(), RULES) == {}
    nobody = Person(email="none", phone="06 12 34 56 78", first_name=" ", country="France")
    assert hashes(nobody, RULES) == {}


def test_hashes_that_the_site_sends_stay_as_they_are() -> None:
    person = Person(email=JO.upper(), phone=f" {JO} ", first_name=JO)
    assert hashes(person, RULES) == {"em": JO, "ph": JO, "tel": JO, "fn": JO}


@pytest.mark.parametrize(
    ("phone", "country", "expected"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+44 20 7946 0958", "FR", "+442079460958"),
        ("06 12 34 56 78", "", ""),
        (JO, "FR", JO),
        ("", "FR", ""),
    ],
)
def test_a_phone_is_of_its_persons_country(phone: str, country: str, expected: str) -> None:
    assert phone_of(Person(phone=phone, country=country)) == expected
