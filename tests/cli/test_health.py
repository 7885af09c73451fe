from __future__ import annotations

import json
import socket

import pytest

from server.clock import HOUR_MS, now_ms
from server.delivery import Attempt
from server.pipeline.pauses import Pause, pause
from server.pipeline.queue import Queue, Settlement
from server.store.client import Connection
from server.store.insert import insert
from server.store.rows import encode_row, split_row
from tests.cli.owing import Node
from tests.pipeline.test_queue import later
from tests.samples import attempt

SPOOL = "tag.shop.hook"


def ours(number: int, **more: object) -> Attempt:
    known = {
        "container_id": "shop",
        "tag": "hook",
        "destination": "webhook",
        "attempted_at": now_ms() - HOUR_MS,
    }
    return attempt(number, **{**known, **more})


def load(connection: Connection) -> str:
    """Some of the last hour; returns where to ask."""
    bought = {"event_name": "purchase", "outcome": "delivered", "reason": ""}
    rows = [
        ours(1, **bought, lag_ms=150, match_keys=("email", "external_id")),
        ours(2, **bought, lag_ms=150, match_keys=("email",)),
        ours(3),
    ]
    insert(connection, "deliveries", [split_row(encode_row(one))[1] for one in rows], token="h")
    endpoint = connection.endpoint
    return f"http://{endpoint.user}:{endpoint.password}@{endpoint.host}:{endpoint.port}"


def owe(node: Node) -> None:
    counts = {f"{SPOOL}.routed": 9, f"{SPOOL}.taken": 4, f"{SPOOL}.delivered": 3}
    state = node.state()
    state.commit_ends({SPOOL: state.end(SPOOL)})
    Queue(state).commit(Settlement(spool=SPOOL, later=[later(1, 10)], counts=counts), {})
    pause(state, SPOOL, Pause(author="ada", note="their release", since=now_ms()))


def test_each_tag_is_told_with_what_the_ledger_knows(node: Node, connection: Connection) -> None:
    owe(node)
    told = node.run(FREEHOLD_CLICKHOUSE=load(connection))
    assert told.exit_code == 0, told.output
    lines = [line.split() for line in told.output.splitlines()]
    row = next(line for line in lines if line[:2] == ["shop/hook", "webhook"])
    assert (row[2:5], row[-1]) == (["5", "1", "0"], "paused")
    assert "shop/hook: paused since " in told.output
    assert "; by ada: their release\n" in told.output
    assert ["shop/hook", "1", "retry:", "http_503"] in lines
    keys = "email 2 (100 %), external_id 1 (50 %)"
    assert any("2" in line and keys in " ".join(line) for line in lines)


def test_all_of_it_is_told_to_scripts(node: Node, connection: Connection) -> None:
    owe(node)
    told = json.loads(node.run("--json", FREEHOLD_CLICKHOUSE=load(connection)).output)
    assert told["missing"] == ""
    [tag] = told["tags"]
    lane, ledger = tag["lane"], tag["told"]
    assert (tag["container_id"], tag["tag"], tag["type"]) == ("shop", "hook", "webhook")
    assert (lane["waiting"], lane["retrying"], lane["reason"]) == (5, 1, "paused")
    assert (ledger["sent"], ledger["delivered"], ledger["lag_p50_ms"]) == (3, 2, 150)
    assert ledger["match_keys"] == {"email": 2, "external_id": 1}


def test_without_clickhouse_it_tells_what_the_node_knows_and_what_is_missing(node: Node) -> None:
    owe(node)
    told = node.run()
    assert told.exit_code == 0
    assert "by ada: their release" in told.output
    assert "Not told: the last day, why sending failed, match keys. ClickHouse at" in told.output
    assert json.loads(node.run("--json").output)["tags"][0]["told"] is None


def test_a_clickhouse_that_hangs_keeps_nobody_waiting(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.cli.deliveries.TIMEOUT_S", 1)
    owe(node)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told = node.run(FREEHOLD_CLICKHOUSE=f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert told.exit_code == 0
    assert "by ada: their release" in told.output
    assert "does not answer" in told.output
