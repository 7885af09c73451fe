"""An opt-out by both ways of the collector: plain ASGI and the protocol's short one."""

from __future__ import annotations

import httpx2
import pytest

from server.dialects import DIALECTS
from server.model import Event, Position
from tests.collector.doors import BODY, Door

TEXT = {"content-type": "text/plain;charset=UTF-8"}
LEAVING = b'{"page":{"id":"p1"},"events":[{"name":"page_view","user":{"email":"ann@example.com"}}]}'


def test_who_opts_out_is_not_stored_any_more_and_has_taken_all_consent_back(
    door: Door, client: httpx2.Client
) -> None:
    client.post("/shop/hit?c=1", content=BODY, headers=TEXT)
    [before] = door.visitors()
    assert before is not None
    answer = client.post("/shop/hit?c=3", content=LEAVING, headers=TEXT)
    ended, kept = answer.headers.get_list("set-cookie")
    assert ended.startswith("fh_shop=; Max-Age=0;")
    assert kept.startswith("fh_optout_shop=1; Max-Age=34560000; Path=/; HttpOnly; SameSite=Lax")

    later = client.post("/shop/hit?c=1", content=BODY, headers=TEXT)
    again = client.post("/shop/hit?c=3", content=LEAVING, headers=TEXT)
    image = client.get("/shop/hit.gif?name=open&c=4")
    for refused in (later, again, image):
        assert (refused.status_code, refused.headers["x-freehold-error"]) == (204, "opted_out")
        assert refused.headers.get_list("set-cookie") == [kept]
    assert door.collector.refusals == {"opted_out": 3}

    _, leaving = door.hits()
    assert (leaving.withdrawer, leaving.visitor) == (before.visitor_id, None)
    assert (leaving.ip, leaving.user_agent, leaving.headers) == ("", "", {})
    (event,) = DIALECTS["native"](leaving, Position(src=1, off=0))
    assert isinstance(event, tuple)
    assert event[0].name == "consent_update"
    assert event[0].page_id
    assert set(event[0].consent.values()) == {"denied"}
    assert len(event[0].consent) == 4
    assert isinstance(event[0], Event)


def test_who_opts_in_again_is_stored_again(door: Door, client: httpx2.Client) -> None:
    client.get("/shop/hit.gif?c=3")
    assert client.cookies.get("fh_optout_shop") == "1"
    answer = client.post("/shop/hit?c=4", content=b"{}", headers=TEXT)
    assert answer.headers["set-cookie"].startswith("fh_optout_shop=; Max-Age=0;")
    assert client.cookies.get("fh_optout_shop") is None
    client.post("/shop/hit?c=1", content=BODY, headers=TEXT)
    assert [hit.query for hit in door.hits()] == ["c=3", "c=1"]


@pytest.mark.parametrize("body", [b'{"page":7}', b'{"page":{"id":[]}}', b"{}"])
def test_no_body_keeps_anybody_from_opting_out(
    door: Door, client: httpx2.Client, body: bytes
) -> None:
    assert client.post("/shop/hit?c=3", content=body, headers=TEXT).status_code == 204
    assert client.cookies.get("fh_optout_shop") == "1"
    assert [hit.withdrawer for hit in door.hits()] == [""]


def test_another_container_is_another_choice(door: Door, client: httpx2.Client) -> None:
    client.post("/shop/hit?c=3", content=b"{}", headers=TEXT)
    client.post("/asks/hit?c=1", content=BODY, headers=TEXT)
    assert [hit.container_id for hit in door.hits()] == ["shop", "asks"]
