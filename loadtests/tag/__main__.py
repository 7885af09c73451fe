"""`make tag`: two tables, and exit code 1 if anything was lost or said in the page's console."""

from __future__ import annotations

import argparse
import statistics
import sys

from rich.console import Console
from rich.progress import track
from rich.table import Table

from loadtests.tag.torture import Outcome, days
from loadtests.tag.tracing import Cost, cost
from server.containers.model import CookieMode, Observe
from tests.browser import chromium
from tests.js_snippet.recorder import Recorder, make_container

SHOP = "".join(
    f"<section><h2>Cup {n}</h2><a href='/cup/{n}'>See</a><button>Buy</button>"
    f"<p>{'word ' * 40}</p></section>"
    for n in range(150)
)
ALL = [name for name in Observe.__struct_fields__ if name not in ("page_views", "shims")]


def main() -> None:
    """Both, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loads", type=int, default=15, help="of each page")
    parser.add_argument("--rounds", type=int, default=3, help="of each evil day")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    console = Console()
    with chromium() as browser, Recorder() as recorder:
        variants: dict[str, tuple[str, ...] | None] = {
            "no tag": None, "page views": (), "everything observed": tuple(ALL),
        }  # fmt: skip
        costs: dict[str, list[Cost]] = {name: [] for name in variants}
        for _ in track(range(asked.loads), "loads", console=console):
            for name, features in variants.items():
                if features is not None:
                    recorder.container = make_container(CookieMode.ALWAYS, *features)
                url = recorder.page(SHOP, head=None if features is not None else "")
                costs[name].append(cost(browser, url))
        console.print(_costs(costs))
        outcomes = days(browser, asked.rounds, asked.seed) if asked.rounds else []
    console.print(_outcomes(outcomes))
    sys.exit(any(one.lost or one.errors for one in outcomes))


def _costs(costs: dict[str, list[Cost]]) -> Table:
    columns = ("page", "tag ms, median", "worst", "before paint", "long tasks", "forced layouts")
    title = "One load, processor four times slower"
    table = Table(*columns, "all scripts and layout ms", title=title)
    for name, found in costs.items():
        scripts = [one.script_ms for one in found]
        table.add_row(
            name,
            f"{statistics.median(scripts):.2f}",
            f"{max(scripts):.2f}",
            f"{statistics.median(one.before_paint_ms for one in found):.2f}",
            str(sum(one.long_tasks for one in found)),
            str(sum(one.layouts for one in found)),
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
