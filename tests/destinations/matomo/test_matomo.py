from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.delivery import Delivered, Mixed, Response, Retry
from server.destinations import DESTINATIONS
from server.destinations.contract import PAGE_VIEW, PERSON, sample
from server.destinations.matomo.config import Config
from server.model import NO_VISITOR, Person
from tests.destinations.asking import refusal, said

MATOMO = DESTINATIONS["matomo"]
CONFIG = Config(endpoint="https://m.example/stats/", site_id=1, token_auth="t")
NAMED = replace(CONFIG, visitor_cookie="_pk_id.1.1fff")
NOBODY = replace(PAGE_VIEW, visitor_id=NO_VISITOR)


@pytest.mark.parametrize("cookie", ["", "0A1B2C3D4E5F6789.1.", "0a1b.1.", "x" * 5000])
def test_a_cookie_that_is_not_matomos_is_not_believed(cookie: str) -> None:
    person = replace(PERSON, cookies={"_pk_id.1.1fff": cookie})
    ours = said(MATOMO, sample(CONFIG, PAGE_VIEW))["_id"]
    assert said(MATOMO, sample(NAMED, PAGE_VIEW, person))["_id"] == ours


def test_the_cookie_is_kept_where_a_tag_names_it() -> None:
    assert MATOMO.cookies({"visitor_cookie": "_pk_id.1.1fff"}) == ("_pk_id.1.1fff",)
    assert MATOMO.cookies({}) == MATOMO.cookies({"visitor_cookie": 7}) == ()


def test_with_the_device_matomo_tells_strangers_apart_by_itself() -> None:
    config = replace(CONFIG, send_device=True)
    assert refusal(MATOMO, sample(config, NOBODY)) is None
    assert refusal(MATOMO, sample(config, NOBODY, Person())) is not None


def test_the_actions_of_a_visitor_wait_for_one_another() -> None:
    order = MATOMO.order(sample(CONFIG, PAGE_VIEW))
    assert order == said(MATOMO, sample(CONFIG, PAGE_VIEW))["cid"]
    assert MATOMO.order(sample(CONFIG, NOBODY)) == PERSON.ip


@pytest.mark.parametrize("places", [b"[]", b"7", b"null", b'["1"]'])
def test_indices_that_are_none_blame_nobody(places: bytes) -> None:
    body = b'{"status":"success","tracked":1,"invalid":0,"invalid_indices":' + places + b"}"
    judged = MATOMO.judge(Response(status=200, body=body))
    assert judged in (Delivered(), Mixed({}))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"status":"success"}', b'{"status":"error"}'])
def test_a_success_that_says_nothing_is_none(body: bytes) -> None:
    assert isinstance(MATOMO.judge(Response(status=200, body=body)), Retry)
