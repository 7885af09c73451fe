from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from server.demo import play as play_module
from server.demo.journeys import Journey, Plan, journeys
from server.demo.play import NotPlayed, Summary, play
from tests.embedded_store import free_port

NOW = 1_795_000_000_000

Answer = Callable[[int], tuple[int, dict[str, str]]]


class Taken:
    """What a stand-in for the collector was sent."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.hits: list[tuple[dict[str, str], str, dict[str, Any]]] = []
        self.visitors = 0
        self.connections: set[Any] = set()


@contextmanager
def collector(
    answer: Answer = lambda number: (204, {}), tag: int = 200
) -> Iterator[tuple[str, Taken]]:
    """A real HTTP server; `answer` says what the n-th hit gets."""
    taken = Taken()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self._say(tag, {})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with taken.lock:
                taken.hits.append((headers, self.path, body))
                taken.connections.add(self.client_address)
                status, more = answer(len(taken.hits))
                if status == 204 and self.path.endswith("c=1") and "cookie" not in headers:
                    taken.visitors += 1
                    more = {"Set-Cookie": f"fh_demo=v{taken.visitors}; Path=/; HttpOnly"}
            self._say(status, more)

        def _say(self, status: int, more: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": "0", **more}.items():
                self.send_header(name, value)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", taken
        finally:
            server.shutdown()
            thread.join()


def cast(url: str, visitors: int = 40) -> list[Journey]:
    return journeys(Plan(url=url, visitors=visitors), now=NOW)


def ids(bodies: list[dict[str, Any]]) -> Counter[tuple[str, int]]:
    return Counter((event["id"], event["try"]) for body in bodies for event in body["events"])


def test_every_hit_of_every_visitor_is_sent_as_the_tag_sends_it() -> None:
    with collector() as (url, taken):
        summary = play(url, visitors=40, now=NOW)
    planned = cast(url)
    assert ids([body for _, _, body in taken.hits]) == ids(
        [step.body for journey in planned for step in journey.steps]
    )
    for headers, path, body in taken.hits:
        assert path in {"/demo/hit?c=0", "/demo/hit?c=1"}
        assert headers["origin"] == url
        assert f"http://{headers['host']}" == url
        assert headers["content-type"] == "text/plain;charset=UTF-8"
        assert body["v"] == 1
        assert NOW <= body["sent_at"] < NOW + 60_000
    orders = [
        event
        for journey in planned
        for step in journey.steps
        if not step.resend
        for event in step.body["events"]
        if event["name"] == "purchase"
    ]
    assert summary == Summary(
        visitors=sum(not journey.is_bot for journey in planned),
        bots=sum(journey.is_bot for journey in planned),
        sessions=sum(journey.sessions for journey in planned if not journey.is_bot),
        hits=len(taken.hits),
        resends=sum(step.resend for journey in planned for step in journey.steps),
        events=sum(
            len(step.body["events"])
            for journey in planned
            for step in journey.steps
            if not step.resend
        ),
        purchases=len(orders),
        revenue_cents=sum(round(order["props"]["value"] * 100) for order in orders),
        refused={},
        seconds=summary.seconds,
    )
    assert len(orders) > 0
    assert len(taken.connections) <= 4


def test_a_visitor_keeps_the_cookie_and_the_order_of_hits() -> None:
    with collector() as (url, taken):
        play(url, visitors=40, now=NOW)
    planned = {
        step.body["events"][0]["id"]: number
        for number, journey in enumerate(cast(url))
        for step in journey.steps
    }
    cookies: dict[int, list[str | None]] = {}
    times: dict[int, list[int]] = {}
    for headers, path, body in taken.hits:
        number = planned[body["events"][0]["id"]]
        times.setdefault(number, []).append(body["events"][0]["at"])
        if path.endswith("c=1"):
            cookies.setdefault(number, []).append(headers.get("cookie"))
        else:
            assert "cookie" not in headers
    assert all(found == sorted(found) for found in times.values())
    kept = [found[1] for found in cookies.values() if len(found) > 1]
    assert len(set(kept)) == len(kept)
    for found in cookies.values():
        assert found == [None] + [found[-1]] * (len(found) - 1)


def test_what_is_not_taken_now_is_sent_again_as_a_resend() -> None:
    with collector(lambda number: (503 if number in {3, 4} else 204, {})) as (url, taken):
        summary = play(url, visitors=10, now=NOW)
    planned = ids([s.body for journey in cast(url, 10) for s in journey.steps])
    sent = ids([body for _, _, body in taken.hits])
    assert summary.hits == len(taken.hits) - 2
    assert summary.refused == {}
    assert {event for event, _ in sent} == {event for event, _ in planned}
    assert sum((sent - planned).values()) >= 2


def test_refusals_are_counted_by_the_collector_s_own_reason() -> None:
    def answer(number: int) -> tuple[int, dict[str, str]]:
        return (403, {"X-Freehold-Error": "origin"}) if number % 2 else (418, {})

    with collector(answer) as (url, taken):
        summary = play(url, visitors=5, now=NOW)
    half = len(taken.hits) // 2
    assert summary.refused == {"origin": len(taken.hits) - half, "status 418": half}
    assert (summary.hits, summary.events, summary.purchases) == (0, 0, 0)


def test_a_server_that_is_not_there_is_told_in_plain_words() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NotPlayed, match=f"nothing answers at {url}: start it with `make run`"):
        play(url, now=NOW)


def test_a_missing_container_is_told_in_plain_words() -> None:
    with collector(tag=404) as (url, _), pytest.raises(NotPlayed, match="has no container 'demo'"):
        play(url, now=NOW)


def test_something_else_that_answers_is_told_too() -> None:
    with collector(tag=502) as (url, _), pytest.raises(NotPlayed, match="answers 502"):
        play(url, now=NOW)


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8000", "ftp://x", "http://", "http://x:y", "http://[x"]
)
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(NotPlayed, match="is no address"):
        play(url, now=NOW)


@pytest.mark.parametrize("wrong", [{"visitors": 0}, {"days": 0}, {"days": 7}])
def test_numbers_have_bounds(wrong: dict[str, int]) -> None:
    with pytest.raises(NotPlayed, match="1 to 6 days"):
        play("http://127.0.0.1:1", now=NOW, **wrong)


def test_a_collector_that_takes_nothing_any_more_ends_the_play(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(play_module, "PATIENCE_S", 0.3)
    with (
        collector(lambda number: (204 if number < 30 else 503, {})) as (url, _),
        pytest.raises(NotPlayed, match=f"{url} takes no hits any more"),
    ):
        play(url, now=NOW)
