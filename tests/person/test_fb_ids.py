from __future__ import annotations

import re

import pytest

from server.model import NO_VISITOR, Person
from server.person.fb_ids import fbc, fbp, subdomain_index

NOW = 1_760_000_000_000
HOST = "www.example.com"
VISITOR = "0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11"


@pytest.mark.parametrize(
    ("host", "index"),
    [
        ("example.com", 1),
        ("www.shop.example.com", 1),
        ("www.example.co.uk", 2),
        ("cups.myshopify.com", 2),
        ("localhost", 0),
        ("203.0.113.9", 0),
        ("[2001:db8::1]", 0),
        ("", 0),
    ],
)
def test_the_subdomain_index_counts_the_dots_of_the_cookies_domain(host: str, index: int) -> None:
    assert subdomain_index(host) == index


def person(cookie: str = "", fbclid: str = "", clicked_at: int = 0) -> Person:
    return Person(
        cookies={"_fbc": cookie} if cookie else {},
        click_ids={"fbclid": fbclid} if fbclid else {},
        clicked_at={"fbclid": clicked_at} if clicked_at else {},
    )


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (person(), ""),
        (person(fbclid="IwAR_New-1"), f"fb.1.{NOW}.IwAR_New-1"),
        (person(fbclid="New", clicked_at=NOW - 5), f"fb.1.{NOW - 5}.New"),
        (person(f"fb.1.{NOW - 9}.Old"), f"fb.1.{NOW - 9}.Old"),
        (person(f"fb.1.{NOW - 9}.Old.AQECAQIA"), f"fb.1.{NOW - 9}.Old.AQECAQIA"),
        (person(f"fb.1.{NOW - 9}.Old.Ag"), f"fb.1.{NOW - 9}.Old.Ag"),
        (person(f"fb.1.{NOW - 9}.Same", "Same", NOW - 5), f"fb.1.{NOW - 9}.Same"),
        (person(f"fb.1.{NOW - 9}.Old", "New", NOW - 5), f"fb.1.{NOW - 5}.New"),
        (person(f"fb.1.{NOW - 5}.Later", "Old", NOW - 9), f"fb.1.{NOW - 5}.Later"),
        (person("fb.1.soon.Old", "New"), f"fb.1.{NOW}.New"),
        (person("fb.1.1760000000000.Old.toolong", "New"), f"fb.1.{NOW}.New"),
        (person("Old"), ""),
    ],
)
def test_fbc_is_the_cookie_unless_the_address_tells_of_another_click(
    known: Person, expected: str
) -> None:
    assert fbc(known, HOST, NOW) == expected


def test_fbp_is_the_cookie() -> None:
    known = Person(cookies={"_fbp": f"fb.1.{NOW}.1098115397"})
    assert fbp(known, VISITOR, HOST) == f"fb.1.{NOW}.1098115397"
    assert fbp(known, NO_VISITOR, HOST) == f"fb.1.{NOW}.1098115397"


def test_without_a_cookie_fbp_is_made_of_the_visitor_and_stays_the_same() -> None:
    made = fbp(Person(), VISITOR, HOST)
    assert re.fullmatch(r"fb\.1\.\d{13}\.\d{1,10}", made)
    assert int(made.rpartition(".")[2]) < 2**31
    assert fbp(Person(cookies={"_fbp": "none"}), VISITOR, HOST) == made
    assert fbp(Person(), VISITOR.replace("0b", "0c"), HOST) != made
    assert fbp(Person(), VISITOR, "www.example.co.uk") == made.replace("fb.1.", "fb.2.", 1)
    assert fbp(Person(), NO_VISITOR, HOST) == ""
