from __future__ import annotations

import ipaddress

import pytest

from server.collector.asked import Asked, first_of
from server.collector.hits import Arrival, accept, read_hit
from server.collector.site import make_site
from server.containers.model import Container, Cookie, CookieMode
from server.errors import BadHit
from server.identity import KeyRing
from server.model import Hit
from tests.samples import NOON

SITE = make_site(
    Container(id="shop", sites=["self"], cookie=Cookie(mode=CookieMode.ALWAYS)),
    KeyRing(("a-key-of-at-least-thirty-two-characters",)),
)


def asked(query: str = "", **headers: str) -> Asked:
    raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return Asked(headers=raw, fields=first_of(raw), query=query.encode(), peer="10.0.0.1")


def arrival(query: str = "", **headers: str) -> Arrival:
    trusted = [ipaddress.ip_network("10.0.0.0/8")]
    return read_hit(asked(query, **headers), b"{}", SITE, trusted=trusted, now=NOON)


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({"origin": "https://evil.example"}, b"{}", "origin"),
        ({"content_type": "text/html"}, b"{}", "content_type"),
        ({}, b"[]", "not_an_object"),
    ],
)
def test_what_does_not_pass_the_door_is_no_hit(
    headers: dict[str, str], body: bytes, reason: str
) -> None:
    with pytest.raises(BadHit) as caught:
        accept(asked(**headers), body, SITE, trusted=(), now=NOON)
    assert caught.value.reason == reason


def test_what_passes_is_a_hit() -> None:
    hit = accept(asked("c=0", user_agent="UA"), b'{"v":1}', SITE, trusted=(), now=NOON).hit
    assert hit == Hit(
        received_at=NOON,
        container_id="shop",
        dialect="native",
        ip="10.0.0.1",
        user_agent="UA",
        query="c=0",
        body=b'{"v":1}',
    )


def test_only_headers_of_the_allow_list_are_kept_and_cut() -> None:
    hit = arrival(
        accept_language="x" * 9000, sec_gpc="1", cookie="sid=CANARY", authorization="CANARY"
    ).hit
    assert hit.headers == {"accept-language": "x" * 2048, "sec-gpc": "1"}
    assert "CANARY" not in repr(hit)


def test_the_address_comes_through_trusted_proxies() -> None:
    assert arrival(x_forwarded_for="6.6.6.6, 203.0.113.5").hit.ip == "203.0.113.5"


def test_debug_is_asked_for_in_the_query() -> None:
    assert arrival("debug=1").debug
    assert not arrival("debug=0").debug


def test_no_query_is_an_error() -> None:
    for query in ("%zz=%ff&&=&c", "c=1&c=0", "=" * 5000, "\x7f"):
        assert arrival(query).hit.query == query


def test_the_last_of_two_permissions_counts() -> None:
    assert arrival("c=1&c=0").hit.visitor is None
    assert arrival("c=0&xc=0&c=1").hit.visitor is not None


def test_a_cookie_is_set_for_a_newcomer_only_if_allowed() -> None:
    assert arrival("c=1").set_cookies
    refused = arrival("c=0")
    assert (refused.set_cookies, refused.hit.visitor) == ((), None)
