"""How many requests of one tag may be under way: more while all is well, half when it is not."""

from __future__ import annotations

FIRST = 4


class Concurrency:
    """One lane's; times are seconds of a monotonic clock."""

    def __init__(self, most: int = FIRST) -> None:
        self._most = most
        self._limit = float(min(FIRST, most))
        self._halved_at = 0.0

    @property
    def limit(self) -> int:
        """Requests at the same time."""
        return int(self._limit)

    def bound(self, most: int) -> None:
        """The destination takes so many at most."""
        self._most = max(1, most)
        self._limit = min(self._limit, float(self._most))

    def note(self, *, is_well: bool, began: float, now: float) -> None:
        """Takes note of a request that began then and has ended. One more fits after as many good
        ones as fit now; those that failed together halve it once."""
        if is_well:
            self._limit = min(float(self._most), self._limit + 1 / self._limit)
        elif began >= self._halved_at:
            self._limit = max(1.0, self._limit / 2)
            self._halved_at = now
