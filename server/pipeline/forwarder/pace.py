"""How many deliveries a lane takes at a time, and how long a few of them wait for more."""

from __future__ import annotations

import time
from collections.abc import Callable

from server.destinations.contract import Destination

FIRST = 100
MOST = 2_000
SHORT_S, LONG_S = 0.5, 2.0
"""What is taken at once should be done, and written down, within about a second: a crash sends it
again."""
LINGER_S = 0.3


class Pace:
    """One lane's."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._jobs = FIRST
        self._events = 1
        """In a request, at most."""
        self._since = clock() - LINGER_S
        """When the oldest that waits cannot have come before."""
        self._is_cut = False

    def bound(self, destination: Destination) -> None:
        """The destination takes so many in a request."""
        self._events = destination.max_events

    def jobs(self, requests: int) -> int:
        """How many to take now, with so many requests at the same time."""
        return min(MOST, max(self._jobs, self._events * requests))

    def note(self, jobs: int, seconds: float) -> None:
        """So many took so long."""
        if seconds > LONG_S:
            self._jobs = max(1, self._jobs // 2)
        elif seconds < SHORT_S and jobs >= self._jobs:
            self._jobs = min(MOST, self._jobs * 2)

    def arrive(self) -> None:
        """The first ones have come after none was there."""
        self._since = self._clock()

    def read(self, *, is_cut: bool) -> None:
        """All that is there was read, or, cut, a part of it."""
        self._since, self._is_cut = self._clock(), is_cut

    def lingers(self) -> bool:
        """Whether what is there should wait for more to fill a request."""
        return self._events > 1 and not self._is_cut and self._clock() - self._since < LINGER_S
