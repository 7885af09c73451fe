"""What walks through the shop share: waiting for the tag in a page, and asking ClickHouse."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, Request

from tests.js_snippet.recorder import Recorder
from tests.js_snippet.waiting import until
from tests.running import ROOT, Running, wait_for

Row = dict[str, Any]

NOTED = """
  window.seen = [];
  window.ids = {};
  addEventListener('freehold', ({ detail: { name, id } }) => {
    seen.push(name);
    ids[id] = name;
    window.seenAt = performance.now();
  });
"""
"""Every page notes what the tag says it has seen, and with which ids."""
NOBODY = "00000000-0000-0000-0000-000000000000"
AS_IT_IS = (
    *("name", "host", "path", "url", "title", "referrer_host", "props", "nums", "user_id"),
    *("session_id", "page_id", "page_seq", "browser_seq", "resend", "consent", "consent_source"),
)
COLUMNS = {
    **{name: f"e.{name}" for name in AS_IT_IS},
    "id": "toString(event_id)",
    "value": "toFloat64(value)",
    "items": "items.item_id",
    "visitor": "toString(visitor_id)",
    "answer": "consent['analytics_storage']",
    "withheld": "arrayMap(one -> one.tag || ' ' || one.reason, withheld)",
    "late_s": "toInt32(dateDiff('second', occurred_at, received_at))",
    "ahead_s": "toInt32(client_ahead_ms / 1000)",
}
"""What a row is asked for."""


def elsewhere(pages: Recorder) -> str:
    """The origin of the same pages on a host that is another site than the collector's: there
    browsers keep no cookie of ours."""
    return pages.origin.replace("127.0.0.1", "localhost")


def asked_by(pages: Page | BrowserContext) -> list[str]:
    """The addresses that are asked for from now on."""
    found: list[str] = []

    def hear(request: Request) -> None:
        found.append(request.url)

    pages.on("request", hear)
    return found


def started(page: Page, name: str = "freehold") -> None:
    """The tag has taken over."""
    until(page, f"window.{name} && !{name}.q")


def saw(page: Page, name: str, times: int = 1) -> None:
    """The tag has seen it."""
    until(page, f"seen.filter((name) => name == '{name}').length >= {times}")


def choose(page: Page, button: str) -> None:
    """Agrees in the shop's banner, and waits until the collector has answered a hit with that."""
    with page.expect_response(lambda answer: "/demo/hit?c=1" in answer.url):
        page.get_by_role("button", name=button).click()


def rows(freehold: Running, container: str = "demo", host: str = "") -> list[Row]:
    """Of a container, and a host of its pages, in the order in which it happened."""
    at = f" AND host = '{host}'" if host else ""
    found = freehold.ask(
        f"SELECT {', '.join(COLUMNS.values())} "
        f"FROM freehold.events AS e WHERE container_id = '{container}'{at} "
        "ORDER BY occurred_at, received_at, e.idx"
    )
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]


def rows_until(
    freehold: Running, holds: Callable[[list[Row]], bool], container: str = "demo", host: str = ""
) -> list[Row]:
    """The rows, as soon as it holds for them; else what there is, for the test to judge."""
    found: list[Row] = []

    def there() -> bool:
        found[:] = rows(freehold, container, host)
        return holds(found)

    with contextlib.suppress(AssertionError):
        wait_for(there, "rows")
    return found


def named(found: list[Row], name: str) -> list[Row]:
    return [row for row in found if row["name"] == name]


def has(*names: str) -> Callable[[list[Row]], bool]:
    """Whether rows of all these names are there."""
    return lambda found: set(names) <= {row["name"] for row in found}


def lost(freehold: Running, found: list[Row]) -> int:
    """How many hits of the pages that these rows are of: within pages, and by the browsers' count.
    Other visitors' last hits may be on their way while their browser is closed."""
    text = (ROOT / "clickhouse" / "queries" / "lost_hits.sql").read_text()
    pages = ", ".join(sorted({str(row["page_id"]) for row in found}))
    all_hits = "WHERE bot = ''"
    assert all_hits in text
    answer = freehold.ask(text.replace(all_hits, f"{all_hits} AND page_id IN ({pages})"))
    return sum(int(row[3]) + int(row[5]) for row in answer)


def check_numbering(found: list[Row]) -> None:
    """No page's and no browser's hits have a gap."""
    pages = defaultdict(set)
    for row in found:
        pages[row["page_id"]].add(row["page_seq"])
    assert [seqs for seqs in pages.values() if seqs != set(range(1, max(seqs) + 1))] == []
    browser = {row["browser_seq"] for row in found if row["browser_seq"]}
    assert browser == set(range(1, max(browser) + 1))


def sent_to_meta(freehold: Running) -> list[Any]:
    """The events that the recorder got as Meta."""
    got = [one for one in freehold.recorded()["requests"] if one["partner"] == "Meta"]
    return [event for one in got for event in json.loads(one["body"])["data"]]
