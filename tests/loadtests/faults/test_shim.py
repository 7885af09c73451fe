from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loadtests.faults.contract import NotRun
from loadtests.faults.failing_sync import synced_again
from loadtests.faults.shim import Action, Op, Shim


@pytest.fixture
def shim(tmp_path: Path) -> Shim:
    try:
        return Shim(tmp_path / "shim")
    except NotRun as reason:
        pytest.skip(str(reason))


def run(shim: Shim, code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Python under the shim."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **shim.environ},
        capture_output=True,
        text=True,
        check=False,
    )


SYNCS = """
import os, sys
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
for _ in range(4):
    os.pwrite(fd, b"x" * 100, 0)
    try:
        os.fdatasync(fd)
        print(0)
    except OSError as error:
        print(error.errno)
"""
WRITES = """
import os, sys
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
for _ in range(3):
    try:
        print(os.write(fd, b"x" * 100), flush=True)
    except OSError as error:
        print(-error.errno, flush=True)
"""


def test_only_the_nth_call_fails(shim: Shim, tmp_path: Path) -> None:
    shim.set(0, Op.SYNC, Action.FAIL, first=2, last=3, argument=errno.EIO, path="/chosen")
    assert run(shim, SYNCS, tmp_path / "chosen").stdout.split() == ["0", "5", "5", "0"]
    assert shim.count(0) == 4


def test_other_files_are_left_alone(shim: Shim, tmp_path: Path) -> None:
    shim.set(0, Op.SYNC, Action.FAIL, path="/chosen")
    assert run(shim, SYNCS, tmp_path / "other").stdout.split() == ["0"] * 4
    assert shim.count(0) == 0


def test_a_file_that_is_synced_after_a_failure_is_found(shim: Shim, tmp_path: Path) -> None:
    shim.set(0, Op.SYNC, Action.FAIL, first=2, last=2, path="/chosen")
    run(shim, SYNCS, tmp_path / "chosen")
    assert [(call.name, call.error) for call in shim.calls()] == [
        ("fdatasync", 0),
        ("fdatasync", errno.EIO),
        ("fdatasync", 0),
        ("fdatasync", 0),
    ]
    assert synced_again(shim.calls()) == 2


def test_a_short_write_is_followed_by_a_full_disk(shim: Shim, tmp_path: Path) -> None:
    shim.set(0, Op.WRITE, Action.SHORT, first=2, argument=errno.ENOSPC, path="/chosen")
    told = run(shim, WRITES, tmp_path / "chosen").stdout.split()
    assert told == ["100", "50", str(-errno.ENOSPC)]
    assert (tmp_path / "chosen").stat().st_size == 150


@pytest.mark.parametrize(
    ("action", "size"),
    [(Action.KILL_BEFORE, 100), (Action.KILL_TORN, 150), (Action.KILL_AFTER, 200)],
)
def test_a_process_dies_before_in_or_after_the_nth_call(
    shim: Shim, tmp_path: Path, action: Action, size: int
) -> None:
    shim.set(0, Op.WRITE, action, first=2, last=2, path="/chosen")
    assert run(shim, WRITES, tmp_path / "chosen").returncode == -signal.SIGKILL
    assert (tmp_path / "chosen").stat().st_size == size


def test_sqlite_is_seen_as_well(shim: Shim, tmp_path: Path) -> None:
    shim.set(0, Op.SYNC, Action.COUNT, path="state.sqlite")
    code = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA synchronous = FULL")
with db:
    db.execute("CREATE TABLE t (a)")
"""
    assert run(shim, code, tmp_path / "state.sqlite").returncode == 0
    assert shim.count(0) > 0


def test_only_the_wall_clock_is_skewed(shim: Shim) -> None:
    shim.skew(86_400)
    code = "import time; print(time.time(), time.monotonic())"
    wall, monotonic = map(float, run(shim, code).stdout.split())
    assert abs(wall - time.time() - 86_400) < 600
    assert abs(monotonic - time.monotonic()) < 600


def test_a_rule_can_be_changed_while_the_process_runs(shim: Shim, tmp_path: Path) -> None:
    code = """
import os, sys
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
for _ in sys.stdin:
    try:
        os.fsync(fd)
        print(0, flush=True)
    except OSError as error:
        print(error.errno, flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "chosen")],
        env={**os.environ, **shim.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = []
        for action in (Action.COUNT, Action.FAIL, Action.COUNT):
            shim.set(0, Op.SYNC, action, path="/chosen")
            process.stdin.write("\n")
            process.stdin.flush()
            told.append(int(process.stdout.readline()))
        process.stdin.close()
    assert told == [0, errno.EIO, 0]
