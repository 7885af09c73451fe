"""What the collector answers, by both of its ways: plain ASGI and the protocol's short one."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from server.clock import DAY_MS
from server.collector.adoption import visitor_id
from server.collector.app import make_app
from server.journal import Shed
from server.model import Hit
from tests.collector.doors import BODY, SHOP, Door, reserve_for
from tests.running import wait_for
from tests.samples import NOON

TEXT = {"content-type": "text/plain;charset=UTF-8"}


def test_a_hit_is_in_the_journal_when_it_is_answered(door: Door, client: httpx2.Client) -> None:
    answer = client.post(
        "/shop/hit?c=1",
        content=BODY,
        headers={
            **TEXT,
            "origin": SHOP,
            "cookie": "sid=CANARY",
            "user-agent": "UA/1",
            "accept-language": "fr",
            "authorization": "Bearer CANARY",
            "x-forwarded-for": "6.6.6.6",
        },
    )
    assert (answer.status_code, answer.content) == (204, b"")
    [hit] = door.hits()
    assert hit.visitor is not None
    assert hit.ip in ("", "127.0.0.1")
    assert hit == Hit(
        received_at=NOON,
        container_id="shop",
        dialect="native",
        visitor=hit.visitor,
        ip=hit.ip,
        user_agent="UA/1",
        headers={"accept-language": "fr"},
        query="c=1",
        body=BODY,
    )
    assert b"CANARY" not in b"".join(path.read_bytes() for path in door.folder.glob("*.j"))


def test_the_same_browser_is_the_same_visitor_and_tomorrow_a_new_session(
    door: Door, client: httpx2.Client
) -> None:
    client.post("/shop/hit", content=BODY, headers=TEXT)
    door.now += 5_000
    again = client.post("/shop/hit", content=BODY, headers=TEXT)
    door.now += DAY_MS
    client.post("/shop/hit", content=BODY, headers=TEXT)
    first, second, third = (visitor for visitor in door.visitors() if visitor)
    assert "set-cookie" not in again.headers
    assert first.visitor_id == second.visitor_id == third.visitor_id
    assert [first.session_number, second.session_number, third.session_number] == [1, 1, 2]


def test_a_tampered_cookie_is_a_new_visitor_and_no_error(door: Door, client: httpx2.Client) -> None:
    client.post("/shop/hit", content=BODY, headers=TEXT)
    cookie = client.cookies["fh_shop"]
    client.cookies.clear()
    forged = ("1" if cookie[0] != "1" else "2") + cookie[1:]
    answer = client.post("/shop/hit", content=BODY, headers={**TEXT, "cookie": f"fh_shop={forged}"})
    first, second = (visitor for visitor in door.visitors() if visitor)
    assert (answer.status_code, second.is_new) == (204, True)
    assert first.visitor_id != second.visitor_id


def test_c_2_reads_the_cookie_once_more_to_know_who_withdraws_and_deletes_it(
    door: Door, client: httpx2.Client
) -> None:
    client.post("/shop/hit?c=1", content=BODY, headers=TEXT)
    [before] = door.visitors()
    assert before is not None
    answer = client.post("/shop/hit?c=2", content=BODY, headers=TEXT)
    gone = client.post("/shop/hit?c=2", content=BODY, headers=TEXT)
    deleted = "fh_shop=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    assert answer.headers["set-cookie"].removesuffix("; Secure") == deleted
    assert "set-cookie" not in gone.headers
    assert client.cookies.get("fh_shop") is None
    _, withdrawal, after = door.hits()
    assert (withdrawal.visitor, withdrawal.withdrawer) == (None, before.visitor_id)
    assert (after.visitor, after.withdrawer) == (None, "")


def test_a_forged_cookie_withdraws_nobody_s_consent(door: Door, client: httpx2.Client) -> None:
    headers = {**TEXT, "cookie": "fh_shop=0123456789abcdef0123456789abcdef.a.b.c.d.forged"}
    answer = client.post("/shop/hit?c=2", content=BODY, headers=headers)
    assert "set-cookie" not in answer.headers
    assert [hit.withdrawer for hit in door.hits()] == [""]


def test_another_s_cookie_makes_the_visitor_s_id_where_ours_may_be_set(
    door: Door, client: httpx2.Client
) -> None:
    headers = {**TEXT, "cookie": "_ga=GA1.1.1234567890.1750000000"}
    for choice in ("c=0", "c=2", "", "c=1"):
        answer = client.post(f"/adopts/hit?{choice}", content=BODY, headers=headers)
        assert ("set-cookie" in answer.headers) is (choice == "c=1")
    ours = answer.headers["set-cookie"].partition(";")[0]
    for more in ("; _ga=GA1.1.1.1", ""):
        client.post("/adopts/hit?c=1", content=BODY, headers={**TEXT, "cookie": ours + more})
    *refused, new, again, alone = door.hits()
    assert [(hit.visitor, hit.withdrawer) for hit in refused] == [(None, "")] * 3
    assert new.visitor is not None
    assert new.visitor.visitor_id == visitor_id("_ga", "1234567890.1750000000")
    for known in (again.visitor, alone.visitor):
        assert known is not None
        assert (known.visitor_id, known.is_new) == (new.visitor.visitor_id, False)
    assert b"1234567890" not in b"".join(path.read_bytes() for path in door.folder.glob("*.j"))


def test_c_0_neither_reads_nor_sets_a_cookie(door: Door, client: httpx2.Client) -> None:
    client.post("/shop/hit?c=1", content=BODY, headers=TEXT)
    answer = client.post("/shop/hit?c=0", content=BODY, headers=TEXT)
    assert "set-cookie" not in answer.headers
    assert [visitor is None for visitor in door.visitors()] == [False, True]


def test_a_container_that_asks_sets_no_cookie_before_consent(
    door: Door, client: httpx2.Client
) -> None:
    silent = client.post("/asks/hit", content=BODY, headers=TEXT)
    granted = client.post("/asks/hit?c=1", content=BODY, headers=TEXT)
    assert ["set-cookie" in silent.headers, "set-cookie" in granted.headers] == [False, True]


def test_kept_cookies_are_those_the_container_names(door: Door, client: httpx2.Client) -> None:
    headers = {**TEXT, "cookie": "_ga=GA1.1.2; sid=CANARY"}
    client.post("/keeps/hit?c=1", content=BODY, headers=headers)
    client.post("/keeps/hit?c=0", content=BODY, headers=headers)
    assert [hit.cookies for hit in door.hits()] == [{"_ga": "GA1.1.2"}, {}]


@pytest.mark.parametrize(
    ("method", "path", "kwargs", "status", "reason"),
    [
        ("POST", "/nowhere/hit", {}, 404, "container"),
        ("POST", "/shop/hit", {"headers": {"origin": "https://evil.example"}}, 403, "origin"),
        ("POST", "/shop/hit", {"headers": {"origin": "null"}}, 403, "origin"),
        ("POST", "/shop/hit", {"headers": {"content-type": "text/html"}}, 415, "content_type"),
        ("POST", "/shop/hit", {"headers": {"content-encoding": "br"}}, 415, "content_encoding"),
        ("POST", "/shop/hit", {"content": b"\xff"}, 400, "not_utf8"),
        ("POST", "/shop/hit", {"content": b""}, 400, "empty_body"),
        ("POST", "/shop/hit", {"content": b" " * 600_000}, 413, "body_too_large"),
        ("POST", "/shop/hit?" + "x" * 20_000, {}, 414, "query_too_long"),
        ("POST", "/shop/hit", {"headers": {"cookie": "x" * 40_000}}, 431, "headers_too_large"),
        ("POST", "/shop/hit?" + "a=&" * 300, {}, 400, "too_many_fields"),
        ("GET", "/shop/hit", {}, 405, "method"),
        ("DELETE", "/shop/tag.js", {}, 405, "method"),
        ("GET", "/", {}, 404, "path"),
        ("GET", "/%00/tag.js", {}, 404, "container"),
    ],
)
def test_a_refusal_says_why_and_stores_nothing(
    door: Door, client: httpx2.Client, method: str, path: str, kwargs: Any, status: int, reason: str
) -> None:
    arguments = {"content": BODY, **kwargs} if method == "POST" else kwargs
    arguments["headers"] = {**TEXT, **arguments.get("headers", {})}
    answer = client.request(method, path, **arguments)
    assert (answer.status_code, answer.headers["x-freehold-error"]) == (status, reason)
    assert answer.json()["error"].startswith(reason)
    assert door.hits() == []


def test_a_streamed_body_is_cut_where_it_is_too_long(door: Door, client: httpx2.Client) -> None:
    pieces = iter([b" " * 300_000] * 2)
    answer = client.post("/shop/hit", content=pieces, headers=TEXT)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert door.hits() == []


def test_refusals_are_counted_by_reason(door: Door, client: httpx2.Client) -> None:
    for _ in range(2):
        client.post("/shop/hit", content=b"{", headers=TEXT)
    client.post("/shop/hit", content=b"", headers=TEXT)
    assert door.collector.refusals == {"not_json": 2, "empty_body": 1}


def test_refusals_are_told_to_the_operator(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("server.collector.app.TELL_EVERY_S", 0.05)
    with TestClient(make_app(door.collector)) as client:
        client.post("/shop/hit", content=b"{", headers=TEXT)
        wait_for(lambda: "refused: not_json 1" in caplog.text, "told")


def test_cors_names_the_origin_exactly_and_only_when_it_is_allowed(client: httpx2.Client) -> None:
    allowed = client.post("/shop/hit", content=BODY, headers={**TEXT, "origin": SHOP})
    foreign = client.post("/shop/hit", content=BODY, headers={**TEXT, "origin": SHOP + ".evil"})
    assert allowed.headers["access-control-allow-origin"] == SHOP
    assert allowed.headers["access-control-allow-credentials"] == "true"
    assert allowed.headers["vary"] == foreign.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in foreign.headers


def test_a_refusal_can_be_read_by_the_page_that_caused_it(client: httpx2.Client) -> None:
    answer = client.post("/shop/hit", content=b"{", headers={**TEXT, "origin": SHOP})
    assert answer.status_code == 400
    assert answer.headers["access-control-allow-origin"] == SHOP


def test_a_preflight_is_answered_for_json(client: httpx2.Client) -> None:
    headers = {"origin": SHOP, "access-control-request-method": "POST"}
    answer = client.options("/shop/hit", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-headers"] == "Content-Type"
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert client.options("/shop/hit", headers={"origin": "https://x.example"}).status_code == 403


def test_the_pixel_stores_a_hit_and_answers_an_image(door: Door, client: httpx2.Client) -> None:
    answer = client.get("/shop/hit.gif?name=open&c=0")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content[:6] == b"GIF89a"
    assert [hit.query for hit in door.hits()] == ["name=open&c=0"]


def test_debug_answers_the_verdict_of_decoding(client: httpx2.Client) -> None:
    body = b'{"v":1,"events":[{"name":"buy","props":{"value":2}},{"name":""}]}'
    verdict = client.post("/shop/hit?debug=1", content=body, headers=TEXT).json()["verdict"]
    assert verdict[0]["accepted"]["value"] == "2.0000"
    assert (verdict[1]["reject"], verdict[1]["at"]) == ("bad_event", "events[1].name")


def test_the_tag_is_served_compressed_and_not_twice(client: httpx2.Client) -> None:
    answer = client.get("/shop/tag.js", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    plain = client.get("/shop/tag.js", headers={"accept-encoding": "identity"})
    assert plain.text == answer.text
    again = client.get("/shop/tag.js", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_tag_for_a_page_of_another_origin_is_cached_apart(client: httpx2.Client) -> None:
    answer = client.get("/shop/tag.js", headers={"origin": SHOP})
    assert answer.headers["vary"] == "Accept-Encoding, Origin"


def test_no_address_is_made_of_the_hosts_header(client: httpx2.Client) -> None:
    answer = client.get("/demo", headers={"host": "evil.example"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["x-freehold-error"]) == (404, "path")


def test_health_and_readiness(client: httpx2.Client) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text == "ok\n"


def test_a_short_disk_is_told_before_it_is_full_and_ready_again_afterwards(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("server.collector.collector.SHORT_BYTES", 2**60)
        ready = client.get("/readyz")
    assert (ready.status_code, ready.text[:11]) == (503, "disk short:")
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("door", "taken"),
    [(Shed.NOTHING, "page purchase consent"), (Shed.ORDINARY, "purchase consent"),
     (Shed.CONVERSIONS, "consent")],
    indirect=["door"],
)  # fmt: skip
def test_a_short_disk_refuses_what_is_worth_least(
    door: Door, client: httpx2.Client, taken: str
) -> None:
    sent = {
        "page": client.post("/shop/hit", content=BODY, headers={**TEXT, "origin": SHOP}),
        "purchase": client.get("/shop/hit.gif?name=purchase", headers={"origin": SHOP}),
        "consent": client.post("/shop/hit?c=2", content=BODY, headers={**TEXT, "origin": SHOP}),
    }
    refused = [answer for answer in sent.values() if answer.status_code == 503]
    assert [name for name, answer in sent.items() if answer not in refused] == taken.split()
    for answer in refused:
        assert answer.headers["x-freehold-error"] == "disk_short"
        assert answer.headers["retry-after"] == "60"
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert "set-cookie" not in answer.headers
    assert len(door.hits()) == len(taken.split())
    assert door.collector.refusals == ({"disk_short": len(refused)} if refused else {})


def test_who_refuses_page_views_for_want_of_room_is_not_ready(tmp_path: Path) -> None:
    door = Door(tmp_path, reserve_bytes=reserve_for(Shed.ORDINARY, tmp_path))
    with TestClient(make_app(door.collector)) as client:
        ready = client.get("/readyz")
    told = "disk short: hits are refused but for conversions and consent\n"
    assert (ready.status_code, ready.text) == (503, told)


def test_a_disk_that_takes_nothing_is_answered_503_and_ready_again_afterwards(
    door: Door, client: httpx2.Client
) -> None:
    client.post("/shop/hit", content=BODY, headers=TEXT)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    big = b'{"v":1,"x":"' + b"y" * 400_000 + b'","events":[]}'
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        answer = client.post("/shop/hit", content=big, headers=TEXT)
        ready = client.get("/readyz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert (answer.status_code, answer.headers["x-freehold-error"]) == (503, "unwritable")
    assert int(answer.headers["retry-after"]) > 0
    assert ready.status_code == 503
    assert client.post("/shop/hit", content=BODY, headers=TEXT).status_code == 204
    assert client.get("/readyz").status_code == 200
    assert len(door.hits()) == 2
