"""The whole of it: ClickHouse, the command, a running forwarder, and a partner on a socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from msgspec.json import encode

from server.clock import HOUR_MS, now_ms
from server.model import Event
from server.pipeline.backfill import Cursor, cursor_of
from server.store.client import Connection
from server.store.insert import insert
from server.store.rows import encode_row, split_row
from tests.cli.owing import CONTAINER, Node
from tests.partner import LocalPartner
from tests.pipeline.forwarder.owed import Forwarding, owed
from tests.running import ROOT, wait_for
from tests.samples import event


@pytest.fixture
def partner() -> Iterator[LocalPartner]:
    with LocalPartner() as running:
        yield running


@pytest.fixture
def forwarding(node: Node, partner: LocalPartner) -> Iterator[Forwarding]:
    (node.containers / "shop.yaml").write_text(
        CONTAINER.replace("https://erp.example/in", partner.url).replace("all_events", "all_pages")
    )
    made = Forwarding(node.data)
    yield made
    made.close()


class Past:
    """Page views of two hours ago, in ClickHouse, and the command."""

    def __init__(self, node: Node, connection: Connection) -> None:
        self.node = node
        self._connection = connection
        endpoint = connection.endpoint
        self.url = f"http://{endpoint.user}:{endpoint.password}@{endpoint.host}:{endpoint.port}"

    def store(self, *events: Event) -> None:
        rows = [split_row(encode_row(one))[1] for one in events]
        insert(self._connection, "events", rows, token="past")

    def run(self, *words: str, since: str = "3h") -> str:
        told = self.node.run(
            "backfill", "--tag", "shop/hook", "--since", since, *words, FREEHOLD_CLICKHOUSE=self.url
        )
        assert told.exit_code == 0, told.output
        return told.output


@pytest.fixture
def past(node: Node, connection: Connection) -> Past:
    return Past(node, connection)


def viewed(number: int, **more: object) -> Event:
    at = now_ms() - 2 * HOUR_MS + number
    return event(number, container_id="shop", occurred_at=at, received_at=at, **more)


def sent(partner: LocalPartner) -> list[int]:
    return sorted(int(json.loads(asked.body)["event_id"][-12:]) for asked in partner.asked)


def test_past_events_reach_the_partner_once_whatever_was_owed_before(
    past: Past, forwarding: Forwarding, partner: LocalPartner
) -> None:
    past.store(*(viewed(number) for number in range(1, 8)), viewed(8, name="scroll"))
    live = owed(3, partner.url, name="page_view")
    forwarding.owe(live)
    told = past.run("--dry-run")
    assert "8 events, of which the tag fires on 7\n  6 to send, 50 a second" in told
    assert "  1 not: owed, sent or given up already" in told
    told = past.run("--yes", "--rate", "10000")
    assert "6 events are on their way to shop/hook" in told
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 7, "all of them")
    assert sent(partner) == [1, 2, 3, 4, 5, 6, 7]
    assert {row["tag"] for row in forwarding.told()} == {"hook"}
    assert "  0 to send" in past.run("--yes")  # nothing of it is loaded: the node knows
    assert forwarding.lane().waiting == 0
    assert len(partner.asked) == 7


def test_it_asks_before_it_sends(past: Past, forwarding: Forwarding) -> None:
    past.store(viewed(1))
    told = past.node.run(
        "backfill", "--tag", "shop/hook", FREEHOLD_CLICKHOUSE=past.url, answer="n\n"
    )
    assert (told.exit_code, "Send them? [y/N]: n" in told.output) == (1, True)
    assert cursor_of(past.node.state(), "shop", "hook") is None


def test_one_that_was_interrupted_goes_on_where_it_was(past: Past, forwarding: Forwarding) -> None:
    events = [viewed(number) for number in range(1, 6)]
    past.store(*events)
    now = now_ms()
    cursor = Cursor(since=now - 3 * HOUR_MS, until=now).behind(events[2], 3)
    state = past.node.state()
    with state.transaction():
        state.put_note("backfill/tag.shop.hook.backfill", encode(cursor).decode())
    told = past.run("--yes", "--rate", "1000")
    assert "One was interrupted after 3 events" in told
    assert "5 events are on their way" in told
    assert forwarding.lane().waiting == 2
    ended = cursor_of(state, "shop", "hook")
    assert ended is not None
    assert (ended.is_done, ended.owed) == (True, 5)
    assert "5 events, of which" in past.run("--dry-run")


def test_one_that_was_killed_goes_on_and_sends_nothing_twice(
    past: Past, forwarding: Forwarding, partner: LocalPartner
) -> None:
    past.store(*(viewed(number) for number in range(1, 41)))
    words = ["backfill", "--tag", "shop/hook", "--since", "3h", "--yes", "--rate", "10"]
    running = subprocess.Popen(
        [sys.executable, "-m", "server", "deliveries", *words],
        cwd=ROOT,
        env={**os.environ, **past.node.environ, "FREEHOLD_CLICKHOUSE": past.url},
        stdout=subprocess.DEVNULL,
    )
    state = past.node.state()

    def owed_so_far() -> int:
        cursor = cursor_of(state, "shop", "hook")
        return 0 if cursor is None else cursor.owed

    try:
        wait_for(lambda: owed_so_far() >= 10, "the first of them")
    finally:
        running.kill()
        running.wait()
    assert owed_so_far() < 40  # it keeps to its rate
    assert "40 events are on their way" in past.run("--yes", "--rate", "1000")
    forwarding.start()
    forwarding.wait(lambda: forwarding.lane().delivered == 40, "all of them")
    assert sent(partner) == list(range(1, 41))


def test_an_interruption_is_told_and_keeps_what_was_done(
    past: Past, forwarding: Forwarding, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.store(*(viewed(number) for number in range(1, 4)))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("server.cli.backfilling._wait", interrupt)
    words = ("--tag", "shop/hook", "--since", "3h", "--yes", "--rate", "2")
    told = past.node.run("backfill", *words, FREEHOLD_CLICKHOUSE=past.url)
    assert (told.exit_code, "interrupted: the same command goes on" in told.output) == (1, True)
    cursor = cursor_of(past.node.state(), "shop", "hook")
    assert cursor is not None
    assert (cursor.owed, cursor.is_done) == (2, False)


def test_a_tag_that_does_not_run_is_refused(past: Past, forwarding: Forwarding) -> None:
    told = past.node.run("backfill", "--tag", "shop/other", FREEHOLD_CLICKHOUSE=past.url)
    assert (told.exit_code, "no tag 'shop/other' runs here" in told.output) == (1, True)
