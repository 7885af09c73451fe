"""The engine as the store uses it, in a process of its own: a process opens one folder only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TypeAlias

import pytest

Results: TypeAlias = dict[str, dict[str, object]]

_PROGRAM = """
import json, os, sys, tempfile, threading
from pathlib import Path
from server.errors import FreeholdError
from server.store.embedded.configuration import lay_out, prepare

layout = lay_out(Path(os.environ["FOLDER"]))
prepare(layout, 1 << 30)
from server.store.embedded.engine import Engine
from server.store.embedded.errors import StoreError
from server.store.embedded.pipe import Pipe
from server.store.embedded.statement import Insert, cut_select
from server.store.embedded.users import ANALYST, FREEHOLD

engine = Engine(layout)
results = {}


def attempt(connection, sql, format="TSVRaw"):
    try:
        return connection.answer(sql.encode(), format)[0].decode()
    except StoreError as error:
        return error.code

"""


PARTS = {
    "test_grants_alone_hold_the_analyst_and_keep_both_from_sources": """
for sql in (
    "CREATE TABLE freehold.t (a UInt8) ENGINE = MergeTree ORDER BY a",
    "CREATE TABLE freehold.event_context (a UInt8) ENGINE = MergeTree ORDER BY a",
    "INSERT INTO freehold.t VALUES (1)",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM file('x', 'LineAsString')",
    "SELECT * FROM remote('127.0.0.1:1', 'system.one')",
    "CREATE USER x",
    "SYSTEM SHUTDOWN",
):
    found[f"writer: {sql.split('(')[0]}"] = attempt(writer, sql)
for sql in (
    "SELECT * FROM freehold.t",
    "INSERT INTO freehold.t VALUES (2)",
    "DROP TABLE freehold.t",
    "CREATE TABLE freehold.u (a UInt8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE u (a UInt8)",
    "SELECT * FROM freehold.event_context",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM '/etc/passwd'",
):
    found[f"analyst: {sql.split('(')[0]}"] = attempt(analyst, sql)
""",
    "test_settings_stay_on_their_connection_and_readonly_is_for_good": """
value = "SELECT getSetting('max_block_size')"
writer.set({"max_block_size": "7", "log_comment": "it's\\\\a \\"test\\""})
found["set"] = attempt(writer, value)
found["quoted"] = attempt(writer, "SELECT getSetting('log_comment')")
found["other"] = attempt(analyst, value)
writer.reset(["max_block_size"])
found["reset"] = attempt(writer, value)
analyst.set({"readonly": "1"})
found["locked"] = attempt(analyst, "SET max_block_size = 1")
try:
    writer.set({"a = 1, b": "2"})
except StoreError as error:
    found["name"] = error.code
""",
    "test_an_insert_is_written_in_chunks_or_not_at_all": """
attempt(writer, "CREATE TABLE freehold.i (a UInt8) ENGINE = MergeTree ORDER BY a")
insert = Insert(header=b"INSERT INTO freehold.i", format="CSV", data_at=0)
found["written"] = writer.insert(insert, [b"1\\n2", b"\\n3\\n"]).written_rows


def broken():
    yield b"4\\n"
    raise KeyError("the client has gone")


try:
    writer.insert(insert, broken())
except KeyError:
    found["left"] = attempt(writer, "SELECT count() FROM freehold.i")
try:
    writer.insert(insert, [b"5\\nx\\n"])
except StoreError as error:
    found["bad"] = error.code
found["still"] = attempt(writer, "SELECT count() FROM freehold.i")
""",
    "test_every_format_comes_through_the_pipe_as_the_engine_would_answer": """
import asyncio

query = "SELECT number AS a, toString(number) AS b FROM numbers(4) SETTINGS max_block_size = 2"
skipped = {"ORC", "Parquet", "Avro", "AvroConfluent", "GeoJSON", "PNG"}  # random, or no columns


async def piped(format):
    pipe = Pipe(layout.scratch)
    loop = asyncio.get_running_loop()
    select = cut_select(query.encode(), format)
    reading = loop.run_in_executor(None, writer.read, select, pipe.path)
    reading.add_done_callback(lambda _: pipe.finish())
    got = b"".join([chunk async for chunk in pipe.chunks()])
    await reading
    pipe.close()
    return got


for format in writer.content_types():
    whole = attempt(writer, query + " FORMAT Null") if format in skipped else None
    try:
        whole = writer.answer(query.encode(), format)[0]
    except StoreError:
        continue
    if format in skipped or b"elapsed" in whole or b"time" in whole:
        continue
    found[format] = asyncio.run(piped(format)) == whole
