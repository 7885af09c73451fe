from __future__ import annotations

import contextlib
import json
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import journal
from server.clock import HOUR_MS
from server.errors import StoreUnavailable
from server.journal import Mark, SegmentWriter
from server.model import Reason
from server.pipeline import loader as loader_module
from server.pipeline.loader import Loader
from server.pipeline.spools import doubt
from server.pipeline.state import STATE_FILE, Plan, State, create_state
from server.settings import Retention
from server.store.client import Connection
from server.store.rows import encode_row, split_row
from tests.conftest import connect
from tests.embedded_store import EmbeddedStore
from tests.samples import NOON, attempt, context, event, reject


class Spool:
    """A committed spool and a loader on the shared store."""

    def __init__(self, data: Path, store: EmbeddedStore) -> None:
        self.data = data
        self.now = NOON
        create_state(data / STATE_FILE)
        self.writer = SegmentWriter(data / "spools" / "store", now=lambda: self.now)
        self.state = State(data / STATE_FILE)
        self._store = store

    def put(self, *rows: bytes) -> None:
        self.writer.write(rows)
        self.writer.sync()
        self.state.commit_sorted({}, {"store": self.writer.mark}, {})

    def loader(self) -> Loader:
        return Loader(
            self.data,
            connection=connect(self._store),
            retention=Retention(25, "Month"),
            now=lambda: self.now,
        )

    def load(self) -> int:
        loader = self.loader()
        done = 0
        while rows := loader.step():
            done += rows
        loader.close()
        return done


@pytest.fixture
def spool(data: Path, shared_store: EmbeddedStore) -> Iterator[Spool]:
    spool = Spool(data, shared_store)
    yield spool
    spool.writer.close()
    spool.state.close()


def events(connection: Connection) -> list[str]:
    with connection.open() as client:
        rows = client.query("SELECT toString(event_id) FROM freehold.events ORDER BY 1").result_rows
    return [row[0] for row in rows]


def ids(*numbers: int) -> list[str]:
    return [event(number).event_id for number in numbers]


