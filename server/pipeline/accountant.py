"""Looks at the accounts each minute, and says so when they do not close: at once, when the
difference changes, and once an hour while it lasts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from server.clock import HOUR_MS
from server.pipeline.accounts import Identity, take
from server.pipeline.state import STATE_FILE, State

ACCOUNTS_PAUSE_S = 60.0

log = logging.getLogger(__name__)


class Accountant:
    """One of the pipeline's loops; it only reads."""

    def __init__(self, data: Path, *, now: Callable[[], int]) -> None:
        self._data = data
        self._now = now
        self._state = State(data / STATE_FILE)
        self._told: dict[str, tuple[int, int]] = {}
        """Of each identity that is off: by how much, and when that was told."""

    def step(self) -> int:
        """Looks once; 0, since there is never more to do at once."""
        for identity in take(self._data, self._state).identities:
            self._judge(identity)
        return 0

    def close(self) -> None:
        """Lets go of the state."""
        self._state.close()

    def _judge(self, identity: Identity) -> None:
        name, off = identity.name, identity.difference
        if off == 0:
            if self._told.pop(name, None):
                log.info("the accounts of %s close again: %s", name, identity)
            return
        known, told_at = self._told.get(name, (0, 0))
        now = self._now()
        if off == known and now - told_at < HOUR_MS:
            return
        self._told[name] = off, now
        what = f"{off} are missing" if off > 0 else f"{-off} are too many"
        fields = {"identity": name, "difference": off}
        log.error("the accounts of %s do not close, %s: %s", name, what, identity, extra=fields)
