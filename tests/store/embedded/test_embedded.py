"""clickhouse-connect, as it comes, against the store."""

from __future__ import annotations

import datetime
import threading
import time
import uuid
from decimal import Decimal

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError

from server.store.embedded.encoding import compressor
from tests.embedded_store import EmbeddedStore

ROW = [
    7,
    "it's\ttext\n☃",
    Decimal("12.34"),
    datetime.datetime(2024, 5, 6, 7, 8, 9),
    uuid.UUID(int=5),
    {"a": "b"},
    ["x", "y"],
    None,
    "low",
]
COLUMNS = (
    "n UInt64, s String, d Decimal(18, 2), t DateTime('UTC'), u UUID, m Map(String, String), "
    "l Array(String), z Nullable(UInt8), c LowCardinality(String)"
)


def test_every_kind_of_value_comes_back(writer: Client) -> None:
    writer.command(f"CREATE TABLE kinds ({COLUMNS}) ENGINE = MergeTree ORDER BY n")
    summary = writer.insert("kinds", [ROW, [8, *ROW[1:]]])
    assert summary.written_rows == 2
    assert writer.query("SELECT * FROM kinds ORDER BY n LIMIT 1").result_rows == [tuple(ROW)]


def test_an_empty_result_has_no_rows_and_a_probe_has_columns(writer: Client) -> None:
    assert writer.query("SELECT number FROM numbers(0)").result_rows == []
    assert writer.query("SELECT number, 'x' AS s FROM numbers(9) LIMIT 0").column_names == (
        "number",
        "s",
    )


@pytest.mark.parametrize("compress", ["lz4", "zstd", "gzip", False])
def test_both_directions_in_every_compression(
    store: EmbeddedStore, table: str, compress: str | bool
) -> None:
    client = clickhouse_connect.get_client(
        host="127.0.0.1",
        port=store.port,
        username="freehold",
        password=store.passwords.freehold,
        compress=compress,
    )
    rows = [[n, f"text {n}"] for n in range(50_000)]
    client.insert(table, rows, column_names=["a", "s"])
    assert client.query(f"SELECT * FROM {table} ORDER BY a").result_rows == list(map(tuple, rows))
    client.close()


def test_raw_inserts_with_a_token_are_done_once(writer: Client, table: str) -> None:
    for _ in range(2):
        writer.raw_insert(
            table,
            ["a", "s"],
            b'{"a":1,"s":"x"}\n{"a":2,"s":"y"}\n',
            fmt="JSONEachRow",
            settings={"insert_deduplication_token": "once"},
        )
    assert writer.command(f"SELECT count() FROM {table}") == 2


@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip", None])
def test_raw_inserts_stream_from_a_generator(
    writer: Client, table: str, compression: str | None
) -> None:
    packer = compressor(compression or "")
    parts = [packer.compress(b'{"a":%d,"s":"x"}\n' % n) for n in range(1000)] + [packer.flush()]
    summary = writer.raw_insert(
        table,
        ["a", "s"],
        (part for part in parts if part),
        fmt="JSONEachRow",
        compression=compression,
    )
    assert summary.written_rows == 1000


def test_results_stream_by_blocks(writer: Client) -> None:
    with writer.query_row_block_stream("SELECT number FROM numbers(1000000)") as blocks:
        sizes = [len(block) for block in blocks]
    assert sum(sizes) == 1_000_000
    assert len(sizes) > 3


def test_an_error_in_the_middle_of_a_stream_is_seen(writer: Client) -> None:
    query = "SELECT number, throwIf(number = 3000000) FROM numbers(4000000)"

    def read() -> None:
        with writer.query_row_block_stream(query) as blocks:
            for _ in blocks:
                pass

    with pytest.raises(StreamFailureError, match="Code: 395"):
        read()


def test_parameters_are_bound(writer: Client) -> None:
    found = writer.query(
        "SELECT {n:UInt8} + 1, {s:String}, {l:Array(String)}, {t:DateTime}",
        parameters={"n": 1, "s": "a'\t\\b", "l": ["x'", "y"], "t": ROW[3]},
    )
    assert found.result_rows == [(2, "a'\t\\b", ["x'", "y"], ROW[3])]
    assert writer.command("SELECT length({s:String})", parameters={"s": "x" * 50_000}) == 50_000


def test_errors_carry_their_code_and_name(writer: Client) -> None:
    with pytest.raises(DatabaseError) as failed:
        writer.query("SELECT * FROM nope")
    assert (failed.value.code, failed.value.name) == (60, "UNKNOWN_TABLE")
    with pytest.raises(DatabaseError) as failed:
        writer.insert("nope", [[1]], column_names=["a"], column_type_names=["UInt8"])
    assert failed.value.code == 60
    with pytest.raises(DatabaseError) as failed:
        writer.raw_insert("nope", ["a"], b"x" * (8 << 20), fmt="CSV", compression="lz4")
    assert failed.value.code in (60, 271)


def test_a_wrong_password_is_code_516(store: EmbeddedStore) -> None:
    with pytest.raises(DatabaseError) as failed:
        clickhouse_connect.get_client(host="127.0.0.1", port=store.port, password="x")
    assert failed.value.code == 516


def test_a_clients_session_keeps_its_temporary_tables(writer: Client) -> None:
    writer.command("CREATE TEMPORARY TABLE mine (a UInt8)")
    writer.insert("mine", [[1], [2]], column_names=["a"], database="")
    assert writer.command("SELECT sum(a) FROM mine") == 3


def test_an_analyst_reads_and_cannot_write(analyst: Client, table: str) -> None:
    assert analyst.query("SELECT number FROM numbers(2)").result_rows == [(0,), (1,)]
    assert analyst.command(f"SELECT count() FROM {table}") == 0
    with pytest.raises(DatabaseError) as refused:
        analyst.insert(table, [[1, "x"]], column_names=["a", "s"])
    assert refused.value.code == 497


def test_a_query_is_killed_from_another_client(store: EmbeddedStore, writer: Client) -> None:
    failures: list[DatabaseError] = []

    def run() -> None:
        client = clickhouse_connect.get_client(
            host="127.0.0.1",
            port=store.port,
            username="freehold",
            password=store.passwords.freehold,
        )
        try:
            query = "SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1"
            client.query(query, settings={"log_comment": "to-be-killed"})
        except DatabaseError as error:
            failures.append(error)
        client.close()

    doomed = threading.Thread(target=run)
    doomed.start()
    runs = "SELECT count() FROM system.processes WHERE Settings['log_comment'] = 'to-be-killed'"
    kill = "KILL QUERY WHERE Settings['log_comment'] = {token:String} SYNC"
    deadline = time.monotonic() + 20
    while writer.command(runs) != 1:
        assert time.monotonic() < deadline
    writer.command(kill, parameters={"token": "to-be-killed"})
    assert writer.command(runs) == 0
    doomed.join(20)
    assert [failure.code for failure in failures] == [394]


def test_ping(writer: Client) -> None:
    assert writer.ping()
