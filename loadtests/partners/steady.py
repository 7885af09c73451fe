"""Visitors who send events at a steady rate, with consent, and remember when each was taken."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from loadtests.load import AGENT, CONSENT

EVENTS_A_HIT = 5
ANSWER_S = 5
ITEM = {"item_id": "CUP-1", "item_name": "Breakfast cup", "price": 24, "quantity": 1}
NAMES = {"page_view": 50, "view_item": 30, "add_to_cart": 12, "begin_checkout": 8}
"""What happens, and how often of a hundred times."""

Acknowledged = dict[str, tuple[str, int]]
"""Event ids: each one's name, and when it was acknowledged, ms UTC."""


class Steady:
    """So many events a second to one container, from when it is started until it is stopped."""

    def __init__(self, url: str, *, rate: float, threads: int = 4, seed: int = 1) -> None:
        self._url = urlsplit(url)
        self._pause_s = EVENTS_A_HIT * threads / rate
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._acknowledged: Acknowledged = {}
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(seed * 1000 + number),))
            for number in range(threads)
        ]

    @property
    def count(self) -> int:
        return len(self._acknowledged)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> Acknowledged:
        """Lets every hit be answered first."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return self._acknowledged

    def _run(self, chance: random.Random) -> None:
        """One visitor; who is late catches up, so that the rate holds."""
        connection = http.client.HTTPConnection(self._url.netloc, timeout=ANSWER_S)
        cookie, due = "", time.monotonic() + chance.random() * self._pause_s
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            due += self._pause_s
            events = [_event(chance) for _ in range(EVENTS_A_HIT)]
            tries = 0
            while (cookie := self._post(connection, events, tries, cookie)) == "":
                tries += 1
                time.sleep(0.05)
            at = time.time_ns() // 1_000_000
            with self._lock:
                self._acknowledged |= {event["id"]: (event["name"], at) for event in events}
        connection.close()

    def _post(
        self, connection: http.client.HTTPConnection, events: list[Any], tries: int, cookie: str
    ) -> str:
        """The cookie to send next; empty: it was not answered well."""
        said = {"v": 1, "sent_at": int(time.time() * 1000), "consent": CONSENT}
        said |= {"events": [{**event, "try": tries} for event in events]}
        headers = {"Content-Type": "text/plain", "Cookie": cookie, "User-Agent": AGENT}
        try:
            body = json.dumps(said)
            connection.request("POST", f"{self._url.path}?c=1", body=body, headers=headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return ""
        if not 200 <= answer.status < 300:
            return ""
        return (answer.getheader("Set-Cookie") or "").partition(";")[0] or cookie or "none=1"


def _event(chance: random.Random) -> dict[str, Any]:
    """One that every partner of the run knows."""
    [name] = chance.choices(list(NAMES), list(NAMES.values()))
    event: dict[str, Any] = {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "name": name,
        "at": int(time.time() * 1000),
        "url": f"https://shop.example/p/{chance.randrange(1000)}",
    }
    if name != "page_view":
        event |= {"props": {"currency": "EUR", "value": 24}, "items": [ITEM]}
    return event
