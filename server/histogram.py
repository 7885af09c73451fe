"""How often a size or a duration fell between which bounds: Prometheus' histogram as a value."""

from __future__ import annotations

from bisect import bisect_left

from msgspec import Struct

SYNC_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
BATCH = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1000.0)
INSERT_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Histogram(Struct, kw_only=True):
    """`counts[n]` values were at most `bounds[n]` and more than the bound before; the last of
    `counts`, which is one longer, were more than all."""

    bounds: tuple[float, ...]
    counts: list[int]
    total: float = 0.0

    def note(self, value: float) -> None:
        """Counts one value; for one thread at a time."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def plus(self, other: Histogram) -> Histogram:
        """Both together; this one alone if the other was made with other bounds."""
        if other.bounds != self.bounds:
            return self
        counts = [own + more for own, more in zip(self.counts, other.counts, strict=True)]
        return Histogram(bounds=self.bounds, counts=counts, total=self.total + other.total)


def histogram(bounds: tuple[float, ...]) -> Histogram:
    """An empty one."""
    return Histogram(bounds=bounds, counts=[0] * (len(bounds) + 1))
