from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from server.enrich import STEPS, Context, Place, Subject, enrich
from server.model import Item, Person, Reason, Reject

from .subjects import HIT, PAGE_VIEW, changes, context_of, subject_of

CONTEXT = context_of(lambda ip: Place(country="FR", region="IDF", city="Paris"))
CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0.0.0 Mobile Safari/537.36"
)

PIECES = [
    "https://",
    "shop.example.com",
    "www.google.com",
    "jo:pw@",
    "/a",
    "?",
    "&",
    "=",
    "#",
    "#/",
    "#!",
    ";sid=",
    "%40",
    "%2540",
    "%",
    "+",
    "jo@x.org",
    "email",
    "utm_source",
    "gclid",
    "fbclid",
    "redacted",
    "[",
    "]",
    ":",
    "\n",
    "\ud800",
    "eyJhbGciOiJ.x.y",
]
addresses = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=14).map("".join)
anything = st.text() | addresses
documents = st.recursive(
    st.none() | st.integers() | st.booleans() | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=6,
).map(json.dumps)
amounts = st.sampled_from([None, "5.0000"])
headers = st.dictionaries(
    st.sampled_from(
        [
            "signature-agent",
            "sec-ch-ua",
            "sec-ch-ua-mobile",
            "sec-ch-ua-model",
            "sec-ch-ua-platform",
            "sec-ch-ua-platform-version",
        ]
    ),
    st.text() | st.sampled_from(['"Windows"', '"Android"', '"13.0.0"', "?1", '"²"']),
)


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    columns: dict[str, Any] = {
        name: draw(anything) for name in ("url", "referrer", "title", "path", "query")
    }
    columns |= {
        name: draw(st.text(max_size=20))
        for name in ("host", "campaign_source", "campaign_medium", "campaign_name")
    }
    columns |= {name: draw(anything) for name in ("user_id", "transaction_id", "currency")}
    props = draw(st.dictionaries(anything, anything | documents, max_size=4))
    columns["items"] = [Item(item_id="A", props=props)]
    columns |= {"props": props, "nums": dict.fromkeys(props, 1.0), "value": draw(amounts)}
    agent = draw(st.text() | st.sampled_from([CHROME, "GPTBot/1.0"]))
    hit = replace(HIT, user_agent=agent, headers=draw(headers))
    person = Person(ip=draw(st.text()), user_agent=agent)
    return Subject(event=replace(PAGE_VIEW, **columns), person=person, hit=hit)


@settings(max_examples=400, deadline=None)
@given(subject=subjects())
def test_no_text_stops_the_steps_and_doing_them_again_changes_nothing(subject: Subject) -> None:
    once = enrich(subject, CONTEXT)
    assert isinstance(once, Subject)
    assert enrich(once, CONTEXT) == once


def test_a_landing_becomes_a_whole_row() -> None:
    before = subject_of(
        url="https://www.shop.example.com/p/1?email=jo@x.org&utm_campaign=spring&gclid=Cj0#top",
        referrer="https://www.google.com/",
        title="Shoes",
        props={"email": "jo@x.org", "size": "42"},
        value="5.0000",
    )
    hit = replace(HIT, user_agent=CHROME, headers={"sec-ch-ua-mobile": "?1"})
    before = replace(before, person=Person(ip="192.0.2.1", user_agent=CHROME), hit=hit)
    after = enrich(before, CONTEXT)
    assert isinstance(after, Subject)
    assert changes(before, after) == {
        "url": "https://www.shop.example.com/p/1?email=redacted&utm_campaign=spring",
        "host": "www.shop.example.com",
        "path": "/p/1",
        "query": "email=redacted&utm_campaign=spring",
        "referrer_host": "google.com",
        "campaign_name": "spring",
        "click_ids": ["gclid"],
        "channel": "Paid Search",
        "channel_source": "google",
        "channel_medium": "cpc",
        "device_type": "mobile",
        "os": "Android",
        "os_version": "10",
        "browser": "Chrome Mobile",
        "browser_version": "141.0",
        "country": "FR",
        "region": "IDF",
        "city": "Paris",
        "props": {"email": "redacted", "size": "42"},
        "currency": "EUR",
    }
    assert after.person == replace(
        before.person, click_ids={"gclid": "Cj0"}, clicked_at={"gclid": before.event.occurred_at}
    )
    assert after.hit == before.hit


@pytest.mark.parametrize("unit", ["a", "a.", "shop\n", "cp\n", "a@", "http://", "Bot", "1."])
def test_long_texts_take_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    before = subject_of(
        url=text,
        referrer=f"https://{text}",
        title=text,
        campaign_source=text,
        campaign_medium=text,
        campaign_name=text,
    )
    person = Person(ip=text, user_agent=text)
    hit = replace(HIT, user_agent=text, headers={"sec-ch-ua-model": text, "signature-agent": text})
    began = time.thread_time()
    enrich(replace(before, person=person, hit=hit), CONTEXT)
    assert time.thread_time() - began < 3


def test_the_first_reject_ends_the_steps() -> None:
    reject = Reject(src=1, off=0, idx=0, received_at=1, reason=Reason.BAD_EVENT, detail="x")

    def drop(subject: Subject, _: Context) -> Reject:
        return reject

    def put(subject: Subject, _: Context) -> Subject:
        raise AssertionError("no step comes after a reject")

    assert enrich(subject_of(), CONTEXT, steps=(STEPS[0], drop, put)) == reject


def test_every_step_says_in_its_name_whether_it_may_take_away() -> None:
    names = [step.__name__ for step in STEPS]
    assert [name for name in names if not name.startswith(("drop_", "put_"))] == []
