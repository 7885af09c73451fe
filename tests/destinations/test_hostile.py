"""What no destination may do: raise, or say what is no JSON, whatever was typed into a page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from server.delivery import Mixed, Refused, Response
from server.destinations import DESTINATIONS
from server.destinations.contract import Destination, Sending
from server.dialects.wire import MAX_ITEMS
from server.enrich import Subject
from server.model import Event, Item, Person
from tests.destinations.hostile import LONG, NOW, SHORT, heavy, subjects

TEXTS = st.text(max_size=40) | st.sampled_from(
    [
        "\x00",
        "\u2028</script>",
        "🙂" * 400,
        "x" * 5000,
        "{{ event.url }}",
        "-1e999",
        "%00&a=b\r\nx: y",
    ]
)
AMOUNTS = st.none() | st.sampled_from(["0.0000", "-5.0000", "99999999999999.9999"])
ODD_ANSWERS: list[Any] = [None, [], {}, "x", -1, 2**70, 1.5, True, [{}], {"code": []}, [None, "x"]]


def texts_of(kind: Any) -> list[str]:
    return [field.name for field in fields(kind) if field.type is str]


def filled(draw: st.DrawFn, kind: Any) -> dict[str, Any]:
    names = draw(st.sets(st.sampled_from(texts_of(kind)), max_size=6))
    return {name: draw(TEXTS) for name in names}


@st.composite
def hostile(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Changes of an event, and of a person."""
    kept = ("visitor_id", "name", "event_id")  # of our own making
    event = {name: text for name, text in filled(draw, Event).items() if name not in kept}
    pairs = st.dictionaries(TEXTS.map(lambda text: text[:80]), TEXTS, max_size=3)
    item = Item(**filled(draw, Item), price=draw(AMOUNTS), quantity=draw(st.floats()))
    event |= {
        "items": [item] * draw(st.integers(0, 3)),
        "props": draw(pairs),
        "value": draw(AMOUNTS),
    }
    person = filled(draw, Person) | {"click_ids": draw(pairs)}
    return event, person


def all_cookies(sending: Sending, text: str) -> Person:
    """Every cookie and click id that the example shows, with another value."""
    person = sending.person
    return replace(
        person,
        cookies=dict.fromkeys(person.cookies, text),
        click_ids=dict.fromkeys(person.click_ids, text),
    )


NAMES = tuple(sorted({name for one in DESTINATIONS.values() for name in one.events}))
SETTINGS = {
    (name, repr(sending.config)): sending
    for name, destination in DESTINATIONS.items()
    for example in destination.examples
    for sending in example.sendings
}
"""Each destination's, as its examples have them."""
COOKIES = tuple(sorted({name for one in SETTINGS.values() for name in one.person.cookies}))


def check(name: str, sending: Sending) -> None:
    """A destination says of it what its partner can read, and no more than that, or why not."""
    destination = DESTINATIONS[name]
    message = destination.message(sending)
    if isinstance(message, Refused):
        assert message.reason, name
        assert message.detail, name
        return
    request = destination.wrap([sending], [message])
    json.loads(request.body, parse_constant=refuse)
    assert len(request.body) <= destination.max_bytes, name
    assert request.url.isascii(), name
    assert request.url.isprintable(), name
    assert all(f"{key}{said}".isprintable() for key, said in request.headers.items()), name
    assert isinstance(destination.group(sending, message), str), name
    assert isinstance(destination.order(sending), str), name


def check_all(subject: Subject) -> None:
    for (name, _), example in SETTINGS.items():
        event, person = subject.event, subject.person
        check(name, replace(example, event=event, person=person, sent_at=NOW))


@settings(max_examples=20)
@given(changes=hostile(), text=TEXTS)
def test_whatever_a_column_holds_becomes_json_or_a_refusal(
    changes: tuple[dict[str, Any], dict[str, Any]], text: str
) -> None:
    for (name, _), example in SETTINGS.items():
        person = replace(all_cookies(example, text), **changes[1])
        check(name, replace(example, event=replace(example.event, **changes[0]), person=person))


@settings(max_examples=30)
@given(subjects(NAMES, COOKIES))
def test_whatever_a_page_sends_becomes_json_or_a_refusal(subject: Subject) -> None:
    check_all(subject)


HEAVY: dict[str, dict[str, Any]] = {
    "props": {"props": {f"p{number}": "x" * LONG for number in range(55)}, "items": []},
    "signs": {"props": {f"p{number}": "\x01" * LONG for number in range(9)}, "items": []},
    "items": {
        "props": {},
        "items": [
            {"item_id": f"{number:0{SHORT}}", "item_name": "b" * SHORT, "item_brand": "c" * SHORT}
            for number in range(MAX_ITEMS)
        ],
    },
    "lines": {
        "props": {},
        "items": [{"item_id": str(number), "k": "z" * 2200} for number in range(MAX_ITEMS)],
    },
}


@pytest.mark.parametrize("fields", HEAVY.values(), ids=HEAVY)
@pytest.mark.parametrize("name", ["purchase", "view_item", "page_view"])
def test_the_largest_event_is_no_larger_than_a_partner_takes(
    name: str, fields: dict[str, Any]
) -> None:
    check_all(heavy(name, fields))


@pytest.mark.parametrize("destination", DESTINATIONS.values(), ids=DESTINATIONS)
def test_whatever_is_answered_is_judged(destination: Destination) -> None:
    bodies = [answer.response.body for answer in destination.answers]
    known = {name for body in bodies for name in names_in(body)}
    odd = [dict.fromkeys(known, value) for value in ODD_ANSWERS] + ODD_ANSWERS
    odd += [{name: value} for name in known for value in ODD_ANSWERS]
    odd += [dict.fromkeys(known, inner) for inner in odd if isinstance(inner, dict)]
    raw = [b"", b"\xff", b"[" * 5000, b"<html>", b"{}"]
    raw += [json.dumps(body).encode() for body in odd]
    for status in (200, 207, 302, 400, 401, 422, 429, 500):
        for body in raw:
            judged = destination.judge(Response(status=status, body=body))
            parts = judged.parts if isinstance(judged, Mixed) else {}
            assert all(isinstance(place, int) for place in parts)
            for outcome in (*parts.values(), *([] if parts else [judged])):
                assert isinstance(getattr(outcome, "detail", ""), str)


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def names_in(body: bytes) -> set[str]:
    """The names of all objects of an answer, if it is JSON."""
    found: set[str] = set()

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found.update(name for name, _ in pairs)
        return dict(pairs)

    try:
        json.loads(body, object_pairs_hook=note)
    except ValueError:
        return set()
    return found
