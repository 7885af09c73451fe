"""Visitors of the demo shop, for locust: people with browsers, rather than requests.

    make locust                                             all of it, verified
    .venv/bin/locust -f loadtests/locustfile.py --host http://127.0.0.1:8000

They land with a referrer or a campaign, load the tag, read, answer the banner or leave it, fill a
cart, buy, come back, change their mind; `server/demo` has their ways through the shop. Reading is
HURRY times as fast as people's. With `--told FILE` each acknowledged event is noted there, for
`loadtests/verify`; with `--keys FILE`, the collector's own, they come back in a new session.
"""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import msgspec
import uuid_utils
from locust import constant, events, task
from locust.argument_parser import LocustArgumentParser
from locust.contrib.fasthttp import FastHttpUser

from loadtests.browser import CONTAINER, Browser, Consent, Person, new_event
from loadtests.verify.told import Told
from server.demo.tables.people import BOTS, DEVICES, PLACES, Device
from server.demo.tables.sources import RETURNS, SOURCES, Source
from server.demo.visit import Fact, Stop, walk
from server.identity import load_keys

HURRY = 30
BETWEEN_VISITS_S = 1.1
"""A session is known by its second, so the next one begins in another."""
PURPOSES = ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")
SILENT = Consent(choice="0")
DENIED = Consent(choice="0", purposes=dict.fromkeys(PURPOSES, "denied"))
WITHDRAWN = Consent(choice="2", purposes=DENIED.purposes)
GRANTED = Consent(choice="1", purposes=dict.fromkeys(PURPOSES, "granted"))
STATISTICS = Consent(choice="1", purposes={**DENIED.purposes, "analytics_storage": "granted"})

_T = TypeVar("_T", Device, Source)


def add_options(parser: LocustArgumentParser) -> None:
    """Options of these visitors, beside locust's own."""
    parser.add_argument("--told", default="", help="file for what was acknowledged, JSON lines")
    parser.add_argument("--keys", default="", help="the collector's keys: data/keys/cookie")


events.init_command_line_parser.add_listener(add_options)  # type: ignore[no-untyped-call]


class Visitor(FastHttpUser):
    """A place that visitors take one after the other, each with a fresh browser."""

    abstract = True
    wait_time = constant(0)
    network_timeout = connection_timeout = 10.0
    answer = GRANTED  # at the banner, on the first page
    visits = 1
    is_bot = False
    most_pages = 16
    withdraws_on = 0  # so many pages after which consent is taken back

    def on_start(self) -> None:
        options = self.environment.parsed_options
        told, keys = (options.told, options.keys) if options else ("", "")
        self._chance = Random()
        self._told = Path(told).open("ab", buffering=0) if told else None  # noqa: SIM115
        self._signer = load_keys(Path(keys)).signer(CONTAINER) if keys else None

    def on_stop(self) -> None:
        if self._told:
            self._told.close()

    @task
    def live(self) -> None:
        """One person's visits."""
        chance = self._chance
        device = self._robot() if self.is_bot else self._drawn(DEVICES)
        person = Person(device=device, place=chance.choice(PLACES), is_bot=self.is_bot)
        browser = Browser(self.client, person, tell=self._tell, signer=self._signer, chance=chance)
        self._consent = SILENT
        self._visit(browser, self._drawn(SOURCES))
        for _ in range(self.visits - 1):
            if not self._is_over():
                time.sleep(BETWEEN_VISITS_S)
                browser.come_back_later()
                self._visit(browser, self._drawn(RETURNS))

    def _visit(self, browser: Browser, source: Source) -> None:
        query, referrer = source.query, source.referrer
        for number, stop in enumerate(walk(self._chance, source), 1):
            if number > self.most_pages or self._is_over():
                return
            browser.load_tag()
            url = f"{self.host}{stop.path}" + (f"?{query}" if query else "")
            self._page(browser, stop, {"url": url, "referrer": referrer, "title": stop.title})
            query, referrer = "", url
            if number == self.withdraws_on and self._consent.choice == "1":
                self._withdraw(browser, url)

    def _page(self, browser: Browser, stop: Stop, seen: dict[str, str]) -> None:
        """What happens within a second leaves together; then one reads, then acts."""
        page_id, began, seq = str(uuid_utils.uuid7()), 0, 0
        waiting: list[dict[str, Any]] = []
        for fact in stop.facts:
            if fact.after_ms - began > 1000:
                seq += 1
                browser.send({"id": page_id, "seq": seq}, waiting, self._consent)
                self._answer_banner()
                time.sleep((fact.after_ms - began) / 1000 / HURRY)
                waiting, began = [], fact.after_ms
            waiting.append(self._event(fact, seen))
        browser.send({"id": page_id, "seq": seq + 1}, waiting, self._consent)
        self._answer_banner()
        time.sleep(max(0, stop.stay_ms - began) / 1000 / HURRY)

    def _answer_banner(self) -> None:
        if self._consent is SILENT:
            self._consent = self.answer

    def _withdraw(self, browser: Browser, url: str) -> None:
        page = {"id": str(uuid_utils.uuid7()), "seq": 1}
        browser.send(page, [new_event("consent_update", url=url)], WITHDRAWN)
        self._consent = DENIED

    def _event(self, fact: Fact, seen: dict[str, str]) -> dict[str, Any]:
        props, more = dict(fact.props), {}
        if fact.name == "purchase":
            order = uuid_utils.uuid7().hex
            props["transaction_id"] = f"KL-{order}"
            more["user"] = {"id": f"c-{order[-6:]}", "email": f"c-{order[-6:]}@example.com"}
        return new_event(fact.name, **seen, props=props, items=fact.items, **more)

    def _tell(self, told: Told) -> None:
        if self._told:
            self._told.write(msgspec.json.encode(told) + b"\n")

    def _is_over(self) -> bool:
        runner = self.environment.runner
        return runner is None or runner.state not in ("spawning", "running")

    def _drawn(self, among: tuple[_T, ...]) -> _T:
        return self._chance.choices(among, [one.weight for one in among])[0]

    def _robot(self) -> Device:
        return Device(1, self._chance.choice(BOTS), "1024x768", "1024x768")


class Shopper(Visitor):
    """Allows everything, looks around, sometimes buys."""

    weight = 40


class Regular(Visitor):
    """Comes back the same day, and once more."""

    weight = 20
    visits = 3


class Counted(Visitor):
    """Allows statistics, and no advertising."""

    weight = 12
    answer = STATISTICS
    visits = 2


class Refuser(Visitor):
    """Refuses everything, and shops all the same."""

    weight = 16
    answer = DENIED


class Bouncer(Visitor):
    """Leaves before the banner is answered."""

    weight = 8
    answer = SILENT
    most_pages = 1


class Withdrawer(Visitor):
    """Allows everything, and takes it back after two pages."""

    weight = 6
    withdraws_on = 2


class Robot(Visitor):
    """Reads three pages, answers no banner, keeps no cookie."""

    weight = 4
    answer = SILENT
    is_bot = True
    most_pages = 3