""",
    "test_a_syntax_error_is_located_in_the_text_as_given": """
for name, sql in {"one line": b"SELECT 1 +, 2", "two lines": b"SELECT 1,\\n  FROM +"}.items():
    try:
        writer.parse(sql)
    except StoreError as error:
        found[name] = error.text.split(": failed at ")[1].split(": ")[0]
found["tree"] = writer.parse(b"SELECT 1")[0]
found["class"] = writer.classify(b"SELECT 1; DROP TABLE x")
""",
    "test_a_running_query_is_found_and_killed_by_its_mark": """
import time

writer.mark("mine")
codes = []
query = "SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1"
thread = threading.Thread(target=lambda: codes.append(attempt(writer, query)))
thread.start()
while not engine.ids("mine"):
    time.sleep(0.01)
engine.kill("another")
found["ids"] = len(engine.ids("mine"))
engine.kill("mine")
thread.join()
found["codes"] = codes
found["after"] = engine.ids("mine")
writer.close()
analyst.close()
engine.close()
""",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Runs every part, one after the other, in one process."""
    body = "".join(
        f"\nfound = results[{name!r}] = {{}}\n"
        f"writer, analyst = engine.connect(FREEHOLD), engine.connect(ANALYST)\n{part}"
        for name, part in PARTS.items()
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{_PROGRAM}{body}\nprint(json.dumps(results))\n"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "FOLDER": str(tmp_path_factory.mktemp("engine"))},
    )
    assert done.returncode == 0, done.stderr
    found: Results = json.loads(done.stdout)
    return found


def test_grants_alone_hold_the_analyst_and_keep_both_from_sources(results: Results) -> None:
    """No gate here: what the engine itself refuses."""
    found = results["test_grants_alone_hold_the_analyst_and_keep_both_from_sources"]
    assert found == {
        "writer: CREATE TABLE freehold.t ": "",
        "writer: CREATE TABLE freehold.event_context ": "",
        "writer: INSERT INTO freehold.t VALUES ": "",
        "writer: SELECT * FROM url": 497,
        "writer: SELECT * FROM file": 497,
        "writer: SELECT * FROM remote": 497,
        "writer: CREATE USER x": 497,
        "writer: SYSTEM SHUTDOWN": 497,
        "analyst: SELECT * FROM freehold.t": "1\n",
        "analyst: INSERT INTO freehold.t VALUES ": 497,
        "analyst: DROP TABLE freehold.t": 497,
        "analyst: CREATE TABLE freehold.u ": 497,
        "analyst: CREATE TEMPORARY TABLE u ": 497,
        "analyst: SELECT * FROM freehold.event_context": 497,
        "analyst: SELECT * FROM url": 497,
        "analyst: SELECT * FROM '/etc/passwd'": 497,
    }


def test_settings_stay_on_their_connection_and_readonly_is_for_good(results: Results) -> None:
    found = results["test_settings_stay_on_their_connection_and_readonly_is_for_good"]
    assert found == {
        "set": "7\n",
        "quoted": 'it\'s\\a "test"\n',
        "other": "65409\n",
        "reset": "65409\n",
        "locked": 164,
        "name": 36,
    }


def test_an_insert_is_written_in_chunks_or_not_at_all(results: Results) -> None:
    found = results["test_an_insert_is_written_in_chunks_or_not_at_all"]
    assert found == {"written": 3, "left": "3\n", "bad": 117, "still": "3\n"}


def test_every_format_comes_through_the_pipe_as_the_engine_would_answer(results: Results) -> None:
    found = results["test_every_format_comes_through_the_pipe_as_the_engine_would_answer"]
    assert len(found) > 50
    assert [format for format, same in found.items() if not same] == []


def test_a_syntax_error_is_located_in_the_text_as_given(results: Results) -> None:
    found = results["test_a_syntax_error_is_located_in_the_text_as_given"]
    assert found == {
        "one line": "position 13 (2)",
        "two lines": "position 19 (end of query) (line 2, col 9)",
        "tree": "SelectWithUnionQuery (children 1)",
        "class": ["MUTATING", 2],
    }


def test_a_running_query_is_found_and_killed_by_its_mark(results: Results) -> None:
    found = results["test_a_running_query_is_found_and_killed_by_its_mark"]
    assert found == {"ids": 1, "codes": [394], "after": []}
