"""The engine without its gate, fenced: what Landlock alone stops."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from server.store.embedded.landlock import _version

pytestmark = pytest.mark.skipif(_version() < 4, reason="needs Landlock that knows TCP (Linux 6.7)")

_FENCED = """
import os, sys, tempfile
from pathlib import Path
from server.store.embedded.configuration import lay_out, prepare
from server.store.embedded.landlock import fence

layout = lay_out(Path(sys.argv[1]))
prepare(layout, 1 << 30)
tempfile.tempdir = os.environ["TMPDIR"] = str(layout.scratch)
if sys.argv[2] == "fenced":
    fence(layout.folder)

from chdb import _chdb

# No configuration: the engine's own default user, who may do everything.
connection = _chdb.connect(str(layout.engine))
for statement in sys.stdin.read().split("\\0"):
    try:
        result = connection.query(statement, "TSVRaw").bytes().decode()
    except RuntimeError as error:
        result = str(error)
    print(result.replace("\\n", " ").strip(), end="\\0", flush=True)
"""


def fenced(folder: Path, *statements: str, mode: str = "fenced") -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _FENCED, str(folder), mode],
        input="\0".join(statements),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split("\0")[:-1]


def test_files_outside_the_folder_are_neither_read_nor_written(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("hunter2\n")
    victim = tmp_path / "victim"
    victim.write_text("whole")
    answers = fenced(
        tmp_path / "store",
        f"SELECT file('{secret}')",
        f"SELECT * FROM file('{secret}', 'LineAsString')",
        f"SELECT * FROM '{secret}'",
        f"SELECT 1 INTO OUTFILE '{victim}' TRUNCATE",
        f"SELECT 1 INTO OUTFILE '{tmp_path}/new'",
        f"INSERT INTO FUNCTION file('{tmp_path}/new', 'CSV', 'a Int8') VALUES (1)",
        f"SELECT * FROM sqlite('{secret}', 't')",
        "SELECT file('/etc/passwd')",
        "SELECT file('/proc/self/environ')",
        f"SELECT file('{Path('/proc/self', 'root', 'etc', 'passwd')}')",
        f"SELECT file('{Path('/proc/thread-self', 'root', 'etc', 'passwd')}')",
        f"SELECT file('{Path(__file__).resolve()}')",
    )
    assert not [answer for answer in answers if "hunter2" in answer or "Exception" not in answer]
    assert victim.read_text() == "whole"
    assert not (tmp_path / "new").exists()


def test_without_the_fence_the_engine_reads_them(tmp_path: Path) -> None:
    """So the tests around this one prove something."""
    secret = tmp_path / "secret.csv"
    secret.write_text("hunter2\n")
    answers = fenced(tmp_path / "store", f"SELECT file('{secret}')", mode="open")
    assert answers == ["hunter2"]


def test_no_connection_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        fast = "SETTINGS http_max_tries = 1, connect_timeout_with_failover_ms = 200"
        answers = fenced(
            tmp_path,
            f"SELECT * FROM url('http://127.0.0.1:{port}/', 'LineAsString') {fast}",
            f"SELECT * FROM remote('127.0.0.1:{port}', 'system.one') {fast}",
            f"SELECT * FROM mysql('127.0.0.1:{port}', 'a', 'b', 'c', 'd')",
        )
        with pytest.raises(TimeoutError):
            listener.accept()
    assert all("Exception" in answer for answer in answers), answers


def test_the_environment_is_not_to_be_read_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", "hunter2")
    found = fenced(tmp_path, "SELECT file('/proc/thread-self/environ')")
    assert "hunter2" not in found[0]


def test_inside_the_folder_the_engine_works(tmp_path: Path) -> None:
    answers = fenced(
        tmp_path,
        "CREATE DATABASE d ENGINE = Atomic",
        "CREATE TABLE d.t (a UInt64) ENGINE = MergeTree ORDER BY a",
        "INSERT INTO d.t SELECT number FROM numbers(300000)",
        "INSERT INTO d.t SELECT number FROM numbers(300000)",
        "OPTIMIZE TABLE d.t FINAL",
        "SELECT count(), toTimeZone(toDateTime(0), 'Europe/Paris') FROM d.t",
        "SELECT count() FROM (SELECT a FROM d.t GROUP BY a ORDER BY a) "
        "SETTINGS max_bytes_before_external_group_by = 1000000, max_threads = 1",
        "ALTER TABLE d.t DELETE WHERE a > 9 SETTINGS mutations_sync = 1",
        "SELECT count() FROM d.t",
        "DROP TABLE d.t SYNC",
    )
    assert answers == ["", "", "", "", "", "600000\t1970-01-01 01:00:00", "300000", "", "20", ""]
