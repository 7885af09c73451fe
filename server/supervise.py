"""Keeps Freehold's processes alive on one machine, and stops them together.

A child that dies is started again at once; only if it dies young again and again, after a pause
that doubles from half a second to half a minute. Each child holds the reading end of a pipe: when
the supervisor dies, however it dies, the pipe closes and the children stop by themselves.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence

from msgspec import Struct

LIFELINE = "_FREEHOLD_LIFELINE"
STOP_S = 4.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_S = 10.0
"""Who has lived so long has not died young."""
_TICK_S = 0.1

log = logging.getLogger(__name__)


class Program(Struct, frozen=True, kw_only=True):
    """What a child runs, and the descriptors that it inherits."""

    name: str
    argv: Sequence[str]
    fds: tuple[int, ...] = ()


class _Child:
    """One program and its present process."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_at = 0.0
        self.pause_s: float | None = None

    def note_death(self, now: float) -> None:
        """Decides when to start again."""
        assert self.process is not None
        status = self.process.returncode
        self.pause_s = pause_after(now - self.started_at, self.pause_s)
        self.start_at = now + self.pause_s
        self.process = None
        log.error("%s ended (%s); again in %g s", self.program.name, status, self.pause_s)


def pause_after(lived_s: float, last_s: float | None) -> float:
    """Seconds from a death to the next start; `last_s` is what it was at the death before, if any.

    A site waits for a collector, so a single death costs it no pause.
    """
    if lived_s >= STEADY_S or last_s is None:
        return 0.0
    return min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, 2 * last_s))


class Supervisor:
    """Starts programs, restarts what dies, stops all on SIGINT or SIGTERM."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._children = [_Child(program) for program in programs]
        self._stop = threading.Event()
        self._read_end, self._write_end = os.pipe()

    def run(self, *, on_start: Callable[[threading.Event], None] = lambda stop: None) -> None:
        """Blocks until told to stop; `on_start` runs beside it in a thread of its own."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        threading.Thread(target=on_start, args=(self._stop,), daemon=True).start()
        try:
            while not self._stop.is_set():
                now = time.monotonic()
                for child in self._children:
                    self._look_after(child, now)
                self._stop.wait(_TICK_S)
        finally:
            self._end()

    def _look_after(self, child: _Child, now: float) -> None:
        if child.process is None and now >= child.start_at:
            child.process = self._start(child.program)
            child.started_at = now
        elif child.process is not None and child.process.poll() is not None:
            child.note_death(now)

    def _start(self, program: Program) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            program.argv,
            stdin=subprocess.DEVNULL,
            pass_fds=(self._read_end, *program.fds),
            env={**os.environ, LIFELINE: str(self._read_end)},
            # Ctrl-C reaches the supervisor alone, so that the order of stopping is its own.
            process_group=0,
        )

    def _end(self) -> None:
        processes = [child.process for child in self._children if child.process is not None]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + STOP_S
        for process in processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("process %d did not stop in time; killed", process.pid)
                process.kill()
                process.wait()
        os.close(self._write_end)
        os.close(self._read_end)


def follow_lifeline() -> None:
    """In a child: stops this process as SIGTERM would, when the supervisor is gone."""
    text = os.environ.pop(LIFELINE, "")
    if not text.isdecimal():
        return
    descriptor = int(text)

    def wait() -> None:
        os.read(descriptor, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
