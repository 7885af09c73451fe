from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from server.containers.model import Asked
from server.delivery import Delivered, Refused, Response
from server.destinations.contract import Sending
from server.destinations.ga4 import DESTINATION, MAX_EVENTS
from server.model import NO_VISITOR, Event, Item, Person
from tests.destinations.asking import ask, refusal, said
from tests.destinations.ga4.limits import checked
from tests.destinations.ga4.sendings import CONFIG, sending

NAMES = ["coupon", "items", "value", "page_title", "a_b", "a-b", "ga_x", "x" * 41, "été", ""]
TEXTS = ["", "90", "01000", "GA1.1.12.34", "\x01" * 400, "\u2028\U0001f600" * 200, "NaN", '"\\']
COLUMNS = sorted(
    {name for name, kind in Event.__annotations__.items() if kind == "str"}
    - {"event_id", "visitor_id", "container_id", "name"}
)
names = st.sampled_from(NAMES)
words = st.sampled_from(TEXTS)
items = st.builds(
    Item,
    item_id=words,
    item_name=words,
    price=st.sampled_from([None, "1.5000", "-9999999999999.9999"]),
    quantity=st.floats(),
    props=st.dictionaries(names, words, max_size=3),
)


@st.composite
def hostile(draw: st.DrawFn) -> dict[str, Any]:
    """Fields of an event as a page, or somebody who plays one, may fill them."""
    columns = draw(st.dictionaries(st.sampled_from(COLUMNS), words, max_size=12))
    return columns | {
        "consent": draw(st.dictionaries(names, words, max_size=3)),
        "props": draw(st.dictionaries(names, words)) | draw(st.dictionaries(st.text(), st.text())),
        "nums": draw(st.dictionaries(names, st.floats(allow_nan=False), max_size=9)),
        "items": draw(st.lists(items, max_size=2)) * draw(st.integers(0, 120)),
        "value": draw(st.sampled_from([None, "0.0000", "9999999999999.9999"])),
    }


@settings(max_examples=100, deadline=None)
@given(hostile())
def test_no_event_breaks_a_limit_of_the_protocol(fields: dict[str, Any]) -> None:
    person = Person(email="jo@x.org", cookies={"_ga": fields.get("title", "")})
    config = replace(CONFIG, send_user_data=True, params={"p": fields.get("url")})
    one = sending(config=config, person=person, **fields)
    assert refusal(DESTINATION, one) is None
    checked(ask(DESTINATION, one))


def test_the_largest_event_fits_into_a_request() -> None:
    long = "\x01" * 2000
    texts = {name: long for name, kind in Event.__annotations__.items() if kind == "str"}
    fields: dict[str, Any] = texts | {
        "name": "purchase",
        "user_id": "\x01" * 256,
        "visitor_id": "v",
    }
    one = sending(
        config=replace(CONFIG, user_properties={f"p{n:023}": long for n in range(30)}),
        items=[Item(item_id=long, item_name=long, props={"size": long})] * 200,
        props={f"p{n:039}": long for n in range(60)},
        **fields,
    )
    assert refusal(DESTINATION, one) is None
    body = checked(ask(DESTINATION, one))
    assert len(body["events"][0]["params"]) == 25


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        (
            "Add to cart",
            "GA4 takes no event 'Add to cart'; set `event_name: Add_to_cart` on the tag",
        ),
        (
            "session_start",
            "GA4 takes no event 'session_start'; set `event_name: session_start_event` on the tag",
        ),
    ],
)
def test_a_name_that_ga4_would_drop_is_refused_with_one_that_it_takes(
    name: str, detail: str
) -> None:
    assert refusal(DESTINATION, sending(name=name)) == Refused("bad_name", detail)
    assert (
        refusal(DESTINATION, sending(name=name, config=replace(CONFIG, event_name="lead"))) is None
    )


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"measurement_id": "G-ABC123"}, ("_ga", "_ga_ABC123")),
        ({"measurement_id": "{{ event.props.stream }}"}, ("_ga",)),
        ({"measurement_id": "G-{{ event.props.stream }}"}, ("_ga",)),
        ({"measurement_id": "$secret.STREAM"}, ("_ga",)),
        ({}, ("_ga",)),
    ],
)
def test_the_cookies_of_gtag_js_are_kept_for_the_stream_that_the_container_names(
    settings: dict[str, Any], names: tuple[str, ...]
) -> None:
    assert DESTINATION.cookies(settings) == names


