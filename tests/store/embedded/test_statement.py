from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.store.embedded.statement import (
    Insert,
    cut_insert,
    cut_select,
    exchange_query_ids,
    killed,
    reads,
    tokens,
)


@pytest.mark.parametrize(
    ("sql", "header", "format", "data"),
    [
        (b"INSERT INTO t FORMAT CSV\n1,2\n", b"INSERT INTO t ", "CSV", b"1,2\n"),
        (b"INSERT INTO t FORMAT CSV 1,2\n", b"INSERT INTO t ", "CSV", b"1,2\n"),
        (b"INSERT INTO t FORMAT CSV\n\n1,2", b"INSERT INTO t ", "CSV", b"\n1,2"),
        (
            b"insert into d.t (a, b) format Native\r\n\x01",
            b"insert into d.t (a, b) ",
            "Native",
            b"\x01",
        ),
        (b"INSERT INTO t VALUES (1)", b"INSERT INTO t ", "Values", b" (1)"),
        (b"INSERT INTO t(a)VALUES(1)", b"INSERT INTO t(a)", "Values", b"(1)"),
        (b"INSERT INTO values VALUES (1)", b"INSERT INTO values ", "Values", b" (1)"),
        (b"INSERT INTO format.format FORMAT X 1", b"INSERT INTO format.format ", "X", b"1"),
        (b"INSERT INTO `FORMAT x` VALUES (1)", b"INSERT INTO `FORMAT x` ", "Values", b" (1)"),
        (b"INSERT INTO TABLE t SETTINGS a='FORMAT' FORMAT X 1", None, "X", b"1"),
        (b"-- SELECT\nINSERT /* x */ INTO t FORMAT X 1", None, "X", b"1"),
        (b'INSERT INTO t (`values`, "format") VALUES (1)', None, "Values", b" (1)"),
    ],
)
def test_an_insert_is_cut_where_its_data_begins(
    sql: bytes, header: bytes | None, format: str, data: bytes
) -> None:
    insert = cut_insert(sql)
    assert insert is not None
    assert (insert.format, sql[insert.data_at :]) == (format, data)
    assert header is None or insert.header == header


@pytest.mark.parametrize(
    "sql",
    [
        b"SELECT 1 FORMAT CSV",
        b"INSERT INTO t SELECT 1 FORMAT CSV",
        b"INSERT INTO t (a) WITH 1 AS x SELECT x",
        b"INSERT INTO t FROM INFILE 'x' FORMAT CSV 1",
        b"INSERT INTO t (format)",
        b"INSERT INTO t FORMAT",
        b"INSERT INTO t FORMAT CS",
        b"INSERT",
        b"",
    ],
)
def test_a_statement_without_inline_data_or_unfinished_is_not_cut(sql: bytes) -> None:
    assert cut_insert(sql) is None


@pytest.mark.parametrize(
    ("sql", "before", "format", "after"),
    [
        (b"SELECT 1", b"SELECT 1\n", "TSV", b""),
        (b"SELECT 1 ;; -- x", b"SELECT 1\n", "TSV", b""),
        (b"SELECT 1 -- FORMAT CSV", b"SELECT 1\n", "TSV", b""),
        (b"SELECT 1 format JSON", b"SELECT 1 ", "JSON", b""),
        (b"SELECT 1 FORMAT JSON SETTINGS a=1;", b"SELECT 1 ", "JSON", b" SETTINGS a=1"),
        (b"SELECT 1 SETTINGS a=1 FORMAT JSON", b"SELECT 1 SETTINGS a=1 ", "JSON", b""),
        (b"SELECT format(1) AS x", b"SELECT format(1) AS x\n", "TSV", b""),
        (b"SELECT (SELECT 1 FORMAT JSON)", b"SELECT (SELECT 1 FORMAT JSON)\n", "TSV", b""),
        (b"SELECT 'a\\' FORMAT JSON'", b"SELECT 'a\\' FORMAT JSON'\n", "TSV", b""),
        (b"SELECT $x$ ' $x$ FORMAT JSON", b"SELECT $x$ ' $x$ ", "JSON", b""),
        (b"SELECT format FROM t", b"SELECT format FROM t\n", "TSV", b""),
        (b"", b"\n", "TSV", b""),
    ],
)
def test_a_query_is_cut_around_its_format(
    sql: bytes, before: bytes, format: str, after: bytes
) -> None:
    select = cut_select(sql, "TSV")
    assert (select.before, select.format, select.after) == (before, format, after)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (b"SELECT 1", True),
        (b" /* x */ (select 1)", True),
        (b"with x as (select 1) select 1", True),
        (b"FROM t SELECT 1", True),
        (b"SHOW TABLES", False),
        (b"EXPLAIN SELECT 1", False),
        (b"", False),
    ],
)
def test_what_begins_like_a_select_reads(sql: bytes, expected: bool) -> None:
    assert reads(sql) is expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (b"KILL QUERY WHERE query_id = 'a'", ("query_id", "a")),
        (b"kill query where query_id='a' sync;", ("query_id", "a")),
        (b"KILL QUERY WHERE Settings['log_comment'] = 'a' ASYNC", ("log_comment", "a")),
        (b"KILL QUERY WHERE Settings['log_comment'] = {x:String} SYNC", ("log_comment", "value")),
        (b"KILL QUERY WHERE query_id != 'a'", None),
        (b"KILL QUERY WHERE query_id = 'a' TEST", None),
        (b"KILL QUERY WHERE NOT query_id = 'a'", None),
        (b"KILL QUERY WHERE query_id = 'a' AND 0", None),
        (b"KILL QUERY WHERE query_id = 'a' OR 1", None),
        (b"KILL MUTATION WHERE query_id = 'a'", None),
        (b"SELECT 1", None),
    ],
)
def test_what_a_kill_aims_at_is_known_only_when_it_is_exact(
    sql: bytes, expected: tuple[str, str] | None
) -> None:
    assert killed(sql, {"x": "value"}) == expected


def test_only_strings_that_query_id_is_compared_with_are_exchanged() -> None:
    sql = b"KILL QUERY WHERE query_id IN ('a', 'b') OR user = 'a' OR Settings['log_comment'] = 'a'"
    assert exchange_query_ids(sql, {b"a": b"X"}) == sql.replace(b"('a',", b"('X',")


@given(st.binary(max_size=200))
def test_tokens_keep_their_text_and_order(sql: bytes) -> None:
    found = list(tokens(sql))
    assert all(sql[token.start : token.end] == token.text for token in found)
    assert [token.start for token in found] == sorted({token.start for token in found})


@given(st.binary(max_size=100))
def test_data_of_an_insert_come_through_unchanged(data: bytes) -> None:
    insert = cut_insert(b"INSERT INTO t (a) FORMAT RowBinary\n" + data)
    if data:
        assert insert == Insert(header=b"INSERT INTO t (a) ", format="RowBinary", data_at=35)
