from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from server.errors import StoreUnavailable
from server.pipeline.loops import FULL_ROWS, Loop, run_loops


class Scripted:
    """A worker that does what a test says, step by step, and then stops everything."""

    def __init__(self, stop: threading.Event, *steps: Callable[[], int]) -> None:
        self._stop = stop
        self._steps = list(steps)
        self.is_closed = False

    def step(self) -> int:
        if not self._steps:
            self._stop.set()
            return 0
        return self._steps.pop(0)()

    def close(self) -> None:
        self.is_closed = True


def unavailable() -> int:
    raise StoreUnavailable("down")


def bug() -> int:
    raise ZeroDivisionError


def test_a_store_that_is_down_is_tried_again() -> None:
    stop = threading.Event()
    worker = Scripted(stop, unavailable, lambda: 1)
    assert run_loops([Loop("loader", lambda: worker, pause_s=0.01)], stop)
    assert worker.is_closed


def test_a_bug_ends_all_loops_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()
    idle = Scripted(threading.Event(), *[lambda: 0] * 10_000)
    loops = [
        Loop("loader", lambda: Scripted(stop, bug), pause_s=0.01),
        Loop("sorter", lambda: idle, pause_s=0.01),
    ]
    assert not run_loops(loops, stop)
    assert idle.is_closed
    assert "loader: stopped by an error nobody foresaw" in caplog.text


def test_stopping_does_not_wait_for_a_pause() -> None:
    stop = threading.Event()
    loop = Loop("loader", lambda: Scripted(threading.Event()), pause_s=60)
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    assert run_loops([loop], stop)
    assert time.monotonic() - began < 5


def test_small_steps_are_apart_and_large_ones_are_not() -> None:
    stop = threading.Event()
    began: list[float] = []

    def step(done: int) -> int:
        began.append(time.monotonic())
        return done

    worker = Scripted(stop, *[partial(step, done) for done in (FULL_ROWS, 1, FULL_ROWS)])
    assert run_loops([Loop("loader", lambda: worker, pause_s=0.01, every_s=0.5)], stop)
    assert began[2] - began[1] >= 0.5
