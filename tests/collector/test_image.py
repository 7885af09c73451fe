"""A hit in an image's address: what the POST of the same body is, by both ways of the collector."""

from __future__ import annotations

import contextlib
import json
from base64 import urlsafe_b64encode
from collections import Counter
from functools import partial

import httpx2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from server.collector import image
from server.collector.answers import PIXEL
from server.collector.asked import Asked, first_of
from server.collector.hits import Arrival, accept, accept_image
from server.errors import BadHit
from server.journal import Shed
from tests.collector.doors import BODY, SHOP, Door
from tests.samples import NOON

TEXT = {"content-type": "text/plain;charset=UTF-8"}
ORIGIN = {"origin": SHOP}


def wrapped(body: bytes, *, padding: bool = False) -> str:
    """The body as the tag writes it."""
    text = urlsafe_b64encode(body).decode()
    return "hit=" + (text if padding else text.rstrip("="))


def asked(query: bytes, **headers: str) -> Asked:
    raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return Asked(headers=raw, fields=first_of(raw), query=query, peer="", is_post=False)


@pytest.mark.parametrize(
    ("query", "rest", "sent"),
    [
        (b"", b"", None),
        (b"name=open&hits=3&xhit=4", b"name=open&hits=3&xhit=4", None),
        (b"%68it=eyJ2IjoxfQ", b"%68it=eyJ2IjoxfQ", None),
        (b"hit=eyJ2IjoxfQ", b"", b"eyJ2IjoxfQ"),
        (b"c=1&hit=&l=t.p", b"c=1&l=t.p", b""),
        (b"hit=a&c=0&hit=b=&c=1", b"c=0&c=1", b"b="),
    ],
)
def test_the_last_hit_is_taken_out_of_the_query(
    query: bytes, rest: bytes, sent: bytes | None
) -> None:
    bare, found = image.unwrap(asked(query))
    assert (bare.query, found) == (rest, sent)


@pytest.mark.parametrize("body", [b"", b"a", b"ab", b"abc", b"\xff\xfe\xfb\xef\xbe", BODY])
def test_padding_is_of_no_account(body: bytes) -> None:
    for padding in (False, True):
        sent = wrapped(body, padding=padding).removeprefix("hit=").encode()
        assert image.body_of(sent) == body


@pytest.mark.parametrize(
    "sent", [b"a", b"abcde", b"=", b"a=bc", b"ab===", b"e%33", b"a b", b"\xff"]
)
def test_what_is_not_base64url_is_refused(sent: bytes) -> None:
    with pytest.raises(BadHit) as caught:
        image.body_of(sent)
    assert (caught.value.status, caught.value.reason) == (400, "not_base64")


def test_the_image_comes_when_the_disk_has_what_a_post_would_have_brought(
    door: Door, client: httpx2.Client
) -> None:
    answer = client.get(f"/asks/hit.gif?c=1&{wrapped(BODY)}&l=t.p", headers=ORIGIN)
    assert (answer.status_code, answer.content) == (200, PIXEL)
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["access-control-allow-credentials"] == "true"
    client.post("/asks/hit?c=1&l=t.p", content=BODY, headers=ORIGIN)
    client.get(f"/asks/hit.gif?c=0&{wrapped(BODY)}", headers=ORIGIN)
    shown, posted, unknown = door.hits()
    assert shown.visitor is not None
    assert posted.visitor is not None
    assert shown.visitor.visitor_id == posted.visitor.visitor_id
    assert replace(shown, visitor=None) == replace(posted, visitor=None)
    assert (unknown.visitor, unknown.query, unknown.body) == (None, "c=0", BODY)


REFUSED: list[tuple[str, dict[str, str], int, str]] = [
    ("hit=e%zz", {}, 400, "not_base64"),
    ("hit=" + "e%33" * 500, {}, 400, "not_base64"),
    ("hit=", {}, 400, "empty_body"),
    (wrapped(BODY) + "&hit=", {}, 400, "empty_body"),
    (wrapped(b"{"), {}, 400, "not_json"),
    (wrapped(b"\xff"), {}, 400, "not_utf8"),
    (wrapped(b"[]"), {}, 400, "not_an_object"),
    (wrapped(b'{"a":' + b"[" * 20 + b"]" * 20 + b"}"), {}, 400, "too_deep"),
    (wrapped(BODY) + "&a=" * 300, {}, 400, "too_many_fields"),
    (wrapped(BODY * 500), {}, 414, "query_too_long"),
    (wrapped(BODY), {"origin": "https://evil.example"}, 403, "origin"),
    (wrapped(BODY), {"origin": "null"}, 403, "origin"),
    (wrapped(BODY), {"sec-fetch-site": "cross-site"}, 403, "origin"),
    (wrapped(BODY), {"sec-fetch-site": "same-site"}, 403, "origin"),
]


