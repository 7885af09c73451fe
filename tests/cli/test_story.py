from __future__ import annotations

from msgspec.structs import replace

from server.journal import SegmentWriter
from server.pipeline.pauses import Pause, pause
from server.pipeline.queue import pack
from server.pipeline.spools import STORE, open_spool
from server.store.client import Connection
from server.store.insert import insert
from server.store.rows import encode_row, split_row
from tests.cli.owing import Node
from tests.pipeline.test_queue import delivery
from tests.samples import NOON, attempt, event

SPOOL = "tag.shop.hook"
EVENT = event(1, container_id="shop", name="purchase")
ID = EVENT.event_id


def write(node: Node, spool: str, payload: bytes) -> None:
    state = node.state()
    writer: SegmentWriter = open_spool(node.data, spool, state, now=lambda: NOON)
    writer.write([payload])
    writer.sync()
    state.commit_ends({spool: writer.mark})
    writer.close()
    state.close()


def test_an_event_on_its_way_is_told_without_clickhouse(node: Node) -> None:
    write(node, STORE, encode_row(EVENT))
    write(node, SPOOL, pack(replace(delivery(1), event=EVENT)))
    pause(node.state(), SPOOL, Pause(author="ada", note="their release", since=NOON))
    told = node.run("why", ID)
    assert told.exit_code == 0, told.output
    assert f"Event {ID}: purchase" in told.output
    assert "attempts of before are not told: ClickHouse at" in told.output
    assert "  owed: waits for its turn, not tried yet" in told.output
    assert "by ada: their release; it goes on after\n" in told.output
    assert "    freehold deliveries resume shop/hook" in told.output


def test_an_event_that_is_not_loaded_yet_is_told_with_what_is_not_loaded_either(
    node: Node, connection: Connection
) -> None:
    endpoint = connection.endpoint
    url = f"http://{endpoint.user}:{endpoint.password}@{endpoint.host}:{endpoint.port}"
    write(node, STORE, encode_row(EVENT))
    first = attempt(1, event_id=ID, container_id="shop", tag="hook")
    second = replace(first, off=2, attempt=2, outcome="delivered", reason="", status=204)
    insert(connection, "deliveries", [split_row(encode_row(first))[1]], token="d")
    write(node, "ledger", encode_row(first))  # loaded, and its cursor not moved yet
    state = node.state()
    writer = open_spool(node.data, "ledger", state, now=lambda: NOON)
    writer.write([encode_row(second)])
    writer.sync()
    state.commit_ends({"ledger": writer.mark})
    writer.close()
    told = node.run("why", ID, FREEHOLD_CLICKHOUSE=url).output
    assert "it is not in ClickHouse yet: its row waits on this node" in told
    assert [line.split(";")[1] for line in told.splitlines() if "attempt " in line] == [
        " attempt 1, HTTP 503 after 12 ms",
        " attempt 2, HTTP 204 after 12 ms",
    ]
    insert(connection, "events", [split_row(encode_row(EVENT))[1]], token="e")
    assert "not in ClickHouse" not in node.run("why", ID, FREEHOLD_CLICKHOUSE=url).output


def test_an_event_that_is_nowhere_says_where_it_was_looked_for(
    node: Node, connection: Connection
) -> None:
    endpoint = connection.endpoint
    url = f"http://{endpoint.user}:{endpoint.password}@{endpoint.host}:{endpoint.port}"
    told = node.run("why", ID, FREEHOLD_CLICKHOUSE=url)
    assert (told.exit_code, f"no event {ID} in freehold.events" in told.output) == (1, True)
    away = node.run("why", ID)
    assert (away.exit_code, "does not answer" in away.output) == (1, True)
    journal = SegmentWriter(node.data / "journal" / "w0", now=lambda: NOON)
    journal.write([b'{"id":"%s"}' % ID.encode()])
    journal.sync()
    journal.close()
    unsorted = node.run("why", ID)
    assert (unsorted.exit_code, "taken and is not sorted yet" in unsorted.output) == (1, True)
