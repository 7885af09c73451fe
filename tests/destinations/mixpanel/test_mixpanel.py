from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.delivery import Mixed, Refused, Response
from server.destinations.contract import EVENT, sample
from server.destinations.mixpanel import DESTINATION
from server.destinations.mixpanel.config import Config
from server.model import Person
from tests.destinations.asking import said

TOKEN = "0" * 32
CONFIG = Config(token=TOKEN)


def properties(*, cookie: str = "", **more: Any) -> dict[str, Any]:
    person = Person(cookies={f"mp_{TOKEN}_mixpanel": cookie})
    return dict(said(DESTINATION, sample(CONFIG, replace(EVENT, **more), person))["properties"])


@pytest.mark.parametrize("outside", [str, quote])
def test_the_id_of_the_script_is_taken_from_its_cookie(outside: type[str]) -> None:
    found = properties(cookie=outside('{"distinct_id":"$device:d-1","$device_id":"d-1"}'))
    assert (found["$device_id"], found["distinct_id"]) == ("d-1", "$device:d-1")


@given(st.text())
def test_any_other_cookie_is_none(cookie: str) -> None:
    assert properties(cookie=cookie)["$device_id"] == EVENT.visitor_id


def test_the_page_s_own_id_of_an_event_is_kept_where_mixpanel_takes_it() -> None:
    ids = ["order-7", "é", "x" * 37]
    found = [properties(props={"event_id": id_})["$insert_id"] for id_ in ids]
    assert found == ["order-7", EVENT.event_id, EVENT.event_id]


def test_what_mixpanel_would_refuse_or_cut_is_cut() -> None:
    many = {f"p{number}": "x" * 300 for number in range(300)}
    found = properties(props=many)
    assert len(found) < 255
    assert {len(said) for name, said in found.items() if name.startswith("p")} == {255}
    deep = replace(CONFIG, params={"list": list(range(300)), "deep": {"a": ["x" * 300]}})
    told = said(DESTINATION, sample(deep, EVENT))["properties"]
    assert (len(told["list"]), told["deep"]) == (248, {"a": ["x" * 255]})


@pytest.mark.parametrize("failed", [None, {}, [3], [{"index": "3"}], [{"index": -1}]])
def test_a_refusal_that_names_no_event_is_everybody_s(failed: Any) -> None:
    body = json.dumps({"failed_records": failed})
    response = Response(status=400, body=body.encode())
    assert DESTINATION.judge(response) == Refused("http_400", body)


def test_a_record_may_say_little() -> None:
    response = Response(status=400, body=b'{"failed_records":[{"index":0}]}')
    assert DESTINATION.judge(response) == Mixed(parts={0: Refused("bad_field", ": ", code="400")})


def test_half_a_service_account_is_told() -> None:
    with pytest.raises(msgspec.ValidationError, match="belong together"):
        msgspec.convert({"token": TOKEN, "service_account": "shop"}, Config)


def test_the_cookie_that_is_read_is_the_project_s() -> None:
    assert DESTINATION.cookies({"token": TOKEN}) == (f"mp_{TOKEN}_mixpanel",)
    assert DESTINATION.cookies({"token": "{{ token }}"}) == ()
