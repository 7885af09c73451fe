"""What the tag costs a page while it loads: Chromium's own trace, with the processor four times
slower.

Counted is every stretch of the page's main thread in which it compiles, evaluates or calls a
script, with its microtasks and all that the browser does meanwhile for `fetch`, `localStorage` and
the like, from the navigation until two seconds after the load. The pages measured have no scripts
but the snippet and what it fetches. Pages beside them tell what a script costs that does nothing,
and one that only asks storage and sends: that much belongs to the browser and the machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from playwright.sync_api import Browser

CATEGORIES = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "loading",
    "v8.execute",
    "blink.user_timing",
]
STACKS = "disabled-by-default-devtools.timeline.stack"
"""Tells who forced a layout, by noting the stack at each step, which takes a fifth of what a script
takes: so not in the loads of which time is told."""

SCRIPTING = frozenset({
    *("EvaluateScript", "FunctionCall", "RunMicrotasks", "TimerFire", "FireAnimationFrame"),
    *("v8.compile", "v8.produceCache"),
})  # fmt: skip
"""What one of them does lies within another or beside it: the outermost are counted."""

SLOWER = 4
AFTER_MS = 2000
LONG_MS = 50.0
SCRIPT = "/tag.js"


class Cost(Struct, frozen=True, kw_only=True):
    """Of one load; times are ms of the main thread, slowed down."""

    cpu_ms: float
    """Scripting: time that the thread had the processor."""
    wall_ms: float
    """The same by the clock: with waiting for storage's process, and for the processor."""
    snippet_ms: float
    """Of the processor's time, what the snippet in the page takes."""
    before_paint_ms: float
    """Of the rest, what is done before the first contentful paint."""
    long_tasks: int
    """Tasks of 50 ms and more in which the tag ran."""
    load_ms: float
    """All that the main thread did, by the clock."""


def cost(browser: Browser, url: str) -> Cost:
    """Of one load, with an empty cache."""
    events = _trace(browser, url, CATEGORIES)
    main = _main_thread(events)
    tasks = [e for e in main if e["name"] == "RunTask" and e["ph"] == "X"]
    scripting = list(_outermost(e for e in main if e["ph"] == "X" and e["name"] in SCRIPTING))
    snippet = [e for e in scripting if e["name"] == "EvaluateScript" and not _names_tag(e)]
    tag = [e for e in scripting if e not in snippet]
    paint = min((e["ts"] for e in events if e["name"] == "firstContentfulPaint"), default=0)
    long = [t for t in tasks if t["dur"] >= LONG_MS * 1000 and any(_in(e, t) for e in tag)]
    return Cost(
        cpu_ms=_ms(scripting, "tdur"),
        wall_ms=_ms(scripting, "dur"),
        snippet_ms=_ms(snippet, "tdur"),
        before_paint_ms=_ms((e for e in tag if e["ts"] < paint), "tdur"),
        long_tasks=len(long),
        load_ms=_ms(tasks, "dur"),
    )


def layouts(browser: Browser, url: str) -> int:
    """Layouts and style recalculations that the tag forces in one load."""
    main = _main_thread(_trace(browser, url, [*CATEGORIES, STACKS]))
    return sum(e["name"] in ("Layout", "UpdateLayoutTree") and _is_forced(e) for e in main)


def _trace(browser: Browser, url: str, categories: list[str]) -> list[dict[str, Any]]:
    """What happens in a page of its own until two seconds after its load."""
    page = browser.new_page()
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    browser.start_tracing(page=page, categories=categories)
    page.goto(url)
    page.wait_for_timeout(AFTER_MS)
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    page.close()
    return events


def _ms(events: Iterable[dict[str, Any]], clock: str) -> float:
    return float(sum(e.get(clock, 0) for e in events)) / 1000


def _main_thread(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of the thread that ran the page's scripts, in their order."""
    painted = [e for e in events if e["name"] == "firstContentfulPaint"]
    if not painted:
        raise RuntimeError("the trace has no paint: was the page hidden?")
    key = painted[0]["pid"], painted[0]["tid"]
    found = [e for e in events if (e.get("pid"), e.get("tid")) == key and "ts" in e]
    return sorted(found, key=lambda e: (e["ts"], -e.get("dur", 0)))


def _names_tag(event: dict[str, Any]) -> bool:
    return SCRIPT in json.dumps(event.get("args", {}))


def _is_forced(event: dict[str, Any]) -> bool:
    """Whether a function of the tag stands on the stack that began it."""
    begun = event.get("args", {}).get("beginData", {})
    return SCRIPT in json.dumps(begun.get("stackTrace", []))


def _outermost(events: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Without those that lie in one before."""
    end = 0
    for event in events:
        if event["ts"] >= end:
            end = event["ts"] + event["dur"]
            yield event


def _in(inner: dict[str, Any], outer: dict[str, Any]) -> bool:
    return bool(outer["ts"] <= inner["ts"] < outer["ts"] + outer["dur"])
