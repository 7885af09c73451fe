"""When deep reconciliation is due, and what it remembers so that each occasion counts once.

reboot       the machine was started again since the last time (Linux tells a boot's id)
broken part  ClickHouse put a part aside at its start, which we have not seen yet
nightly      03:00 to 03:59 UTC, another minute for each data folder; a night that was missed
             is made up for
asked        `freehold reconcile` left word
"""

from __future__ import annotations

import logging
import platform
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from server.clock import DAY_MS, HOUR_MS, MINUTE_MS
from server.errors import FreeholdError
from server.pipeline.runs import ASKED, Why
from server.pipeline.state import State
from server.store.client import Connection
from server.store.parts import broken_at_start

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
QUIET_MS = 3 * HOUR_MS
LOOK_MS = 10 * MINUTE_MS
_BOOT, _NIGHT, _PARTS = "reconcile.boot_id", "reconcile.night", "reconcile.broken_parts"

log = logging.getLogger(__name__)


class Occasions:
    """Looks for reasons to reconcile; `note` writes down that they are being answered."""

    def __init__(
        self, data: Path, state: State, connection: Connection, *, now: Callable[[], int]
    ) -> None:
        self._state = state
        self._connection = connection
        self._now = now
        self._minute = number_of(data) % 60
        self._looked_at = 0
        self._parts: set[str] = set()
        """Broken parts that are there and were not seen before."""

    def due(self) -> list[Why]:
        """What there is to reconcile for, the widest reason first; mostly nothing."""
        found = []
        if self._state.note(ASKED):
            found.append(Why.ASKED)
        if self._night() > self._noted_night():
            found.append(Why.NIGHTLY)
        self._look()
        if self._parts:
            found.append(Why.BROKEN_PART)
        if self._state.note(_BOOT) != boot_id():
            found.append(Why.REBOOT)
        return found

    def note(self, answered: list[Why]) -> None:
        """Inside the transaction that begins a run: these are answered by it."""
        state = self._state
        if Why.ASKED in answered:
            state.db.execute("DELETE FROM notes WHERE name = ?", (ASKED,))
        if Why.BROKEN_PART in answered:
            names = sorted(self._parts)
            log.error("ClickHouse could not read parts when it started: %s", ", ".join(names))
            state.add({"reconcile.broken_parts": len(names)})
            known = [*_names(state.note(_PARTS)), *names]
            state.put_note(_PARTS, msgspec.json.encode(known).decode())
            self._parts = set()
        state.put_note(_NIGHT, str(self._night()))
        state.put_note(_BOOT, boot_id())

    def _night(self) -> int:
        """The last time that was the time for it, in ms."""
        at = QUIET_MS + self._minute * MINUTE_MS
        return (self._now() - at) // DAY_MS * DAY_MS + at

    def _noted_night(self) -> int:
        """The last night that was answered. A node that is new, or that never knew of boots, has
        nothing to make up for: it begins with this one."""
        if not self._state.note(_NIGHT):
            with self._state.transaction():
                self._state.put_note(_NIGHT, str(self._night()))
                self._state.put_note(_BOOT, boot_id())
        return int(self._state.note(_NIGHT))

    def _look(self) -> None:
        """Asks for broken parts now and then; that ClickHouse is away is the loader's to tell."""
        if 0 <= self._now() - self._looked_at < LOOK_MS:
            return
        try:
            found = broken_at_start(self._connection)
        except FreeholdError as error:
            log.debug("broken parts are not looked for now: %s", error)
        else:
            self._parts = found - set(_names(self._state.note(_PARTS)))
        self._looked_at = self._now()


def number_of(data: Path) -> int:
    """Another one for each data folder of each machine, most likely."""
    return zlib.crc32(f"{platform.node()}:{data.resolve()}".encode())


def boot_id() -> str:
    """Another one after each start of the machine; always the same where nobody tells it."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return "unknown"


def _names(body: str) -> list[str]:
    return msgspec.json.decode(body, type=list[str]) if body else []