def test_an_event_of_nobody_is_refused() -> None:
    refused = refusal(DESTINATION, sending(visitor_id=NO_VISITOR))
    assert refused is not None
    assert refused.reason == "no_client_id"
    cookie = Person(cookies={"_ga": "GA1.1.12.34"})
    assert refusal(DESTINATION, sending(visitor_id=NO_VISITOR, person=cookie)) is None


def group(sending: Sending) -> str:
    return DESTINATION.group(sending, said(DESTINATION, sending))


@pytest.mark.parametrize(
    ("change", "may_share"),
    [
        ({"name": "scroll", "occurred_at": 1, "props": {"a": "b"}, "session_id": 1}, True),
        ({"visitor_id": "0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c12"}, False),
        ({"user_id": "u-1"}, False),
        ({"consent": {"ad_user_data": "granted"}}, False),
        ({"country": "FR"}, False),
        ({"browser": "Firefox"}, False),
    ],
)
def test_events_share_a_request_where_all_else_is_the_same(
    change: dict[str, Any], *, may_share: bool
) -> None:
    assert (group(sending()) == group(sending(**change))) is may_share


@pytest.mark.parametrize(
    "config",
    [
        replace(CONFIG, measurement_id="G-OTHER"),
        replace(CONFIG, api_secret="other"),
        replace(CONFIG, endpoint="https://region1.google-analytics.com"),
        replace(CONFIG, user_properties={"tier": "gold"}),
        replace(CONFIG, send_ip=True),
    ],
)
def test_events_of_other_settings_never_share_a_request(config: Any) -> None:
    person = Person(ip="203.0.113.9")
    assert group(sending(person=person)) != group(sending(config=config, person=person))


def test_a_group_does_not_say_what_it_is_made_of() -> None:
    found = group(sending(config=replace(CONFIG, send_ip=True), person=Person(ip="203.0.113.9")))
    assert len(found) == 64
    assert set(found) <= set("0123456789abcdef")


def test_25_events_go_in_one_request_each_with_its_own_time() -> None:
    many = [sending(occurred_at=1_760_000_000_000 + n) for n in range(MAX_EVENTS)]
    body = checked(ask(DESTINATION, *many))
    stamps = [event["timestamp_micros"] for event in body["events"]]
    assert stamps == [1_760_000_000_000_000 + n * 1000 for n in range(25)]


def test_a_secret_of_any_letters_is_quoted() -> None:
    request = ask(DESTINATION, sending(config=replace(CONFIG, api_secret="a&b=c #")))
    assert request.url.endswith("?measurement_id=G-ABC123&api_secret=a%26b%3Dc+%23")


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_any_success_is_all_that_ga4_says(status: int) -> None:
    assert DESTINATION.judge(Response(status=status, body=b"{}")) == Delivered()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"events": {"purchase", "page_view"}}, []),
        ({}, []),
        ({"events": {"order-done"}}, ["set `event_name: order_done`"]),
        ({"events": {"order-done"}, "settings": {"event_name": "order"}}, []),
        ({"events": {"purchase"}, "settings": {"params": {"currency": None}}}, ["a currency"]),
        ({"events": {"scroll"}, "settings": {"params": {"currency": None}}}, []),
        (
            {"settings": {"event_name": "purchase", "params": {"transaction_id": ""}}},
            ["counts a purchase twice"],
        ),
        ({"events": {"purchase"}, "settings": {"params": "{{ x }}"}}, []),
    ],
)
def test_what_ga4_would_drop_is_told_before_anything_is_sent(
    asked: dict[str, Any], told: list[str]
) -> None:
    events = frozenset(asked.get("events", ()))
    one = Asked(settings=asked.get("settings", {}), events=events, currency="EUR")
    found = [text for _, text in DESTINATION.warn(one)]
    assert len(found) == len(told)
    assert all(words in text for words, text in zip(told, found, strict=True))
