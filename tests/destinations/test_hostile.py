"""What no destination may do: raise, or say what is no JSON, whatever was typed into a page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from server.delivery import Refused, Response
from server.destinations import DESTINATIONS
from server.destinations.contract import Destination, Sending
from server.model import Event, Item, Person

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


@pytest.mark.parametrize("destination", DESTINATIONS.values(), ids=DESTINATIONS)
@settings(max_examples=20)
@given(changes=hostile(), text=TEXTS)
def test_whatever_was_typed_becomes_json_or_a_refusal(
    destination: Destination, changes: tuple[dict[str, Any], dict[str, Any]], text: str
) -> None:
    for example in destination.examples:
        first = example.sendings[0]
        person = replace(all_cookies(first, text), **changes[1])
        sending = replace(first, event=replace(first.event, **changes[0]), person=person)
        message = destination.message(sending)
        if isinstance(message, Refused):
            assert message.reason
            continue
        assert isinstance(destination.group(sending, message), str)
        assert isinstance(destination.order(sending), str)
        request = destination.wrap([sending], [message])
        assert request.url.isascii()
        assert request.url.isprintable()
        json.loads(request.body, parse_constant=refuse)
        for name, value in request.headers.items():
            assert f"{name}{value}".isprintable()


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
            destination.judge(Response(status=status, body=body))


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
