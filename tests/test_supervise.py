from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from server.supervise import Program, Supervisor

# A child that notes its life in a file, and stops when its lifeline is cut.
CHILD = """
import pathlib, sys, time
from server.supervise import follow_lifeline
follow_lifeline()
with open(sys.argv[1], "a") as file:
    file.write("born\\n")
if sys.argv[2] == "die":
    sys.exit(3)
time.sleep(60)
"""

PARENT = """
import sys
from server.supervise import Program, Supervisor
Supervisor([Program(name="child", argv=sys.argv[1:])]).run()
"""


def argv(path: Path, how: str) -> list[str]:
    return [sys.executable, "-c", CHILD, str(path), how]


def births(path: Path) -> int:
    return path.read_text().count("born") if path.exists() else 0


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def children_of(path: Path) -> list[int]:
    found = subprocess.run(["pgrep", "-f", str(path)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split() if int(pid) != os.getpid()]


@pytest.fixture
def note(tmp_path: Path) -> Path:
    return tmp_path / "lives"


def run_for(supervisor: Supervisor, seconds: float) -> float:
    """Runs it, sends this process SIGTERM, and says how long the stop took."""
    asked: list[float] = []

    def stop(_: threading.Event) -> None:
        time.sleep(seconds)
        asked.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGTERM)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        supervisor.run(on_start=stop)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return time.monotonic() - asked[0]


def test_what_dies_is_started_again_after_a_pause_that_doubles(note: Path) -> None:
    run_for(Supervisor([Program(name="child", argv=argv(note, "die"))]), 4.5)
    assert births(note) == 3  # at 0, 1 and 3 seconds, and a little


def test_all_stop_together_and_soon(note: Path) -> None:
    supervisor = Supervisor([Program(name=f"c{n}", argv=argv(note, "live")) for n in range(3)])
    assert run_for(supervisor, 1) < 4
    assert births(note) == 3
    assert children_of(note) == []


def test_a_child_that_will_not_stop_is_killed_within_five_seconds(note: Path) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    program = Program(name="stubborn", argv=[sys.executable, "-c", stubborn, str(note)])
    assert run_for(Supervisor([program]), 1) < 5
    assert children_of(note) == []


def test_children_follow_a_supervisor_that_was_killed(note: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *argv(note, "live")])
    assert wait_for(lambda: births(note) == 1)
    parent.kill()
    parent.wait()
    assert wait_for(lambda: children_of(note) == [])
