"""Evil days of a browser: each makes events of known numbers, and tells which were lost.

An event is well if the recorder answered it 204, or if it is still in the page's storage when the
day ends. What a page made before it was killed and could neither send nor store is not expected.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct
from playwright.sync_api import Browser, Error, Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Answer, Recorder, make_container
from tests.running import wait_for

FEATURES = ("history", "data_layer", "engagement", "scroll", "clicks", "forms", "errors")
SENT = "(n) => { for (let i = 0; i < n; i++) freehold('event', 'made', {n: i}) }"
HELD = """Object.entries(localStorage)
  .filter(([key]) => key.startsWith('freehold.shop.') && !key.endsWith('.n'))
  .map(([, text]) => text)"""
FILL = """() => {
  try { for (;;) localStorage['x' + Math.random()] = 'y'.repeat(5e4) } catch {}
}"""
PATIENCE_S = 30.0


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of one day."""

    day: str
    made: int
    answered: int
    stored: int
    lost: int
    errors: int
    """Uncaught errors and words in the page's console."""


class Day:
    """One context, one recorder whose answers are drawn, and what was made in them."""

    def __init__(self, browser: Browser, recorder: Recorder, chance: random.Random) -> None:
        self.recorder, self.chance = recorder, chance
        self.noise: list[str] = []
        self.context = browser.new_context()
        self.context.on("weberror", lambda error: self.noise.append(str(error.error)))
        self.context.on("console", self._hear)
        recorder.container = make_container(CookieMode.ALWAYS, *FEATURES)
        recorder.hurry()
        self.url = recorder.page("<form><input name=a></form><div style='height:3000px'></div>")
        self.page = self.open()
        self.made = 0

    def _hear(self, line: object) -> None:
        text = getattr(line, "text", "")
        if not text.startswith("Failed to load resource"):
            self.noise.append(text)

    def open(self) -> Page:
        """A page with the tag running."""
        page = self.context.new_page()
        page.goto(self.url)
        page.wait_for_function("window.freehold && !freehold.q")
        return page

    def make(self, count: int, page: Page | None = None) -> None:
        """Events of the page."""
        (page or self.page).evaluate(SENT, count)
        self.made += count

    def names(self) -> list[str]:
        """Ids of the events `made` that were answered 204."""
        return [
            event["id"]
            for hit in self.recorder.hits
            if hit.status == 204
            for event in hit.body["events"]
            if event["name"] == "made"
        ]

    def stored(self) -> set[str]:
        """Ids of those that wait in storage."""
        for page in self.context.pages:
            try:
                texts = page.evaluate(HELD)
            except Error:
                continue
            events = [event for text in texts for event in json.loads(text)["hit"]["events"]]
            return {event["id"] for event in events if event["name"] == "made"}
        return set()

    def end(self, name: str) -> Outcome:
        """Waits until all is well, or long enough, and counts."""
        known: set[str] = set()

        def is_well() -> bool:
            known.update(self.names())
            known.update(waiting := self.stored())
            return len(known) >= self.made and not waiting

        with suppress(AssertionError):  # what is not well by then is counted below
            wait_for(is_well, "all is answered", PATIENCE_S)
        answered, waiting = set(self.names()), self.stored()
        self.context.close()
        return Outcome(
            day=name,
            made=self.made,
            answered=len(answered),
            stored=len(waiting - answered),
            lost=self.made - len(answered | waiting),
            errors=len(self.noise),
        )


def down(day: Day) -> None:
    """The collector is off, and comes back."""
    day.recorder.stop()
    day.make(day.chance.randint(1, 50))
    day.page.wait_for_timeout(day.chance.randint(50, 600))
    day.recorder.start()


def slow(day: Day) -> None:
    """Each answer takes a while."""
    holds = [threading.Event() for _ in range(4)]
    day.recorder.answer(*(Answer(hold=hold) for hold in holds))
    day.make(day.chance.randint(1, 50))
    for hold in holds:
        day.page.wait_for_timeout(day.chance.randint(10, 200))
        hold.set()


