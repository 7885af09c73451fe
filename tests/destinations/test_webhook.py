from __future__ import annotations

import base64
import hashlib
import hmac
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from server.delivery import Refused
from server.destinations.contract import EVENT, Sending
from server.destinations.webhook import DESTINATION, Config
from server.model import NO_VISITOR, Item, Person
from tests.destinations.asking import ask, refusal
from tests.samples import full_event

URL = "https://hooks.example.com/"


def sending(config: Config, **more: object) -> Sending:
    return Sending(event=replace(EVENT, **more), person=Person(email="jo@x.org"), config=config)


def test_the_whole_event_is_its_row_with_money_as_numbers() -> None:
    event = full_event()
    request = ask(DESTINATION, Sending(event=event, person=Person(), config=Config(url=URL)))
    row = msgspec.to_builtins(event)
    row |= {"value": 1234567890123.45}
    row["items"] = [
        {"item_id": "SKU-1", "price": 19.99, "quantity": 2.5, "index": 1, "props": {"x": "y"}}
    ]
    row = {name: said for name, said in row.items() if name not in {"src", "off", "idx"}}
    assert json.loads(request.body) == row
    assert b'"value":1234567890123.45,' in request.body


def test_neither_what_is_empty_is_said_nor_the_position() -> None:
    body = json.loads(ask(DESTINATION, sending(Config(url=URL), visitor_id=NO_VISITOR)).body)
    empty = {name for name, value in asdict(EVENT).items() if not value}
    assert not body.keys() & (empty | {"src", "off", "idx", "visitor_id"})


def test_the_first_place_of_a_list_is_said_where_items_are_numbered() -> None:
    def places(*given: int) -> list[int | None]:
        items = [Item(item_id="a", index=index) for index in given]
        body = json.loads(ask(DESTINATION, sending(Config(url=URL), items=items)).body)
        return [item.get("index") for item in body["items"]]

    assert places(0, 1) == [0, 1]
    assert places(0, 0) == [None, None]


@pytest.mark.parametrize(
    ("secret", "key"),
    [("whsec_bm90IGEgc2VjcmV0", b"not a secret"), ("plain ✓", "plain ✓".encode())],
)
def test_the_receiver_can_verify_the_signature(secret: str, key: bytes) -> None:
    request = ask(DESTINATION, sending(Config(url=URL, secret=secret, body={"a": 1})))
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode()
    mac = hmac.new(key, signed + request.body, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()


def test_while_a_secret_is_changed_both_sign() -> None:
    def signature(config: Config) -> str:
        return ask(DESTINATION, sending(config)).headers["webhook-signature"]

    old, new = (Config(url=URL, secret=secret) for secret in ("old", "new"))
    both = replace(new, previous_secret="old")
    assert signature(old) != signature(new)
    assert signature(both) == f"{signature(new)} {signature(old)}"


def test_the_events_of_a_visitor_go_in_their_order_if_the_tag_wants_it() -> None:
    ordered = Config(url=URL, in_order=True)
    assert DESTINATION.order(sending(ordered)) == EVENT.visitor_id
    assert DESTINATION.order(sending(ordered, visitor_id=NO_VISITOR)) == ""
    assert DESTINATION.order(sending(Config(url=URL))) == ""


def test_headers_of_ones_own_never_replace_the_id() -> None:
    own = {"Webhook-Id": "x", "IDEMPOTENCY-KEY": "x", "Content-Type": "application/vnd.x+json"}
    request = ask(DESTINATION, sending(Config(url=URL, headers=own)))
    assert request.headers == {
        "content-type": "application/vnd.x+json",
        "webhook-id": EVENT.event_id,
        "idempotency-key": EVENT.event_id,
    }


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"url": "ftp://example.com"}, "matching regex"),
        ({"url": URL, "method": "GET"}, "Invalid enum value 'GET'"),
        ({"url": URL, "headers": {"Host": "x"}}, "the header Host belongs to the connection"),
        ({"url": URL, "headers": {"a b": "x"}}, "matching regex"),
        ({"url": URL, "secret": "whsec_not base64"}, "expected base64 after `whsec_`"),
        ({"url": URL, "secret": ""}, "length >= 1"),
        ({"url": URL, "previous_secret": "old"}, "`secret` is missing"),
        ({"url": URL, "secret": "new", "previous_secret": "whsec_?"}, "expected base64"),
        ({"url": URL, "uri": URL}, "unknown field `uri`"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: object, text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=text):
        msgspec.convert(settings, Config)


def test_a_wrong_secret_is_not_told() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"url": URL, "secret": "whsec_very secret"}, Config)
    assert "very" not in str(caught.value)


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "\x00", "a\x7f"])
def test_a_value_that_would_break_a_header_is_refused(value: str) -> None:
    refused = refusal(DESTINATION, sending(Config(url=URL, headers={"X-Page": value})))
    assert refused == Refused("bad_header", "the value of X-Page has a line break or the like")


def test_a_value_in_any_script_may_stand_in_a_header() -> None:
    assert refusal(DESTINATION, sending(Config(url=URL, headers={"X-Page": "été\t✓"}))) is None


@pytest.mark.parametrize("url", ["https://", "https://x y/", "https://[x/", "http://a\nb/"])
def test_an_address_that_a_value_has_broken_is_refused(url: str) -> None:
    refused = refusal(DESTINATION, sending(Config(url=url)))
    assert refused == Refused("bad_url", f"not an address: {url!r}")


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=4,
        ),
        max_size=3,
    )
)
def test_any_body_is_json(body: dict[str, object]) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    request = ask(DESTINATION, sending(Config(url=URL, body=body)))
    assert json.loads(request.body, parse_constant=refuse).keys() == body.keys()
