"""Plays the visitors of journeys.py against a running collector, as browsers would come.

A few threads, each with one connection kept open; a visitor stays in one thread, with the cookie
that the collector set. What is not taken now is sent again, marked as the tag marks it.
"""

from __future__ import annotations

import http.client
import queue
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from server.demo.journeys import Journey, Plan, Step, journeys
from server.errors import FreeholdError

THREADS = 4
TIMEOUT_S = 10
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 3.0
PATIENCE_S = 20.0
CONTAINER = "demo"
MAX_DAYS = 6
"""A collector takes no event for older than seven days."""


class NotPlayed(FreeholdError):
    """The demo cannot be played; the text says what to do."""


class Summary(Struct, frozen=True, kw_only=True):
    """What was played, and what the collector said."""

    visitors: int
    bots: int
    sessions: int
    hits: int
    """Taken, resends among them."""
    resends: int
    events: int
    """Taken, each counted once."""
    purchases: int
    revenue_cents: int
    refused: dict[str, int]
    """Hits that the collector refused, by its reason."""
    seconds: float


def play(url: str, *, visitors: int = 300, days: int = 6, seed: int = 1, now: int) -> Summary:
    """Sends every journey to the collector; raises NotPlayed when that cannot be."""
    parts = _parts(url, visitors, days)
    began = time.monotonic()
    _check(parts, url)
    cast = journeys(Plan(url=url, visitors=visitors, days=days, seed=seed), now=now)
    tally = _send_all(cast, parts, lambda: now + int((time.monotonic() - began) * 1000))
    return _summary(cast, tally, time.monotonic() - began)


def _parts(url: str, visitors: int, days: int) -> SplitResult:
    """The collector's address in parts."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise NotPlayed(f"{url!r} is no address; expected one such as http://127.0.0.1:8000")
    if visitors < 1 or not 1 <= days <= MAX_DAYS:
        raise NotPlayed(f"expected a visitor or more, and 1 to {MAX_DAYS} days")
    return parts


def _send_all(cast: list[Journey], parts: SplitResult, clock: Callable[[], int]) -> Counter[str]:
    """Plays all visitors, a few at a time; what came of it, counted."""
    waiting: queue.SimpleQueue[Journey] = queue.SimpleQueue()
    for journey in cast:
        waiting.put(journey)
    stop = Flag()
    senders = [_Sender(parts, clock, stop) for _ in range(THREADS)]
    with _bar() as bar, ThreadPoolExecutor(THREADS) as pool:
        task = bar.add_task("Visitors", total=len(cast))
        try:
            done = [pool.submit(s.send_all, waiting, lambda: bar.advance(task)) for s in senders]
            for future in done:
                future.result()
        finally:
            stop.set()
    return sum((sender.tally for sender in senders), Counter())


def _check(parts: SplitResult, url: str) -> None:
    """That a collector answers there and has the container."""
    connection = _connect(parts)
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}/{CONTAINER}/tag.js")
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        raise NotPlayed(f"nothing answers at {url}: start it with `make run`") from error
    finally:
        connection.close()
    if response.status == 404:
        raise NotPlayed(
            f"{url} has no container {CONTAINER!r}: "
            "is tag_configs/demo.yaml among its FREEHOLD_CONTAINERS?"
        )
    if response.status != 200:
        raise NotPlayed(f"{url} answers {response.status} {response.reason}, no tag")


def _connect(parts: SplitResult) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    assert parts.hostname is not None
    return kind(parts.hostname, parts.port, timeout=TIMEOUT_S)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


class _Sender:
    """One thread's connection and counts."""

    def __init__(self, parts: SplitResult, now: Callable[[], int], stop: Flag) -> None:
        self.tally: Counter[str] = Counter()
        self._parts = parts
        self._now = now
        self._stop = stop
        self._connection = _connect(parts)

    def send_all(self, waiting: queue.SimpleQueue[Journey], advance: Callable[[], object]) -> None:
        """Plays visitors until none is left."""
        try:
            for journey in _drain(waiting):
                cookie = ""
                for step in journey.steps:
                    cookie = self._send(journey, step, cookie)
                    if self._stop.is_set():
                        return
                advance()
        finally:
            self._connection.close()

    def _send(self, journey: Journey, step: Step, cookie: str) -> str:
        """One hit until it is answered; the visitor's cookie after it."""
        deadline = time.monotonic() + PATIENCE_S
        pause_s = FIRST_PAUSE_S
        body = step.body
        while not self._stop.is_set():
            response = self._post(journey, body, cookie)
            if response is not None and response.status != 503:
                self._count(step, response)
                return _cookie(response) or cookie
            if time.monotonic() > deadline:
                self._stop.set()
                raise NotPlayed(f"{self._parts.geturl()} takes no hits any more")
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            body = _resent(body)
        return cookie

    def _post(
        self, journey: Journey, body: dict[str, Any], cookie: str
    ) -> http.client.HTTPResponse | None:
        """The answer; None: there was none."""
        origin = f"{self._parts.scheme}://{self._parts.netloc}"
        headers = {
            "Content-Type": "text/plain;charset=UTF-8",
            "Origin": origin,
            "User-Agent": journey.user_agent,
        }
        if journey.language:
            headers["Accept-Language"] = journey.language
        if cookie:
            headers["Cookie"] = cookie
        path = f"{self._parts.path.rstrip('/')}/{CONTAINER}/hit?c={journey.choice}"
        text = msgspec.json.encode({**body, "sent_at": self._now()})
        try:
            self._connection.request("POST", path, text, headers)
            response = self._connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return None
        return response

    def _count(self, step: Step, response: http.client.HTTPResponse) -> None:
        if response.status != 204:
            reason = response.headers.get("X-Freehold-Error") or f"status {response.status}"
            self.tally[f"refused {reason}"] += 1
            return
        self.tally["hits"] += 1
        if step.resend:
            self.tally["resends"] += 1
            return
        for event in step.body["events"]:
            self.tally["events"] += 1
            if event["name"] == "purchase":
                self.tally["purchases"] += 1
                self.tally["revenue_cents"] += round(event["props"]["value"] * 100)


def _drain(waiting: queue.SimpleQueue[Journey]) -> Iterator[Journey]:
    while True:
        try:
            yield waiting.get_nowait()
        except queue.Empty:
            return


def _resent(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "events": [{**event, "try": event["try"] + 1} for event in body["events"]]}


def _cookie(response: http.client.HTTPResponse) -> str:
    return (response.headers.get("Set-Cookie") or "").partition(";")[0]


def _summary(cast: list[Journey], tally: Counter[str], seconds: float) -> Summary:
    refused = {
        key.removeprefix("refused "): count
        for key, count in sorted(tally.items())
        if key.startswith("refused ")
    }
    return Summary(
        visitors=sum(not journey.is_bot for journey in cast),
        bots=sum(journey.is_bot for journey in cast),
        sessions=sum(journey.sessions for journey in cast if not journey.is_bot),
        hits=tally["hits"],
        resends=tally["resends"],
        events=tally["events"],
        purchases=tally["purchases"],
        revenue_cents=tally["revenue_cents"],
        refused=refused,
        seconds=seconds,
    )