def crash_after_the_insert(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """ClickHouse has the rows, the state does not know it."""

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(State, "finish", crash)
        crashing = spool.loader()
        with pytest.raises(KeyboardInterrupt):
            crashing.step()
        crashing.close()


def test_what_is_committed_is_loaded_and_nothing_else(spool: Spool, connection: Connection) -> None:
    spool.put(encode_row(event(1)), encode_row(context(1)), encode_row(reject(2)))
    spool.writer.write([encode_row(event(9))])
    spool.writer.sync()
    assert [spool.load(), spool.load()] == [3, 0]
    assert events(connection) == ids(1)
    assert spool.state.counts() == {
        "loaded.events": 1,
        "loaded.event_context": 1,
        "loaded.rejects": 1,
        "loaded_until": NOON + 2,
    }


def test_large_spools_go_in_several_batches(
    spool: Spool, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader_module, "BATCH_ROWS", 10)
    for number in range(1, 36):
        spool.put(encode_row(event(number)))
    assert spool.load() == 35
    assert events(connection) == ids(*range(1, 36))


def test_a_crash_after_the_insert_doubles_nothing(
    spool: Spool, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.put(*[encode_row(event(number)) for number in range(1, 6)])
    crash_after_the_insert(spool, monkeypatch)
    assert events(connection) == ids(1, 2, 3, 4, 5)
    assert spool.load() == 5
    assert events(connection) == ids(1, 2, 3, 4, 5)


def test_a_lost_deduplication_log_doubles_nothing(
    spool: Spool, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.put(*[encode_row(event(number)) for number in range(1, 6)])
    crash_after_the_insert(spool, monkeypatch)
    with connection.open() as client:
        client.command("ALTER TABLE freehold.events DELETE WHERE off = 3 SETTINGS mutations_sync=1")
    assert spool.load() == 5
    assert events(connection) == ids(1, 2, 3, 4, 5)


def test_a_row_that_clickhouse_refuses_costs_itself_only(
    spool: Spool, connection: Connection
) -> None:
    poison = encode_row(event(2)).replace(event(2).event_id.encode(), b"not-a-uuid")
    spool.put(encode_row(event(1)), poison, encode_row(event(3)))
    assert spool.load() == 3
    assert events(connection) == ids(1, 3)
    with connection.open() as client:
        [row] = client.query("SELECT reason, off, idx, body FROM freehold.rejects").result_rows
    assert row[:3] == (Reason.STORE_REFUSED, 2, 0)
    assert "not-a-uuid" in row[3]


def test_a_store_that_is_down_costs_nothing(spool: Spool, data: Path, tmp_path: Path) -> None:
    spool.put(encode_row(event(1)))
    with EmbeddedStore(tmp_path) as store:
        own = Spool.loader(spool)
        own.close()
        spool._store = store
        store.kill()
        loader = spool.loader()
        with pytest.raises(StoreUnavailable):
            loader.step()
        store.start()
        assert loader.step() == 1
        loader.close()
        connection = connect(store)
        assert events(connection) == ids(1)
        connection.close()


def test_a_late_resend_that_is_there_already_is_dropped(
    spool: Spool, connection: Connection
) -> None:
    spool.put(encode_row(event(1)), encode_row(event(2)))
    spool.load()
    again = event(1, off=77, resend=1, received_at=NOON + 2 * HOUR_MS)
    new = event(3, off=78, resend=1)
    spool.put(encode_row(again), encode_row(new))
    spool.now += 2 * HOUR_MS
    assert spool.load() == 2
    assert events(connection) == ids(1, 2, 3)
    assert spool.state.counts()["duplicate.late"] == 1


def test_an_original_and_its_resend_in_one_batch_are_one_row(
    spool: Spool, connection: Connection
) -> None:
    spool.put(encode_row(event(1)), encode_row(event(1, off=5, resend=1)))
    spool.put(encode_row(event(2, off=6, resend=1)), encode_row(event(2, off=7)))
    spool.put(encode_row(event(1, off=8, resend=1, container_id="other")))
    spool.load()
    assert events(connection) == ids(1, 1, 2)
    assert spool.state.counts()["duplicate.late"] == 2


def test_the_context_of_a_dropped_copy_is_dropped_too(spool: Spool, connection: Connection) -> None:
    spool.put(encode_row(event(1)), encode_row(context(1)))
    spool.load()
    spool.put(encode_row(event(1, off=9, resend=1)), encode_row(context(1, off=9)))
    spool.load()
    with connection.open() as client:
        assert client.command("SELECT count() FROM freehold.event_context") == 1


def test_after_a_lost_state_only_what_is_missing_is_loaded(
    spool: Spool, connection: Connection
) -> None:
    spool.put(encode_row(event(1)), encode_row(event(2)))
    spool.load()
    spool.put(encode_row(event(3)))
    end = spool.writer.mark
    spool.state.close()
    (spool.data / STATE_FILE).unlink()
    create_state(spool.data / STATE_FILE)
    spool.state = State(spool.data / STATE_FILE)
    spool.state.commit_sorted({}, {"store": end, doubt("store"): end}, {})
    spool.put(encode_row(event(4)))
    spool.load()
    assert events(connection) == ids(1, 2, 3, 4)


def test_what_was_sorted_again_after_a_lost_state_is_loaded_once(
    spool: Spool, connection: Connection
) -> None:
    first, resent = encode_row(event(1)), encode_row(event(2, off=6, resend=1))
    beside, late = encode_row(context(1)), encode_row(event(1, off=7, resend=1))
    spool.put(first, beside, resent, late)
    spool.put(first, beside, resent, late)
    spool.load()
    spool.put(encode_row(event(3)), encode_row(event(3)))
    spool.load()
    assert events(connection) == ids(1, 2, 3)
    with connection.open() as client:
        assert client.command("SELECT count() FROM freehold.event_context") == 1


def test_rows_of_a_newer_version_are_waited_for(spool: Spool) -> None:
    spool.put(encode_row(event(1)))
    spool.writer.roll()
    [segment] = journal.segments(spool.data / "spools" / "store")
    path = Path(segment.path)
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[8] = 99
    data[60:64] = zlib.crc32(data[:60]).to_bytes(4, "little")
    path.write_bytes(data)
    spool.state.begin("store", Plan(token="t", end=spool.state.end("store")))
    with pytest.raises(StoreUnavailable, match="newer"):
        spool.load()
    assert spool.state.cursor("store") == Mark()


def test_rows_of_a_ledger_that_knew_less_are_loaded(spool: Spool, connection: Connection) -> None:
    table, line = split_row(encode_row(attempt(1, code="E7", fields=("a.b",), bytes=9)))
    words = "code bytes fields match_keys body_hash consent consent_source lag_ms"
    later = words.split()
    older = {name: value for name, value in json.loads(line).items() if name not in later}
    spool.put(table.encode() + b"\t" + json.dumps(older).encode(), encode_row(attempt(2)))
    assert spool.load() == 2
    with connection.open() as client:
        found = client.query(
            "SELECT code, bytes, fields, match_keys, body_hash, consent, consent_source, lag_ms "
            "FROM freehold.deliveries ORDER BY off"
        ).result_rows
    assert list(found) == [("", 0, [], [], "", [], "", None)] * 2


POISONED = {
    "events": (encode_row(event(1)), encode_row(event(2)), encode_row(event(3))),
    "event_context": (encode_row(context(1)), encode_row(context(2)), encode_row(context(3))),
    "deliveries": (encode_row(attempt(1)), encode_row(attempt(2)), encode_row(attempt(3))),
    "rejects": (encode_row(reject(1)), encode_row(reject(2)), encode_row(reject(3))),
}
NO_PLACE: dict[str, object] = {"off": -1}
"""ClickHouse has no room for it in any table, so that the reject of it is refused as well."""
NO_ID: dict[str, object] = {"id": "no-uuid", "event_id": "no-uuid"}
"""As `events` has it, and as other tables have it."""


def changed(row: bytes, wrong: dict[str, object]) -> bytes:
    table, line = split_row(row)
    return table.encode() + b"\t" + json.dumps(json.loads(line) | wrong).encode()


@pytest.mark.parametrize("table", POISONED)
@pytest.mark.parametrize("wrong", [NO_PLACE, NO_ID], ids=str)
def test_a_poison_row_costs_itself_only_in_every_table(
    table: str, wrong: dict[str, object], spool: Spool, connection: Connection
) -> None:
    if table == "rejects" and wrong is NO_ID:
        wrong = {"received_at": 1e300}
    first, second, third = POISONED[table]
    spool.put(first, changed(second, wrong), third, encode_row(event(9)))
    assert [spool.load(), spool.load()] == [4, 0]
    with connection.open() as client:
        [[rows]] = client.query(f"SELECT count() FROM freehold.{table}").result_rows
        [[told]] = client.query(
            "SELECT count() FROM freehold.rejects WHERE reason = 'store_refused'"
        ).result_rows
    is_told = table != "rejects" and wrong is NO_ID
    assert [rows - (table == "events"), told] == [2, int(is_told)]
    assert spool.state.counts()[f"refused.{table}"] == 1


def test_a_poison_row_that_was_sent_again_does_not_stop_the_others(
    spool: Spool, connection: Connection
) -> None:
    poison = changed(encode_row(event(2, resend=1)), NO_ID)
    spool.put(encode_row(event(1, resend=1)), poison, encode_row(event(3, resend=1)))
    assert spool.load() == 3
    assert events(connection) == ids(1, 3)


def test_an_insert_that_outlasts_our_patience_doubles_nothing(
    spool: Spool, connection: Connection, shared_store: EmbeddedStore
) -> None:
    hasty = Connection(connection.endpoint, timeout_s=1)
    loader = Loader(
        spool.data, connection=hasty, retention=Retention(25, "Month"), now=lambda: spool.now
    )
    loader.step()  # migrates
    spool.put(*[encode_row(event(number)) for number in range(1, 12)])
    with connection.open() as client:
        client.command("CREATE TABLE freehold.slow (off UInt32) ENGINE = Null")
        client.command(
            "CREATE MATERIALIZED VIEW freehold.slowly TO freehold.slow AS "
            "SELECT off + sleepEachRow(0.25) AS off FROM freehold.events"
        )
    try:
        with pytest.raises(StoreUnavailable, match="timed out"):
            loader.step()
    finally:
        with connection.open() as client:
            client.command("DROP TABLE freehold.slowly")
            client.command("DROP TABLE freehold.slow")
    done = 0
    deadline = time.monotonic() + 60
    while not done and time.monotonic() < deadline:
        with contextlib.suppress(StoreUnavailable):
            done = loader.step()
    loader.close()
    assert events(connection) == ids(*range(1, 12))
