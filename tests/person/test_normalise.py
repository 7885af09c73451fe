from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.person import normalise
from server.person.tables.calling_codes import CALLING_CODES
from server.person.tables.states import STATES


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
        ("+33 (0)6 12 34 56 78", "", "+33612345678"),
        ("+33 06 12 34 56 78", "", "+33612345678"),
        ("0033 6 12 34 56 78 poste 12", "DE", "+33612345678"),
        ("+49 (0) 30-1234567 Durchwahl 12", "", "+49301234567"),
        ("+49 0301234567", "", "+49301234567"),
        ("+36 06 30 123 4567", "", "+36301234567"),
        ("+39 06 1234 5678", "", "+390612345678"),
        ("+225 01 23 45 67 89", "", "+2250123456789"),
        ("+34 912\u2011345\u2011678 anexo 3", "", "+34912345678"),
        ("+7 (912) 345-67-89 доб. 12", "", "+79123456789"),
        ("\uff0b81 90-1234-5678", "", "+819012345678"),
        ("+٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨ ext ١٢", "", "+442079460958"),
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J.o.Doe+news@Gmail.com", "jodoe@gmail.com"),
        ("jo+a+b@googlemail.com", "jo@googlemail.com"),
        ("J.o+news@Example.com", "j.o+news@example.com"),
        ("+news@gmail.com", ""),
        ("no", ""),
    ],
)
def test_google_ads_reads_no_tag_in_its_own_mail_either(text: str, expected: str) -> None:
    assert normalise.google_ads_email(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" J.o.Doe+news@Example.com ", "jodoe@example.com"),
        ("j.o@gmail.com", "jo@gmail.com"),
        (".@example.com", ""),
        ("no", ""),
    ],
)
def test_reddit_reads_no_dots_and_tags_in_any_mail(text: str, expected: str) -> None:
    assert normalise.bare_email(text) == expected


def test_partners_that_hash_digits_get_no_plus() -> None:
    assert normalise.phone_digits("+33 (0)6 12 34 56 78") == "33612345678"
    assert normalise.phone_digits("06 12 34 56 78") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Jean-Luc ", "jeanluc"),
        ("O'Neill", "oneill"),
        ("O\u2019Neill, Jr.", "oneilljr"),
        ("Valéry", "valéry"),
        ("Vale\u0301ry", "valéry"),
        ("정", "정"),
        ("...", ""),
    ],
)
def test_meta_reads_names_in_any_script_without_punctuation(text: str, expected: str) -> None:
    assert normalise.meta_name(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("New York", "newyork"),
        ("Saint-Étienne (42)", "saintétienne"),
        ("Saint-E\u0301tienne", "saintétienne"),
        ("L'Haÿ-les-Roses", "lhaÿlesroses"),
        ("Lyon 03", "lyon"),
        ("75002", ""),
    ],
)
def test_meta_reads_the_letters_of_a_city(text: str, expected: str) -> None:
    assert normalise.meta_city(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("California", "ca"),
        (" CA ", "ca"),
        ("New  Hampshire", "nh"),
        ("Québec", "qc"),
        ("Île-de-France", "îledefrance"),
        ("", ""),
    ],
)
def test_a_state_is_two_letters_where_it_has_them(text: str, expected: str) -> None:
    assert normalise.state(text) == expected


@pytest.mark.parametrize(
    ("text", "meta", "pinterest"),
    [
        ("94035-1234", "94035", "940351234"),
        (" SW1A 1AA", "sw1a1aa", "sw1a1aa"),
        ("75 002", "75002", "75002"),
        ("٧٥٠٠٢", "٧٥٠٠٢", "75002"),
        ("", "", ""),
    ],
)
def test_postcodes_as_partners_hash_them(text: str, meta: str, pinterest: str) -> None:
    assert normalise.meta_postcode(text) == meta
    assert normalise.pinterest_postcode(text) == pinterest


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Besançon", "besancon"), ("New York", "newyork"), ("東京", "")],
)
def test_tiktok_takes_places_in_ascii(text: str, expected: str) -> None:
    assert normalise.tiktok_place(text) == expected


def test_white_space_goes_around_or_everywhere() -> None:
    assert normalise.trimmed(" De la Cruz\n") == "de la cruz"
    assert normalise.solid(" De la Cruz\n") == "delacruz"


def test_a_country_is_hashed_in_small_letters() -> None:
    assert normalise.country_low(" FR ") == "fr"
    assert normalise.country_low("France") == ""


def test_the_table_of_states_is_sound() -> None:
    for known, code in STATES.items():
        assert normalise.meta_city(known) == known
        assert len(code) == 2
        assert code.islower()


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
        normalise.google_ads_email,
        normalise.bare_email,
        normalise.meta_name,
        normalise.meta_city,
        normalise.state,
        normalise.meta_postcode,
        normalise.pinterest_postcode,
        normalise.tiktok_place,
        normalise.trimmed,
        normalise.solid,
        normalise.name,
        normalise.street,
        normalise.country,
        lambda given: normalise.phone(given, country),
    ):
        once = step(text)
        assert step(once) == once
