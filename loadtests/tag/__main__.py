"""`make tag`: two tables, and exit code 1 if anything was lost or said in the page's console."""

from __future__ import annotations

import argparse
import statistics
import sys

from rich.console import Console
from rich.progress import track
from rich.table import Table

from loadtests.tag.torture import Outcome, days
from loadtests.tag.tracing import Cost, cost, layouts
from server.containers.model import CookieMode, Observe
from tests.browser import chromium
from tests.js_snippet.recorder import Recorder, make_container

SHOP = "".join(
    f"<section><h2>Cup {n}</h2><a href='/cup/{n}'>See</a><button>Buy</button>"
    f"<p>{'word ' * 40}</p></section>"
    for n in range(150)
)
SEND = (
    b"fetch('/shop/hit?c=1', {method: 'POST', body: '{\"events\": []}', keepalive: true,"
    b" credentials: 'include'})"
)
ALL = [name for name in Observe.__struct_fields__ if name not in ("page_views", "shims")]

PAGES: dict[str, bytes | tuple[str, ...] | None] = {
    "no script": None,
    "an empty script": b" ",
    "a script that sends once": b"setTimeout(() => " + SEND + b")",
    "… and reads storage once": b"setTimeout(() => {localStorage.x; " + SEND + b"})",
    "page views": (),
    "single-page applications": ("history",),
    "everything observed": tuple(ALL),
}
"""What the snippet fetches: bytes as they are, or the tag with these features."""


def main() -> None:
    """Both, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loads", type=int, default=15, help="of each page; a third for layouts")
    parser.add_argument("--rounds", type=int, default=3, help="of each evil day")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    with chromium() as browser, Recorder() as recorder:
        costs: dict[str, list[Cost]] = {name: [] for name in PAGES}
        forced = dict.fromkeys(PAGES, 0)
        for number in track(range(asked.loads), "loads", console=console):
            for name, served in PAGES.items():
                costs[name].append(cost(browser, _page(recorder, served)))
                if number % 3 == 0:
                    forced[name] += layouts(browser, _page(recorder, served))
    if asked.loads:
        console.print(_costs(costs, forced))
    with chromium(keeps_pages=True) as browser:
        outcomes = days(browser, asked.rounds, asked.seed) if asked.rounds else []
    console.print(_outcomes(outcomes))
    sys.exit(any(one.lost or one.errors for one in outcomes))


def _page(recorder: Recorder, served: bytes | tuple[str, ...] | None) -> str:
    """A shop whose snippet fetches these bytes, or a tag with these features; or without one."""
    recorder.rewrite = bytes
    if isinstance(served, bytes):
        recorder.rewrite = lambda _: served
    elif served is not None:
        recorder.container = make_container(CookieMode.ALWAYS, *served)
    return recorder.page(SHOP, head="" if served is None else None)


def _costs(costs: dict[str, list[Cost]], forced: dict[str, int]) -> Table:
    columns = ("script ms, median", "least", "by the clock", "snippet", "before paint")
    title = "One load, processor four times slower"
    table = Table("page", *columns, "long tasks", "forced layouts", "page, all ms", title=title)
    for name, found in costs.items():
        table.add_row(
            name,
            f"{statistics.median(one.cpu_ms for one in found):.1f}",
            f"{min(one.cpu_ms for one in found):.1f}",
            f"{statistics.median(one.wall_ms for one in found):.1f}",
            f"{statistics.median(one.snippet_ms for one in found):.1f}",
            f"{statistics.median(one.before_paint_ms for one in found):.1f}",
            str(sum(one.long_tasks for one in found)),
            str(forced[name]),
            f"{statistics.median(one.load_ms for one in found):.0f}",
        )
    return table


def _outcomes(outcomes: list[Outcome]) -> Table:
    table = Table("day", "made", "answered", "still stored", "lost", "errors", title="Evil days")
    for one in outcomes:
        counts = (one.made, one.answered, one.stored, one.lost, one.errors)
        table.add_row(one.day, *map(str, counts))
    return table


if __name__ == "__main__":
    main()
