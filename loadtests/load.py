"""Visitors who send events as the tag does, with consent: each until it is answered, with its own
id.

Every id that was answered 2xx is remembered; what was not is sent again, marked, with the same id.
So in the end the ids answered are exactly the ids that ClickHouse has to have, once each.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from urllib.parse import urlsplit

ANSWER_S = 5
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
CONSENT = {
    "source": "load",
    "purposes": {
        "analytics_storage": "granted",
        "ad_storage": "granted",
        "ad_user_data": "granted",
    },
}


class Load:
    """Threads that post batches of events to one container, until they are stopped; `pause_s` is
    how long each waits between two batches."""

    def __init__(self, url: str, *, threads: int = 4, seed: int = 0, pause_s: float = 0.0) -> None:
        self._url = urlsplit(url)
        self._pause_s = pause_s
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._acknowledged: set[str] = set()
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(seed * 1000 + number),))
            for number in range(threads)
        ]

    @property
    def acknowledged(self) -> set[str]:
        """Event ids that were answered 2xx so far."""
        with self._lock:
            return set(self._acknowledged)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> set[str]:
        """Lets every batch be answered first; returns all ids, which are all acknowledged."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return self.acknowledged

    def _run(self, chance: random.Random) -> None:
        cookie = ""
        while not self._stop.is_set():
            batch = [_event(chance) for _ in range(chance.choice((1, 1, 1, 3, 8)))]
            tries = 0
            while True:
                status, cookie = self._post(batch, tries, cookie)
                if 200 <= status < 300:
                    break
                tries += 1
                time.sleep(chance.uniform(0.01, 0.1))
            with self._lock:
                self._acknowledged.update(str(event["id"]) for event in batch)
            self._stop.wait(self._pause_s)

    def _post(self, batch: list[dict[str, object]], tries: int, cookie: str) -> tuple[int, str]:
        """Status of one try, 0 when there was no answer; and the cookie to send next."""
        events = [{**event, "try": tries} for event in batch]
        sent_at = int(time.time() * 1000)
        body = json.dumps({"v": 1, "sent_at": sent_at, "consent": CONSENT, "events": events})
        connection = http.client.HTTPConnection(self._url.netloc, timeout=ANSWER_S)
        try:
            headers = {"Content-Type": "text/plain", "Cookie": cookie, "User-Agent": AGENT}
            connection.request("POST", f"{self._url.path}?c=1", body=body, headers=headers)
            answer = connection.getresponse()
            answer.read()
            sent = answer.getheader("Set-Cookie") or ""
            return answer.status, sent.partition(";")[0] or cookie
        except (OSError, http.client.HTTPException):
            return 0, cookie
        finally:
            connection.close()


def _event(chance: random.Random) -> dict[str, object]:
    return {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "name": chance.choice(("page_view", "view_item", "add_to_cart")),
        "at": int(time.time() * 1000),
        "url": f"https://shop.example/p/{chance.randrange(1000)}?utm_source=mail",
        "props": {"n": chance.randrange(100)},
    }