def test_what_is_refused_for_good_is_counted_and_shown(door: Door, client: httpx2.Client) -> None:
    for query, headers, status, reason in REFUSED:
        answer = client.get(f"/shop/hit.gif?{query}", headers=headers)
        told = (answer.status_code, answer.headers["x-freehold-error"])
        assert told == (status, reason), query
        assert (answer.content, answer.headers["content-type"]) == (PIXEL, "image/gif")
        assert "access-control-allow-origin" not in answer.headers
    assert door.hits() == []
    assert door.collector.refusals == Counter(reason for *_, reason in REFUSED)


def test_pages_of_the_site_may_show_it(door: Door, client: httpx2.Client) -> None:
    ours = {"sec-fetch-site": "same-origin"}
    for headers in ({}, ORIGIN, ours, {"sec-fetch-site": "cross-site", **ORIGIN}):
        assert client.get(f"/shop/hit.gif?{wrapped(BODY)}", headers=headers).status_code == 200
    assert len(door.hits()) == 4


@pytest.mark.parametrize("door", [Shed.ORDINARY], indirect=True)
def test_what_is_to_be_sent_again_has_no_image(door: Door, client: httpx2.Client) -> None:
    answer = client.get(f"/shop/hit.gif?{wrapped(BODY)}", headers=ORIGIN)
    assert (answer.status_code, answer.headers["x-freehold-error"]) == (503, "disk_short")
    assert answer.headers["content-type"] == "application/json"
    purchase = wrapped(b'{"v":1,"events":[{"name":"purchase"}]}')
    assert client.get(f"/shop/hit.gif?{purchase}", headers=ORIGIN).content == PIXEL
    assert len(door.hits()) == 1


def test_an_image_opts_out_and_not_in_again(door: Door, client: httpx2.Client) -> None:
    body = b'{"page":{"id":"p1"},"events":[{"name":"page_view","user":{"email":"a@example.com"}}]}'
    answer = client.get(f"/shop/hit.gif?c=3&{wrapped(body)}")
    assert (answer.content, client.cookies.get("fh_optout_shop")) == (PIXEL, "1")
    for choice in ("1", "3", "4"):
        answer = client.get(f"/shop/hit.gif?c={choice}&{wrapped(BODY)}")
        assert (answer.status_code, answer.content) == (200, PIXEL)
        assert answer.headers["x-freehold-error"] == "opted_out"
        assert answer.headers["set-cookie"].startswith("fh_optout_shop=1;")
    [hit] = door.hits()
    assert (hit.query, json.loads(hit.body)["page"]) == ("c=3", {"id": "p1"})
    assert b"example" not in hit.body


def test_what_is_wrong_with_a_pixel_s_words_has_no_image(client: httpx2.Client) -> None:
    answer = client.get("/shop/hit.gif?name=open" + "&a=" * 300)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["v", "events", "page", "consent"])
BODIES = st.binary() | (JSON | st.dictionaries(KEYS, JSON)).map(
    lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Door:
    """A collector that nothing is sent to."""
    return Door(tmp_path_factory.mktemp("door"))


def made(arrival: Arrival) -> Arrival:
    """Without what is drawn by chance: a newcomer's id, and so the cookie."""
    return replace(arrival, hit=replace(arrival.hit, visitor=None), set_cookies=())


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(BODIES, st.sampled_from(["", "c=0", "c=1", "c=2", "c=3", "debug=1"]), st.booleans())
@example(BODY, "c=1", True)
def test_any_body_is_taken_or_refused_as_its_post(
    still: Door, body: bytes, query: str, padding: bool
) -> None:
    site = still.collector.sites["shop"]
    address = "&".join(filter(None, [query, wrapped(body, padding=padding)]))
    posted, shown = asked(query.encode(), origin=SHOP), asked(address.encode(), origin=SHOP)
    takes = (partial(accept, posted, body, site), partial(accept_image, shown, site))
    told: list[Arrival | tuple[str, str, str]] = []
    for take in takes:
        try:
            told.append(made(take(trusted=(), now=NOON)))
        except BadHit as error:
            told.append((error.reason, error.detail, error.at))
    assert told[0] == told[1]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=40).map(lambda text: b"hit=" + text) | st.binary(max_size=40)))
def test_no_query_is_an_error(still: Door, fields: list[bytes]) -> None:
    site = still.collector.sites["shop"]
    with contextlib.suppress(BadHit):
        accept_image(asked(b"&".join(fields)), site, trusted=(), now=NOON)
