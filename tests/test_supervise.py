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

from server.supervise import Program, Supervisor, pause_after

# A child that notes its life in a file, and stops when its lifeline is cut.
CHILD = """
import signal, sys, time
from server.supervise import follow_lifeline
follow_lifeline()
if sys.argv[2] == "stay":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open(sys.argv[1], "a") as file:
    file.write(f"{time.monotonic()}\\n")
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


def births(path: Path) -> list[float]:
    """When children were born, in seconds."""
    return [float(line) for line in path.read_text().split()] if path.exists() else []


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


def run_until(supervisor: Supervisor, condition: Callable[[], bool]) -> float:
    """Runs it, sends this process SIGTERM at last, and says how long the stop took."""
    asked: list[float] = []

    def stop(_: threading.Event) -> None:
        wait_for(condition, 20)
        asked.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGTERM)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        supervisor.run(on_start=stop)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return time.monotonic() - asked[0]


def test_what_dies_young_again_and_again_is_started_after_pauses_that_double(note: Path) -> None:
    program = Program(name="child", argv=argv(note, "die"))
    run_until(Supervisor([program]), lambda: len(births(note)) == 4)
    _, second, third, fourth = births(note)
    assert third - second >= 0.5
    assert fourth - third >= 1


def test_who_has_lived_a_while_is_started_again_at_once() -> None:
    assert pause_after(0.1, None) == 0
    assert pause_after(10.0, 30.0) == 0
    pauses: list[float | None] = [None]
    for _ in range(9):
        pauses.append(pause_after(9.9, pauses[-1]))
    assert pauses[1:] == [0, 0.5, 1, 2, 4, 8, 16, 30, 30]


def test_all_stop_together_and_soon(note: Path) -> None:
    supervisor = Supervisor([Program(name=f"c{n}", argv=argv(note, "live")) for n in range(3)])
    assert run_until(supervisor, lambda: len(births(note)) == 3) < 4
    assert len(births(note)) == 3
    assert children_of(note) == []


def test_a_child_that_will_not_stop_is_killed_within_five_seconds(note: Path) -> None:
    program = Program(name="stubborn", argv=argv(note, "stay"))
    assert run_until(Supervisor([program]), lambda: len(births(note)) == 1) < 5
    assert children_of(note) == []


def test_children_follow_a_supervisor_that_was_killed(note: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *argv(note, "live")])
    assert wait_for(lambda: len(births(note)) == 1)
    parent.kill()
    parent.wait()
    assert wait_for(lambda: children_of(note) == [])
