"""What the tag costs a page while it loads: Chromium's own trace, with the processor four times
slower; the same page without the tag beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from playwright.sync_api import Browser

CATEGORIES = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "disabled-by-default-devtools.timeline.stack",
    "loading",
    "v8.execute",
    "blink.user_timing",
]
SLOWER = 4
LONG_MS = 50.0
SCRIPT = "/tag.js"


class Cost(Struct, frozen=True, kw_only=True):
    """Of one load; times are ms of the main thread, slowed down."""

    script_ms: float
    """In functions of the tag, and compiling and evaluating it."""
    before_paint_ms: float
    """Of that, before the first contentful paint."""
    long_tasks: int
    """Tasks of 50 ms and more in which the tag ran."""
    layouts: int
    """Layouts and style recalculations that the tag forced."""
    load_ms: float
    """All that the main thread did until a second after the load."""


def cost(browser: Browser, url: str) -> Cost:
    """Loads a page once, with an empty cache, and reads the trace."""
    page = browser.new_page()
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    browser.start_tracing(page=page, categories=CATEGORIES)
    page.goto(url)
    page.wait_for_timeout(1500)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.close()
    return _read(events)


def _read(events: list[dict[str, Any]]) -> Cost:
    main = _main_thread(events)
    tasks = [e for e in main if e["name"] == "RunTask" and e["ph"] == "X"]
    ours = list(_outermost(e for e in main if e["ph"] == "X" and _is_ours(e)))
    paint = min((e["ts"] for e in events if e["name"] == "firstContentfulPaint"), default=0)
    forced = [e for e in main if e["name"] in ("Layout", "UpdateLayoutTree") and _is_forced(e)]
    long = [t for t in tasks if t["dur"] >= LONG_MS * 1000 and any(_in(e, t) for e in ours)]
    return Cost(
        script_ms=sum(e["dur"] for e in ours) / 1000,
        before_paint_ms=sum(e["dur"] for e in ours if e["ts"] < paint) / 1000,
        long_tasks=len(long),
        layouts=len(forced),
        load_ms=sum(t["dur"] for t in tasks) / 1000,
    )


def _main_thread(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of the thread that ran the page's scripts, in their order."""
    painted = [e for e in events if e["name"] == "firstContentfulPaint"]
    if not painted:
        raise RuntimeError("the trace has no paint: was the page hidden?")
    key = painted[0]["pid"], painted[0]["tid"]
    found = [e for e in events if (e.get("pid"), e.get("tid")) == key and "ts" in e]
    return sorted(found, key=lambda e: (e["ts"], -e.get("dur", 0)))


def _is_ours(event: dict[str, Any]) -> bool:
    names = ("EvaluateScript", "FunctionCall", "v8.compile", "V8.CompileCode", "v8.produceCache")
    return event["name"] in names and SCRIPT in json.dumps(event.get("args", {}))


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
