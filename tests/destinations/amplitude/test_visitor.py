from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.destinations.amplitude.config import Config
from server.destinations.amplitude.visitor import visitor
from server.destinations.contract import EVENT, Sending
from server.model import Event, Person

CONFIG = Config(api_key="0123456789" + "a" * 22)


def sending(cookie: str, event: Event = EVENT) -> Sending:
    person = Person(cookies={"AMP_0123456789": cookie})
    return Sending(event=event, person=person, config=CONFIG)


def written(text: str) -> str:
    return base64.b64encode(quote(text, safe="").encode()).decode()


@pytest.mark.parametrize("outside", [str, quote])
def test_the_script_s_own_ids_are_taken_from_its_cookie(outside: type[str]) -> None:
    cookie = outside(written('{"deviceId":"d-1é","sessionId":1760000005007,"optOut":false}'))
    assert visitor(sending(cookie)) == {"device_id": "d-1é", "session_id": 1760000005007}


@given(st.text() | st.text().map(written) | st.binary().map(lambda b: base64.b64encode(b).decode()))
def test_any_other_cookie_is_none(cookie: str) -> None:
    assert visitor(sending(cookie)) == {
        "device_id": EVENT.visitor_id,
        "session_id": EVENT.session_id * 1000,
    }


def test_an_id_that_is_a_mistake_is_not_sent() -> None:
    event = replace(EVENT, user_id="undefined", session_id=0)
    assert visitor(sending("", event)) == {"device_id": EVENT.visitor_id}
