"""What a drain takes: time, processor time of each process, memory, lag."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from rich.table import Table

from loadtests.drain.node import ROOT, Node
from loadtests.drain.writing import Stream

PROCESSES = ("pipeline", "store")
LOOK_S = 0.25
TICK_S = 0.02
TELL_S = 10
PATIENCE_S = 60
"""How long no row may come before it is given up."""

Tell = Callable[..., None]


class Partners:
    """The recorder in its own process, on the core of whoever starts it."""

    def __init__(self, folder: Path) -> None:
        self._told = folder / "recorded"
        self._door = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def __enter__(self) -> Partners:
        fd = self._door.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "loadtests.drain.recorder", str(fd), str(self._told)],
            cwd=ROOT,
            pass_fds=(fd,),
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._door.close()

    def events(self) -> int:
        """Deliveries that came so far."""
        return int(self._told.read_text()) if self._told.exists() else 0


class Meter:
    """Wall clock and processors since it was made."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._cpu = {name: node.cpu_s(name) for name in PROCESSES}
        self._began = time.monotonic()

    @property
    def wall_s(self) -> float:
        return time.monotonic() - self._began

    def cpu_s(self, name: str) -> float:
        """What a process has used since."""
        return self._node.cpu_s(name) - self._cpu[name]


def drain(node: Node, *, hits: int, events: int, tell: Tell) -> bool:
    """From a journal that is there to rows; whether each event became one."""
    meter, expected = Meter(node), hits * events
    told_at, sorted_s, rows, changed_at = 0.0, 0.0, 0, 0.0
    while rows < expected:
        time.sleep(LOOK_S)
        node.check()
        rows, last = max(rows, node.rows()), rows
        changed_at = meter.wall_s if rows != last else changed_at
        if meter.wall_s - changed_at > PATIENCE_S:
            tell(f"no row comes any more: {rows:,} of {expected:,}")
            return False
        if not sorted_s and node.counts().get("sorted", 0) >= hits:
            sorted_s = meter.wall_s
        if meter.wall_s - told_at >= TELL_S:
            told_at = meter.wall_s
            tell(f"{meter.wall_s:6.1f} s  {rows:>10,} rows  {_memory(node)}")
    tell(_table(node, meter, expected, f"{hits:,} hits of {events}, sorted after {sorted_s:.1f} s"))
    return _is_whole(node, expected, tell)


def stream(node: Node, *, rate: int, events: int, seconds: int, tell: Tell) -> bool:
    """Appends at a steady rate and tells the lag: how long ago what is countable was written."""
    stream, meter = Stream(node.journal, rate=rate, events=events), Meter(node)
    written: deque[tuple[int, float]] = deque()
    told_at, looked_at, lag_s, most_s = 0.0, 0.0, 0.0, 0.0
    while meter.wall_s < seconds:
        stream.go_on()
        written.append((stream.written, meter.wall_s))
        if meter.wall_s - looked_at >= LOOK_S:
            node.check()
            rows, looked_at = node.rows(), meter.wall_s
            while written and written[0][0] <= rows:
                written.popleft()
            lag_s = meter.wall_s - written[0][1] if written else 0.0
            most_s = max(most_s, lag_s)
        if meter.wall_s - told_at >= TELL_S:
            tell(
                f"{meter.wall_s:6.1f} s  {stream.written:>10,} events written, lag at most "
                f"{most_s:5.2f} s, now {lag_s:5.2f} s  {_memory(node)}"
            )
            told_at, most_s = meter.wall_s, 0.0
        time.sleep(TICK_S)
    stream.close()
    began = meter.wall_s
    while node.rows() < stream.written and meter.wall_s - began < PATIENCE_S:
        node.check()
        time.sleep(LOOK_S)
    title = f"{rate:,} hits of {events} a second; all there {meter.wall_s - began:.1f} s later"
    tell(_table(node, meter, stream.written, title))
    return _is_whole(node, stream.written, tell)


def deliver(node: Node, partners: Partners, *, count: int, tell: Tell) -> None:
    """Sends what the tags are owed until so many came, and tells what one costs."""
    before = partners.events()
    node.deliver()
    _arrive(node, partners, before + count // 10)  # the gates open one after the other
    meter, begin = Meter(node), partners.events()
    _arrive(node, partners, before + count)
    sent = partners.events() - begin
    tell(_table(node, meter, sent, f"{sent:,} deliveries, apart", unit="delivery"))


def _arrive(node: Node, partners: Partners, events: int) -> None:
    """Returns when partners have so many, or when nothing more has come for a while: less is
    owed than was asked for."""
    came, since = partners.events(), time.monotonic()
    while came < events and time.monotonic() - since < PATIENCE_S:
        node.check()
        time.sleep(LOOK_S)
        if partners.events() > came:
            came, since = partners.events(), time.monotonic()


def _table(node: Node, meter: Meter, count: int, title: str, unit: str = "event") -> Table:
    wall_s = meter.wall_s
    table = Table("", f"CPU µs/{unit}", "RSS MB, most", "now", title=title)
    for name in PROCESSES:
        cpu = f"{meter.cpu_s(name) / count * 1e6:.1f}"
        rss = [f"{node.rss_mb(name, most=most):.0f}" for most in (True, False)]
        table.add_row(name, cpu, *rss)
    total = sum(meter.cpu_s(name) for name in PROCESSES)
    table.add_row("together", f"{total / count * 1e6:.1f}", "", "")
    table.caption = (
        f"{count:,} in {wall_s:.1f} s = {count / wall_s:,.0f} a second, {wall_s / count * 1e6:.1f} "
        f"µs each; load {os.getloadavg()[0]:.1f}"
    )
    return table


def _memory(node: Node) -> str:
    return "  ".join(f"{name} {node.rss_mb(name):.0f} MB" for name in PROCESSES)


def _is_whole(node: Node, expected: int, tell: Tell) -> bool:
    rows, counts = node.rows(), node.counts()
    routed = sum(n for name, n in counts.items() if name.endswith(".routed"))
    delivered = sum(n for name, n in counts.items() if name.endswith(".delivered"))
    is_whole = rows == expected
    tell(
        f"{rows:,} rows of {expected:,} events{'' if is_whole else ': WRONG'}; "
        f"{counts.get('loaded.event_context', 0):,} of event_context; "
        f"{routed / max(1, expected):.2f} deliveries an event, {delivered:,} of them made so far"
    )
    return is_whole
