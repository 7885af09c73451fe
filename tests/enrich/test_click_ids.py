from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from server.enrich.click_ids import drop_click_ids
from server.enrich.contract import Subject
from server.enrich.tables.click_ids import CLICK_IDS

from .subjects import CONTEXT, changes, subject_of

URL = "https://shop.example.com/a"


@pytest.mark.parametrize(
    ("query", "kept", "ids"),
    [
        ("gclid=Cj0K_-x", "", {"gclid": "Cj0K_-x"}),
        ("a=1&fbclid=IwAR&b=2&gclid=x", "a=1&b=2", {"fbclid": "IwAR", "gclid": "x"}),
        ("ScCid=s&Li_Fat_Id=l", "", {"sccid": "s", "li_fat_id": "l"}),
        ("gclid=a%2Bb&gclid=c", "", {"gclid": "a+b"}),
        ("gclid=" + "x" * 600, "", {"gclid": "x" * 512}),
    ],
)
def test_click_ids_move_from_the_addresses_to_the_person(
    query: str, kept: str, ids: dict[str, str]
) -> None:
    before = subject_of(url=f"{URL}?{query}", query=query)
    after = drop_click_ids(before, CONTEXT)
    assert after.person.click_ids == ids
    assert after.person.clicked_at == dict.fromkeys(ids, before.event.occurred_at)
    assert after.event == replace(
        before.event, url=f"{URL}?{kept}" if kept else URL, query=kept, click_ids=sorted(ids)
    )


@pytest.mark.parametrize("query", ["gclid=", "gclid", "gclid={gclid}", "gclid=%7Bgclid%7D"])
def test_an_empty_or_unfilled_click_id_is_none(query: str) -> None:
    before = subject_of(url=f"{URL}?{query}", query=query)
    after = drop_click_ids(before, CONTEXT)
    assert after == replace(before, event=replace(before.event, url=URL, query=""))


def test_a_route_s_click_ids_move_too() -> None:
    before = subject_of(url=f"{URL}?gclid=a&b=1#/r?fbclid=c&d=2", query="gclid=a&b=1&fbclid=c&d=2")
    after = drop_click_ids(before, CONTEXT)
    assert after.event.url == f"{URL}?b=1#/r?d=2"
    assert after.event.query == "b=1&d=2"
    assert after.person.click_ids == {"gclid": "a", "fbclid": "c"}


def test_a_referrer_loses_its_click_ids_and_they_are_not_counted() -> None:
    before = subject_of(url=URL, referrer=f"{URL}?gclid=a&b=1")
    assert changes(before, drop_click_ids(before, CONTEXT)) == {"referrer": f"{URL}?b=1"}


@pytest.mark.parametrize(
    ("columns", "ids"),
    [
        ({"consent": {"ad_storage": "granted"}}, {"gclid": "a"}),
        ({"consent": {"ad_storage": "denied"}}, {}),
        ({}, {}),
        ({"consent": {"ad_storage": "granted"}, "referrer_host": "other.example"}, {}),
    ],
)
def test_with_consent_the_landing_page_that_linked_here_tells_of_its_click(
    columns: dict[str, Any], ids: dict[str, str]
) -> None:
    before = subject_of(url=URL, referrer=f"{URL}?gclid=a&b=1", **columns)
    after = drop_click_ids(before, CONTEXT)
    assert changes(before, after) == {"referrer": f"{URL}?b=1"}
    assert isinstance(after, Subject)
    times = dict.fromkeys(ids, before.event.occurred_at)
    assert (after.person.click_ids, after.person.clicked_at) == (ids, times)


def test_the_page_s_own_click_beats_that_of_the_page_before() -> None:
    before = subject_of(
        url=f"{URL}?gclid=new",
        query="gclid=new",
        referrer=f"{URL}?gclid=old&ttclid=t",
        consent={"ad_storage": "granted"},
    )
    after = drop_click_ids(before, CONTEXT)
    assert after.event.click_ids == ["gclid"]
    assert after.person.click_ids == {"gclid": "new", "ttclid": "t"}


def test_click_ids_of_the_page_join_those_that_a_dialect_found() -> None:
    before = subject_of(url=f"{URL}?gclid=new", query="gclid=new", click_ids=["ttclid"])
    known = {"gclid": "old", "ttclid": "t"}
    before = replace(before, person=replace(before.person, click_ids=known))
    after = drop_click_ids(before, CONTEXT)
    assert after.event.click_ids == ["gclid", "ttclid"]
    assert after.person.click_ids == {"gclid": "new", "ttclid": "t"}


@pytest.mark.parametrize("url", [URL, f"{URL}?a=1&&b", f"{URL}?", "a?b?gclid=1", ""])
def test_addresses_without_click_ids_stay_as_they_are(url: str) -> None:
    before = subject_of(url=url, query=url.partition("?")[2])
    assert drop_click_ids(before, CONTEXT) == before


def test_kinds_are_lower_case() -> None:
    assert [kind for kind in CLICK_IDS if kind != kind.lower()] == []
