from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.containers.address import HOST_FIRST, SCHEME_FIRST, address_fault, escaped, stand_in

VALUES = st.text() | st.sampled_from([".", "..", "/", "//evil.example", "@", "?", "#", "%2e%2e"])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("https://a.example/{{ event.path }}", ""),
        ("https://a.example#{{ event.path }}", ""),
        ("https://{{ event.host }}/", HOST_FIRST),
        ("{{ event.url }}", HOST_FIRST),
        ("/{{ event.path }}", SCHEME_FIRST),
    ],
)
def test_the_host_stands_before_the_first_placeholder(text: str, fault: str) -> None:
    assert address_fault(text) == fault


def test_an_address_as_it_may_be_once_it_is_filled() -> None:
    assert stand_in("https://a/{{ event.path }}?{{ event.name }}=1") == "https://a/x?x=1"


@given(VALUES, VALUES)
def test_no_value_leaves_its_place(segment: str, said: str) -> None:
    url = f"https://a.example/hook/{escaped(segment)}/end?t={escaped(said)}&n=1"
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "a.example", "")
    assert parts.path.count("/") == 3
    assert not {".", ".."} & set(parts.path.split("/"))
    expected = {"n": ["1"], "t": [said if said.strip(".") else ""]}
    assert parse_qs(parts.query, keep_blank_values=True) == expected


def test_half_a_surrogate_pair_breaks_no_address() -> None:
    assert escaped("a\ud800") == "a%3F"
