from __future__ import annotations

from msgspec.structs import replace

from server.enrich.contract import Place, Subject
from server.enrich.place import put_place

from .subjects import changes, context_of, subject_of

CONTEXT = context_of(
    lambda ip: Place(country="DE", region="BE", city="Berlin") if ip == "192.0.2.1" else Place()
)


def visit_from(ip: str, **event: str) -> Subject:
    before = subject_of(**event)
    return replace(before, person=replace(before.person, ip=ip))


def test_a_known_address_has_a_place() -> None:
    before = visit_from("192.0.2.1")
    after = put_place(before, CONTEXT)
    assert changes(before, after) == {"country": "DE", "region": "BE", "city": "Berlin"}


def test_a_known_address_replaces_the_whole_place_that_a_dialect_gave() -> None:
    before = visit_from("192.0.2.1", country="FR", region="IDF", city="Paris")
    after = put_place(before, CONTEXT)
    assert changes(before, after) == {"country": "DE", "region": "BE", "city": "Berlin"}


def test_an_unknown_address_leaves_the_place_that_a_dialect_gave() -> None:
    before = visit_from("192.0.2.2", country="FR")
    assert put_place(before, CONTEXT) == before


def test_a_visitor_without_address_has_no_place() -> None:
    before = visit_from("")
    assert put_place(before, CONTEXT) == before
