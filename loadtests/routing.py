"""Measures what deciding about an event costs: 50 tags, 50 triggers, 50 variables, on one core.

    .venv/bin/python -m loadtests.routing

The events are those of a shop, each a new one; two containers are asked. `shop` has tags for the
events of a visit, as containers have. `every` has 50 tags that all look at every event, which is
the worst that 50 tags can be. The median over the events of `shop` is what counts.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

import click
import msgspec
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from server.containers.decide import Plan, compile_container, decide
from server.containers.memory import Cell
from server.containers.model import Container
from server.containers.scope import Beside
from server.destinations import tag_types
from server.model import Event, Item

NUMBER = 50
VISIT = (
    *("page_view", "page_view", "page_view", "view_item_list", "page_view", "select_item"),
    *("view_item", "page_view", "scroll", "add_to_cart", "page_view", "view_cart"),
    *("begin_checkout", "add_shipping_info", "add_payment_info", "purchase"),
)
NAMES = tuple(dict.fromkeys(VISIT))
CONSENT = {"analytics_storage": "granted", "ad_storage": "granted", "ad_user_data": "denied"}
BESIDE = Beside(cookies={"_ga": "GA1.1.123.456"}, headers={"accept-language": "fr-FR,fr;q=0.9"})
BODY = {
    "event": "{{ event.name }}",
    "order": "{{ event.transaction_id }}",
    "value": "{{ event.value }}",
    "currency": "{{ event.currency }}",
    "group": "{{ v0 }}",
    "plan": "{{ v1 }}",
    "source": "{{ event.campaign_source }}",
    "fixed": {"a": 1, "b": [1, 2, 3]},
}


def variables() -> dict[str, Any]:
    """Fifty of all kinds."""
    rows = [{"matches": f"^/{word}/([a-z]+)", "gives": "$1"} for word in ("shoes", "hats", "bags")]
    kinds: list[dict[str, Any]] = [
        {"type": "pattern", "input": "{{ event.path }}", "rows": rows, "default": "other"},
        {"type": "event", "field": "props.plan", "case": "lower", "default": "none"},
        {"type": "lookup", "input": "{{ event.currency }}", "table": {"EUR": "€", "USD": "$"}},
        {"type": "url", "part": "query", "key": "size"},
        {"type": "cookie", "name": "_ga"},
        {"type": "value", "value": "{{ v1 }}-{{ event.language }}"},
        {"type": "header", "name": "accept-language"},
        {"type": "visitor", "field": "is_new"},
        {"type": "referrer", "part": "host"},
        {"type": "items", "key": "item_id"},
    ]
    return {f"v{n}": kinds[n % len(kinds)] for n in range(NUMBER)}


def triggers(*, every: bool) -> dict[str, Any]:
    """Fifty, of one to three conditions; `every`: for every event."""
    conditions: list[dict[str, Any]] = [
        {"value": "{{ event.host }}", "equals": "www.shop.example"},
        {"value": "{{ v0 }}", "in": ["red", "blue", "other"]},
        {"value": "{{ event.value }}", "greater": 10},
        {"value": "{{ v1 }}", "not": True, "equals": "staff"},
        {"value": "{{ event.path }}", "matches": "^/(shoes|hats)/"},
        {"value": "{{ v3 }}", "starts_with": "4"},
        {"value": "{{ event.country }}", "not": True, "in": ["RU", "BY"]},
    ]
    return {
        f"t{n}": {
            "event": [] if every else NAMES[n % len(NAMES)],
            "when": [conditions[(n + k) % len(conditions)] for k in range(1 + n % 3)],
        }
        for n in range(NUMBER)
    }


def plan(*, every: bool) -> Plan:
    """The container, ready."""
    tags = {
        f"tag{n}": {
            "type": "webhook",
            "fires_on": [f"t{n}", f"t{(n + 7) % NUMBER}"],
            "except": [f"t{(n + 13) % NUMBER}"] if n % 5 == 0 else [],
            "needs_consent": ["analytics_storage"],
            "with": {"url": "https://partner.example/{{ event.name }}", "body": BODY},
            **({"limit": {"per": "session", "times": 1000}} if n % 10 == 0 else {}),
        }
        for n in range(NUMBER)
    }
    tree = {
        "id": "shop",
        "sites": ["self"],
        "variables": variables(),
        "triggers": triggers(every=every),
        "tags": tags,
    }
    return compile_container(msgspec.convert(tree, Container), tag_types())


def events(count: int) -> Iterator[Event]:
    """Events of many visits, none like another."""
    known = Event(
        event_id="",
        src=1,
        off=0,
        idx=0,
        container_id="shop",
        visitor_id="",
        session_id=1_760_000_000,
        session_number=2,
        name="page_view",
        occurred_at=1_760_000_030_000,
        received_at=1_760_000_031_000,
        url="https://www.shop.example/shoes/red?size=42&utm_source=news",
        host="www.shop.example",
        path="/shoes/red",
        query="size=42",
        referrer="https://www.google.com/",
        language="fr",
        country="FR",
        consent=CONSENT,
        props={"plan": "Gold", "list": "shoes", "logged_in": "no"},
    )
    items = [Item(item_id=f"SKU-{n}", price="29.9500") for n in range(3)]
    for n in range(count):
        name = VISIT[n % len(VISIT)]
        is_order = name in {"add_to_cart", "begin_checkout", "purchase"}
        yield replace(
            known,
            event_id=f"0199c000-0000-7000-8000-{n:012d}",
            visitor_id=f"0b6f2f6e-6a1c-4a57-8d0c-{n // len(VISIT):012d}",
            off=n,
            name=name,
            value="59.9000" if is_order else None,
            currency="EUR" if is_order else "",
            items=items if is_order else [],
        )


def measured(ready: Plan, count: int) -> tuple[list[float], float]:
    """Microseconds of each event, and how many tags were sent one, on average."""
    memory: dict[str, Cell] = {}
    recall = memory.get
    times, sends = [], 0
    gc.collect()
    gc.disable()
    for one in list(events(count)):
        start = time.perf_counter_ns()
        decision = decide(one, ready, BESIDE, recall)
        times.append((time.perf_counter_ns() - start) / 1000)
        memory.update(decision.remembered)
        sends += len(decision.sends)
    gc.enable()
    return times, sends / count


@click.command()
@click.option("--events", "count", default=20_000, show_default=True, help="Events of a round.")
@click.option("--rounds", default=3, show_default=True, help="The best median counts.")
@click.option("--at-most", type=float, help="Exit 1 when `shop` takes longer, in microseconds.")
def main(count: int, rounds: int, at_most: float | None) -> None:
    """What deciding about an event costs, in microseconds."""
    table = Table("container", "sent, of 50", "median µs", "p90", "p99", box=None, pad_edge=False)
    medians = {}
    for name, ready in {"shop": plan(every=False), "every": plan(every=True)}.items():
        measured(ready, 1_000)
        found = [measured(ready, count) for _ in range(rounds)]
        times, sends = min(found, key=lambda one: statistics.median(one[0]))
        cuts = statistics.quantiles(times, n=100)
        medians[name] = statistics.median(times)
        table.add_row(
            name, f"{sends:.1f}", f"{medians[name]:.1f}", f"{cuts[89]:.1f}", f"{cuts[98]:.1f}"
        )
    Console().print(table)
    if at_most is not None and medians["shop"] > at_most:
        sys.exit(1)


if __name__ == "__main__":
    main()
