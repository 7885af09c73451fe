"""Runs the pipeline's loops side by side, each in its own thread, until told to stop.

A loop that finds nothing to do waits a little; one that ClickHouse, the disk or the state turns
away waits longer each time, up to half a minute, and the others go on. Anything else is a bug: the
process ends, and whoever supervises it starts a new one from what is committed.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Protocol

from server.errors import FreeholdError

SORT_PAUSE_S = 0.1
SWEEP_PAUSE_S = 60.0
LOAD_PAUSE_S = 0.5
LOAD_EVERY_S = 2.0
FULL_ROWS = 10_000
"""ClickHouse spends 28 µs on a row of `events` in such a batch, and 40 in one of 2,000."""
LONGEST_PAUSE_S = 30.0

log = logging.getLogger(__name__)


class Worker(Protocol):
    """Does one batch a step; says how much it did."""

    def step(self) -> int: ...

    def close(self) -> None: ...


class Runs(Protocol):
    """What goes on in a thread of its own."""

    @property
    def name(self) -> str: ...

    def run(self, stop: threading.Event) -> None: ...


class Loop:
    """A worker's thread: it makes the worker itself, since SQLite belongs to one thread. Steps that
    do little begin `every_s` apart."""

    def __init__(
        self, name: str, make: Callable[[], Worker], *, pause_s: float, every_s: float = 0.0
    ) -> None:
        self.name = name
        self._every_s = every_s
        self._make = make
        self._pause_s = pause_s

    def run(self, stop: threading.Event) -> None:
        """Steps until `stop` is set; an unforeseen error sets it too, and is raised."""
        try:
            with closing(self._make()) as worker:
                self._steps(worker, stop)
        finally:
            stop.set()

    def _steps(self, worker: Worker, stop: threading.Event) -> None:
        failures = 0
        while not stop.is_set():
            began = time.monotonic()
            try:
                done = worker.step()
            except (FreeholdError, OSError) as error:
                failures += 1
                pause_s = _back_off(failures)
                log.warning("%s: %s; trying again in %.1f s", self.name, error, pause_s)
                stop.wait(pause_s)
                continue
            if failures:
                log.info("%s: going on after %d failures", self.name, failures)
                failures = 0
            if done == 0:
                stop.wait(self._pause_s)
            elif done < FULL_ROWS:  # more comes meanwhile, and goes together
                stop.wait(max(0.0, began + self._every_s - time.monotonic()))


def run_loops(loops: Sequence[Runs], stop: threading.Event) -> bool:
    """Runs all until `stop`; true when every one of them ended well."""
    failed: list[str] = []

    def guarded(loop: Runs) -> None:
        try:
            loop.run(stop)
        except Exception:
            log.exception("%s: stopped by an error nobody foresaw", loop.name)
            failed.append(loop.name)

    threads = [threading.Thread(target=guarded, args=(loop,), name=loop.name) for loop in loops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return not failed


def _back_off(failures: int) -> float:
    """Seconds, full jitter: half a second at first, doubling to half a minute."""
    return random.uniform(0.1, min(LONGEST_PAUSE_S, 0.5 * 2 ** min(failures, 10)))
