"""Links between two sites of a brand, by both ways of the collector: plain and the short one."""

from __future__ import annotations

import httpx2
from msgspec.structs import replace

from server.collector.linker import LASTS_MS
from tests.collector.doors import BODY, CUPS, RUGS, SHOP, Door

AT_CUPS = {"origin": CUPS, "content-type": "text/plain"}
AT_RUGS = {"origin": RUGS, "content-type": "text/plain"}


def ask(client: httpx2.Client, query: str = "?c=1", **headers: str) -> httpx2.Response:
    """The token for a link on a page of cups.example."""
    return client.post(f"/cups/link{query}", headers={**AT_CUPS, **headers})


def land(client: httpx2.Client, token: str, page: str = "p1", c: int = 1) -> httpx2.Response:
    """A hit of the page at rugs.example that a link led to."""
    return client.post(f"/rugs/hit?c={c}&l={token}.{page}", content=BODY, headers=AT_RUGS)


def arrive(client: httpx2.Client) -> str:
    """A visit to cups.example, and the token that a link there takes along."""
    client.post("/cups/hit?c=1", content=BODY, headers=AT_CUPS)
    return ask(client).text


def ids(door: Door) -> list[str]:
    """Whose the hits are."""
    return [one.visitor_id if one else "" for one in door.visitors()]


def test_a_visitor_stays_the_same_one_in_the_same_session(
    door: Door, client: httpx2.Client
) -> None:
    token = arrive(client)
    door.now += 5_000
    answer = land(client, token)
    assert answer.status_code == 204
    assert answer.headers["set-cookie"].startswith("fh_rugs=")
    client.post("/rugs/hit?c=1", content=BODY, headers=AT_RUGS)
    first, landed, later = door.visitors()
    assert first is not None
    assert landed == replace(first, is_new=False, session_seen_at=door.now)
    assert later == landed
    assert door.collector.refusals == {}


def test_the_same_link_makes_a_new_visitor_of_the_next_who_opens_it(
    door: Door, client: httpx2.Client
) -> None:
    token = arrive(client)
    land(client, token)
    client.cookies.clear()
    land(client, token, page="p2")
    first, landed, other = ids(door)
    assert first == landed != other
    assert door.collector.refusals == {"link_used": 1}


def test_a_hit_that_is_sent_again_has_the_same_visitor(door: Door, client: httpx2.Client) -> None:
    token = arrive(client)
    for _ in range(2):
        land(client, token)
        client.cookies.clear()  # the answer did not arrive
    assert len(set(ids(door))) == 1


def test_the_own_visitor_of_the_other_site_stays(door: Door, client: httpx2.Client) -> None:
    client.post("/rugs/hit?c=1", content=BODY, headers=AT_RUGS)
    door.now += 2_000
    token = arrive(client)
    land(client, token)
    own, other, landed = ids(door)
    assert own == landed != other
    assert door.collector.refusals == {}


def test_without_permission_nobody_is_known_and_the_link_stays_unused(
    door: Door, client: httpx2.Client
) -> None:
    token = arrive(client)
    answer = land(client, token, c=0)
    assert "set-cookie" not in answer.headers
    land(client, token)  # consent came with a later hit of the same page
    first, refused, landed = ids(door)
    assert refused == ""
    assert first == landed


def test_an_image_takes_the_link_too(door: Door, client: httpx2.Client) -> None:
    token = arrive(client)
    client.get(f"/rugs/hit.gif?name=open&c=1&l={token}.p1")
    client.cookies.clear()
    client.get(f"/rugs/hit.gif?name=open&c=1&l={token}.p2")
    first, landed, other = ids(door)
    assert first == landed != other
    assert door.collector.refusals == {"link_used": 1}


def test_a_link_that_does_not_count_is_counted_and_the_hit_is_stored(
    door: Door, client: httpx2.Client
) -> None:
    for forged in ("", "%00%ff", "A" * 8000, "abc_-", "..", "%C3%A9"):
        assert land(client, forged).status_code == 204
        client.cookies.clear()
    token = arrive(client)
    client.post(f"/alone/hit?c=1&l={token}.p1", content=BODY, headers=AT_RUGS)
    client.cookies.clear()
    door.now += LASTS_MS
    land(client, token)
    assert door.collector.refusals == {"link_forged": 6, "link_foreign": 1, "link_late": 1}
    assert len(set(ids(door))) == len(ids(door)) == 9


def test_a_token_is_for_pages_of_the_container_s_sites_alone(
    door: Door, client: httpx2.Client
) -> None:
    arrive(client)
    answer = ask(client)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == CUPS
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["cache-control"] == "no-store"
    for origin in (SHOP, RUGS, "null", "https://www.cups.example.evil.example", ""):
        refused = ask(client, origin=origin)
        assert (refused.status_code, refused.headers["x-freehold-error"]) == (403, "origin")
        assert "access-control-allow-origin" not in refused.headers
    no_origin = client.post("/cups/link?c=1")
    assert (no_origin.status_code, no_origin.headers["x-freehold-error"]) == (403, "origin")
    assert client.get("/cups/link?c=1", headers=AT_CUPS).status_code == 405
    assert client.post("/shop/link?c=1", headers={"origin": SHOP}).status_code == 404


def test_it_is_for_visitors_who_may_be_known_and_are(door: Door, client: httpx2.Client) -> None:
    asked = [ask(client, cookie=cookie) for cookie in ("", "fh_cups=forged", "fh_rugs=x")]
    assert door.hits() == []
    arrive(client)
    asked += [ask(client, query) for query in ("", "?c=0", "?c=2", "?c=x", "?l=1")]
    for answer in asked:
        told = (answer.status_code, answer.content, answer.headers["x-freehold-error"])
        assert told == (204, b"", "link_visitor")
        assert "set-cookie" not in answer.headers
    assert door.collector.refusals == {"link_visitor": 8}


def test_who_opted_out_takes_nothing_along(door: Door, client: httpx2.Client) -> None:
    arrive(client)
    client.post("/cups/hit?c=3", content=b"{}", headers=AT_CUPS)
    answer = ask(client)
    assert (answer.status_code, answer.headers["x-freehold-error"]) == (204, "opted_out")
    assert answer.content == b""


def test_a_session_that_begins_with_the_click_is_the_same_on_both_sites(
    door: Door, client: httpx2.Client
) -> None:
    arrive(client)
    door.now += 3_600_000
    asked = ask(client)
    assert asked.headers["set-cookie"].startswith("fh_cups=")
    door.now += 1_000
    client.post("/cups/hit?c=1", content=BODY, headers=AT_CUPS)
    land(client, asked.text)
    _, here, there = door.visitors()
    assert here is not None
    assert there is not None
    assert (here.session_id, here.session_number) == (there.session_id, there.session_number)
    assert here.session_number == 2


def test_no_query_and_no_origin_is_a_500(door: Door, client: httpx2.Client) -> None:
    queries = ("a=1&" * 500, "x" * 20_000, "c=1&%ff%00", "&&=&")
    assert [ask(client, f"?{query}").status_code for query in queries] == [400, 414, 204, 204]
    for origin in ("http://[::1", "://", "x" * 5000, "http://"):
        assert ask(client, origin=origin).status_code == 403


def test_without_links_a_token_is_let_be(door: Door, client: httpx2.Client) -> None:
    client.post("/shop/hit?c=1&l=nothing", content=BODY, headers={"content-type": "text/plain"})
    assert door.collector.refusals == {}
    assert "link" not in door.collector.sites["shop"].leaves.values()
