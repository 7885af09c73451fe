from __future__ import annotations

import base64
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.destinations.contract import PAGE_VIEW, PERSON, sample
from server.destinations.klaviyo.config import Config
from server.destinations.klaviyo.profile import profile
from server.model import NO_VISITOR, Person

CONFIG = Config(api_key="pk_1", send_user_data=True, send_device=True, profile={"tier": "gold"})
NOBODY = replace(PAGE_VIEW, visitor_id=NO_VISITOR)


def of(person: Person, **more: Any) -> dict[str, Any]:
    return profile(sample(CONFIG, replace(NOBODY, **more), person))


def test_who_is_known_by_an_email_alone_is_somebody() -> None:
    assert of(Person(email="Jo@X.org", ip="203.0.113.9")) == {
        "email": "jo@x.org",
        "location": {"ip": "203.0.113.9"},
        "properties": {"tier": "gold"},
    }


def test_a_name_and_an_address_alone_are_nobody_s_profile() -> None:
    assert of(replace(PERSON, email="", phone="")) == {}


def test_what_is_no_address_and_no_number_is_not_sent() -> None:
    hashed = replace(PERSON, email="a" * 64, phone="b" * 64)
    assert not of(hashed, user_id="u-1").keys() & {"email", "phone_number"}


@given(st.text() | st.binary().map(lambda b: base64.b64encode(b).decode()))
def test_a_cookie_of_another_kind_tells_of_nobody(cookie: str) -> None:
    assert of(Person(cookies={"__kla_id": cookie})) == {}
