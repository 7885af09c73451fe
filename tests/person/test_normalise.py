from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.person import normalise
from server.person.tables.calling_codes import CALLING_CODES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Jo.Doe@Example.COM\n", "jo.doe@example.com"),
        ("jo @ example.com", "jo@example.com"),
        ("j.o@gmail.com", "j.o@gmail.com"),
        ("jo@example", ""),
        ("@example.com", ""),
        ("jo@a@example.com", ""),
        ("jo@example..com", ""),
        ("", ""),
    ],
)
def test_an_email(text: str, expected: str) -> None:
    assert normalise.email(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J.o.Doe+news@Gmail.com", "jodoe+news@gmail.com"),
        ("j.o@googlemail.com", "jo@googlemail.com"),
        ("j.o@example.com", "j.o@example.com"),
        ("j.o@notgmail.com", "j.o@notgmail.com"),
        ("no", ""),
    ],
)
def test_google_reads_no_dots_in_its_own_mail(text: str, expected: str) -> None:
    assert normalise.google_email(text) == expected


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("+44 (0)20 7946-0958", "", "+442079460958"),
        ("(+44) 20 7946 0958", "", "+442079460958"),
        ("0044 20 7946 0958", "FR", "+442079460958"),
        ("(020) 7946.0958 ext. 12", "gb", "+442079460958"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("6 12 34 56 78", "FR", "+33612345678"),
        ("33612345678", "FR", "+33612345678"),
        ("(415) 555-2671 x99", "US", "+14155552671"),
        ("1-415-555-2671", "US", "+14155552671"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("06 30 123 4567", "HU", "+36301234567"),
        ("45 12 12 12", "DK", "+4545121212"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("391 234 5678", "IT", "+393912345678"),
        ("39 391 234 5678", "IT", "+393912345678"),
        ("030/123456", "DE", "+4930123456"),
        ("49 30 1234567", "DE", "+49301234567"),
        ("٠٦ ١٢ ٣٤ ٥٦ ٧٨", "FR", "+33612345678"),
        ("+33612345678", "", "+33612345678"),
    ],
)
def test_a_phone_number_is_e164(text: str, country: str, expected: str) -> None:
    assert normalise.phone(text, country) == expected


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("06 12 34 56 78", ""),
        ("06 12 34 56 78", "XX"),
        ("06 12 34", "FR"),
        ("0612345678901", "FR"),
        ("+0 612 345 678", ""),
        ("+1234", ""),
        ("+1234567890123456", ""),
        ("+33 six", ""),
        ("none", "FR"),
        ("", "FR"),
    ],
)
def test_a_phone_number_whose_country_cannot_be_told_is_none(text: str, country: str) -> None:
    assert normalise.phone(text, country) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Jean-Luc 2 ", "jeanluc"),
        ("O'Neill, Jr.", "o'neill jr"),
        ("Żółć  Ñandú", "żółć ñandú"),
        ("42", ""),
    ],
)
def test_a_name_has_no_digits_and_symbols(text: str, expected: str) -> None:
    assert normalise.name(text) == expected


def test_a_street_keeps_its_number() -> None:
    assert normalise.street(" 1, Rue de  la Paix ") == "1 rue de la paix"


def test_a_postcode_loses_two_signs_alone() -> None:
    assert normalise.postcode(" SW1A.1~AA ") == "SW1A1AA"
    assert normalise.postcode("12345-678") == "12345-678"


@pytest.mark.parametrize(
    ("text", "expected"), [(" fr ", "FR"), ("GB", "GB"), ("France", ""), ("ÄÖ", ""), ("", "")]
)
def test_a_country_is_two_letters(text: str, expected: str) -> None:
    assert normalise.country(text) == expected


def test_the_table_of_countries_is_sound() -> None:
    for country, (code, trunk, fewest, most) in CALLING_CODES.items():
        assert normalise.country(country) == country
        assert code.isdecimal()
        assert not trunk or trunk.isdecimal()
        assert 7 <= len(code) + fewest <= len(code) + most <= 15


@given(st.text(), st.sampled_from(["", "FR", "US", "IT"]))
def test_doing_it_twice_changes_nothing(text: str, country: str) -> None:
    for step in (
        normalise.email,
        normalise.google_email,
        normalise.name,
        normalise.street,
        normalise.country,
        lambda given: normalise.phone(given, country),
    ):
        once = step(text)
        assert step(once) == once