def failing(day: Day) -> None:
    """500, cut connections and 429 before it is well."""
    for _ in range(6):
        day.recorder.answer(Answer(status=day.chance.choice((500, 503, 0, 429))))
        day.make(day.chance.randint(1, 10))
        day.page.wait_for_timeout(day.chance.randint(0, 80))


def flapping(day: Day) -> None:
    """Off and on, many times."""
    for _ in range(4):
        day.recorder.stop()
        day.make(day.chance.randint(1, 10))
        day.page.wait_for_timeout(day.chance.randint(0, 120))
        day.recorder.start()
        day.make(day.chance.randint(1, 10))
        day.page.wait_for_timeout(day.chance.randint(0, 120))


def offline(day: Day) -> None:
    """The browser has no network for a while, and pages are opened meanwhile."""
    day.context.set_offline(True)
    day.make(day.chance.randint(1, 50))
    day.page.wait_for_timeout(day.chance.randint(50, 400))
    day.context.set_offline(False)


def left(day: Day) -> None:
    """The page goes away right after; the next one finds what was not answered."""
    day.recorder.answer(*(Answer(status=503) for _ in range(day.chance.randint(0, 3))))
    day.make(day.chance.randint(1, 30))
    day.page.goto("about:blank")
    day.page = day.open()


def closed(day: Day) -> None:
    """The tab is closed while the collector is off."""
    day.recorder.stop()
    day.make(day.chance.randint(1, 30))
    day.page.wait_for_timeout(100)
    day.page.close()
    day.recorder.start()
    day.page = day.open()


def crashed(day: Day) -> None:
    """The tab's process dies a moment after."""
    day.recorder.answer(*(Answer(status=503) for _ in range(2)))
    day.make(day.chance.randint(1, 30))
    day.page.wait_for_timeout(day.chance.randint(60, 200))
    with suppress(Error):
        day.page.goto("chrome://crash")
    day.page.close()
    day.page = day.open()


def cached(day: Day) -> None:
    """Back and forth between pages, which the browser keeps as they were."""
    day.recorder.page("<p>other</p>", path="/other", head="")
    for _ in range(3):
        day.make(day.chance.randint(1, 10))
        day.page.goto(day.recorder.origin + "/other")
        day.page.go_back(wait_until="commit")
        day.page.wait_for_function("window.freehold && !freehold.q")


def many(day: Day) -> None:
    """A thousand within a second."""
    for _ in range(10):
        day.make(100)
        day.page.wait_for_timeout(80)


def tabs(day: Day) -> None:
    """Two tabs at once, while the collector fails."""
    other = day.open()
    for _ in range(4):
        day.recorder.answer(Answer(status=day.chance.choice((500, 0))))
        day.make(day.chance.randint(1, 10))
        day.make(day.chance.randint(1, 10), other)
    other.close()


def forbidden(day: Day) -> None:
    """Storage throws, and the collector fails a few times."""
    day.page.close()
    day.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no') }})"
    )
    day.page = day.open()
    failing(day)


def full(day: Day) -> None:
    """Storage is full, and the collector fails a few times."""
    day.page.evaluate(FILL)
    failing(day)


DAYS: tuple[Callable[[Day], None], ...] = (
    *(down, slow, failing, flapping, offline, left, closed),
    *(crashed, cached, many, tabs, forbidden, full),
)


def days(browser: Browser, rounds: int, seed: int) -> list[Outcome]:
    """Every day so many times; one row a kind of day."""
    outcomes = []
    for act in DAYS:
        runs = []
        for number in range(rounds):
            with Recorder() as recorder:
                day = Day(browser, recorder, random.Random(f"{seed}/{act.__name__}/{number}"))
                act(day)
                runs.append(day.end((act.__doc__ or "").rstrip(".")))
        outcomes.append(
            Outcome(
                day=runs[0].day,
                **{
                    name: sum(getattr(run, name) for run in runs)
                    for name in ("made", "answered", "stored", "lost", "errors")
                },
            )
        )
    return outcomes
