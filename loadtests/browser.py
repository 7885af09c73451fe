"""A visitor's browser, as the tag uses it: cookies, a cache, hits that go until they are answered.

It stands between `locustfile.py`, which says what visitors do, and locust's HTTP client, which
keeps the connection open. What was answered is told, event by event, for `loadtests/verify`.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import uuid_utils
from locust.contrib.fasthttp import FastHttpSession
from msgspec import Struct
from msgspec.structs import replace

from loadtests.verify.told import Told
from server import identity
from server.clock import HOUR_MS, now_ms
from server.demo.tables.people import Device, Place
from server.identity import Signer

CONTAINER = "demo"
LOST_SHARE = 0.03
"""So many answers are lost on their way: the hit is taken, and the browser does not know."""
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 3.0
PATIENCE_S = 25.0


class Person(Struct, frozen=True, kw_only=True):
    """Who sits before the browser."""

    device: Device
    place: Place
    is_bot: bool = False


class Consent(Struct, frozen=True, kw_only=True):
    """What a hit says of consent: the four purposes, none before the banner is answered."""

    choice: str
    purposes: dict[str, str] = {}


class Browser:
    """One visitor's, from their first page to their last."""

    def __init__(
        self,
        client: FastHttpSession,
        person: Person,
        *,
        tell: Callable[[Told], object],
        signer: Signer | None,
        chance: Random,
    ) -> None:
        self._client = client
        self._person = person
        self._tell = tell
        self._signer = signer
        self._chance = chance
        self._etag = ""
        self.visit = 1
        client.cookiejar.clear()

    @property
    def visitor(self) -> str:
        """The visitor's id in the cookie; empty: there is none."""
        for cookie in self._client.cookiejar:
            if cookie.value and cookie.name == f"fh_{CONTAINER}":
                return str(uuid.UUID(cookie.value.partition(".")[0]))
        return ""

    def load_tag(self) -> None:
        """The tag, from the server or, if that says so, from the cache."""
        headers, name = self._headers(), "tag.js"
        if self._etag:
            headers["If-None-Match"], name = self._etag, "tag.js again"
        with self._client.get(
            f"/{CONTAINER}/tag.js", headers=headers, name=name, catch_response=True
        ) as answer:
            if answer.status_code == (304 if self._etag else 200):
                answer.success()
                self._etag = answer.headers["etag"]
            else:
                answer.failure(f"status {answer.status_code}")

    def come_back_later(self) -> None:
        """An hour goes by for the cookie; without the collector's keys it cannot be made to."""
        if self._signer is None:
            return
        for cookie in self._client.cookiejar:
            known = identity.recognise(cookie.value, signer=self._signer, now=now_ms())
            older = replace(known, session_seen_at=known.session_seen_at - HOUR_MS)
            cookie.value = identity.sign(older, signer=self._signer)
        self.visit += 1

    def send(
        self, page: dict[str, Any], events: Sequence[dict[str, Any]], consent: Consent
    ) -> None:
        """One hit, sent until it is answered, with the same ids and `try` one more each time."""
        before, is_doubtful = self.visitor, False
        deadline, pause_s = time.monotonic() + PATIENCE_S, FIRST_PAUSE_S
        for tries in range(1000):
            status, has_set = self._post(page, events, consent, tries)
            is_lost = tries == 0 and not has_set and self._chance.random() < LOST_SHARE
            if 200 <= status < 300 and not is_lost:
                break
            if 400 <= status < 500 or time.monotonic() > deadline:
                status = 0
                break
            is_doubtful |= status == 0 and consent.choice == "1"
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        for event in events:
            self._tell(
                Told(
                    id=event["id"],
                    name=event["name"],
                    choice=consent.choice,
                    purposes=consent.purposes,
                    visitor=self.visitor if consent.choice == "1" else "",
                    visit=self.visit,
                    withdrawer=before if consent.choice == "2" else "",
                    is_bot=self._person.is_bot,
                    is_answered=status != 0,
                    is_doubtful=is_doubtful,
                )
            )

    def _post(
        self,
        page: dict[str, Any],
        events: Sequence[dict[str, Any]],
        consent: Consent,
        tries: int,
    ) -> tuple[int, bool]:
        """The status, 0 when there was no answer, and whether it set a cookie."""
        body = {
            "v": 1,
            "sent_at": now_ms(),
            "page": {**page, **self._screen()},
            "consent": {"source": "banner", "version": "1", "purposes": consent.purposes},
            "events": [{**event, "try": tries} for event in events],
        }
        with self._client.post(
            f"/{CONTAINER}/hit?c={consent.choice}",
            data=json.dumps(body),
            headers={**self._headers(), "Content-Type": "text/plain;charset=UTF-8"},
            name=f"hit c={consent.choice}" + (" again" if tries else ""),
            catch_response=True,
        ) as answer:
            status = int(answer.status_code or 0)
            is_answered = status == 204 or status == 503  # 503 is an honest answer: later
            if is_answered:
                answer.success()
            else:
                answer.failure(f"status {status}: {answer.text}")
            return status, bool(status and answer.headers.get("set-cookie"))

    def _headers(self) -> dict[str, str]:
        return {
            "User-Agent": self._person.device.user_agent,
            "Accept-Language": self._person.place.language,
            "Origin": str(self._client.base_url),
        }

    def _screen(self) -> dict[str, str]:
        device, place = self._person.device, self._person.place
        return {
            "lang": place.language,
            "tz": place.timezone,
            "screen": device.screen,
            "viewport": device.viewport,
        }


def new_event(name: str, **fields: Any) -> dict[str, Any]:
    """An event that happens now, with an id of its own."""
    return {"id": str(uuid_utils.uuid7()), "name": name, "at": now_ms(), **fields}
