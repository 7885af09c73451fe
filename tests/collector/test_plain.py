"""What only the long way has to get right: bodies that do not come, or not whole. The answers of
both ways are tested in test_app.py."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from server.collector.app import make_app
from server.collector.hit_protocol import hit_paths
from server.collector.site import make_site
from server.containers.model import Container, Paths
from tests.collector.doors import BODY, KEYS, SHOP, Door


async def answer(door: Door, messages: list[Any], *lines: tuple[bytes, bytes]) -> list[Any]:
    """What the application sends for a POST; after the last message nothing comes."""
    sent: list[Any] = []

    async def receive() -> Any:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(10)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/shop/hit",
        "query_string": b"",
        "headers": [(b"host", b"x"), *lines],
        "client": ("203.0.113.1", 1),
    }
    await make_app(door.collector)(scope, receive, send)
    return sent


def test_a_body_that_does_not_come_is_given_up(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.collector.plain.BODY_TIMEOUT_S", 0.05)
    piece = {"type": "http.request", "body": b"{", "more_body": True}
    start, _ = asyncio.run(answer(door, [piece]))
    assert (start["status"], (b"connection", b"close") in start["headers"]) == (408, True)


def test_a_client_that_goes_away_before_its_body_is_whole_stores_nothing(door: Door) -> None:
    start, _ = asyncio.run(answer(door, [{"type": "http.disconnect"}]))
    assert (start["status"], door.collector.refusals) == (400, {"cut_off": 1})
    assert door.hits() == []


def test_a_body_that_is_announced_too_long_is_refused_if_it_comes_or_not(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.collector.plain.LEFT_TIMEOUT_S", 0.05)
    piece = {"type": "http.request", "body": b" " * 300_000, "more_body": True}
    for messages in ([], [piece, {**piece, "more_body": False}]):
        start, _ = asyncio.run(answer(door, messages, (b"content-length", b"600000")))
        assert (start["status"], (b"connection", b"close") in start["headers"]) == (413, True)
        assert messages == []


def test_no_more_than_a_bound_is_taken_of_a_body_that_never_ends(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.collector.plain.MAX_LEFT_BYTES", 500_000)
    piece = {"type": "http.request", "body": b" " * 300_000, "more_body": True}
    messages = [piece] * 9
    start, _ = asyncio.run(answer(door, messages))
    assert (start["status"], len(messages)) == (413, 9 - 2 - 2)  # the first two are too large


def test_pieces_of_a_body_are_put_together(door: Door) -> None:
    pieces = [
        {"type": "http.request", "body": BODY[:5], "more_body": True},
        {"type": "http.request", "body": BODY[5:], "more_body": False},
    ]
    start, _ = asyncio.run(answer(door, pieces))
    assert (start["status"], [hit.body for hit in door.hits()]) == (204, [BODY])


def status(door: Door, method: str, path: str) -> int:
    """What a request for a path is answered."""

    async def ask() -> int:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": BODY}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"name=open",
            "headers": [(b"host", b"x"), (b"content-type", b"text/plain")],
            "client": ("203.0.113.1", 1),
        }
        await make_app(door.collector)(scope, receive, send)
        return int(sent[0]["status"])

    return asyncio.run(ask())


def test_a_container_s_paths_have_the_names_that_it_gives_them_and_no_others(door: Door) -> None:
    paths = Paths(tag="assets.js", hit="assets")
    own = make_site(Container(id="own", sites=[SHOP], paths=paths), KEYS)
    door.collector = replace(door.collector, sites={**door.collector.sites, "own": own})
    assert status(door, "GET", "/own/assets.js") == 200
    assert b'"hit":"assets"' in own.script.body
    assert [status(door, "GET", path) for path in ("/own/assets.gif", "/own/assets")] == [200, 405]
    assert [status(door, "GET", f"/own/{leaf}") for leaf in ("tag.js", "hit.gif")] == [404, 404]
    assert status(door, "POST", "/own/hit") == 404
    assert status(door, "POST", "/shop/hit") == status(door, "POST", "/own/assets") == 204
    assert list(hit_paths({"own": own})) == [b"/own/assets"]
