"""How many different ones there were, in bounded memory: exactly up to a few thousand, then about.

The smallest hashes are kept: the denser they lie, the more there are (k minimum values,
https://doi.org/10.1007/3-540-45726-7_1). The standard error is 1.6 percent.
"""

from __future__ import annotations

import hashlib

MOST = 4096
_RANGE = 1 << 64


class Distinct:
    """Counts different texts."""

    def __init__(self) -> None:
        self._smallest: set[int] = set()
        self._bound = _RANGE

    def add(self, text: str) -> None:
        """One more, or one that was there."""
        number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
        if number >= self._bound:
            return
        self._smallest.add(number)
        if len(self._smallest) >= 2 * MOST:
            self._smallest = set(sorted(self._smallest)[:MOST])
            self._bound = max(self._smallest)

    @property
    def is_exact(self) -> bool:
        """Whether `count` is no estimate."""
        return self._bound == _RANGE

    @property
    def count(self) -> int:
        """How many there were."""
        if self.is_exact:
            return len(self._smallest)
        kept = sorted(self._smallest)[:MOST]
        return round((MOST - 1) * _RANGE / kept[-1])
