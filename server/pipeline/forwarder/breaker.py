"""Stops asking a partner that does not answer, and tries it with one request now and then.

closed ──5 in a row, or half of the last 20──▶ open ──after a pause──▶ one probe ──well──▶ closed
                                                ▲                        │
                                                └──── pause doubles ─────┘ failed
"""

from __future__ import annotations

from collections import deque

IN_A_ROW = 5
WINDOW = 20
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 60.0


class Breaker:
    """One partner's; times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._last: deque[bool] = deque(maxlen=WINDOW)
        self._row = 0
        self._pause_s = 0.0
        self._open_until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it stopped; when its pause is over, one probe may go."""
        return self._open_until is not None

    def wait_s(self, now: float) -> float:
        """How long nothing may be sent."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - now)

    def hurry(self, now: float) -> None:
        """Lets the next probe go now; pauses begin anew if it fails."""
        if self._open_until is not None:
            self._open_until = min(self._open_until, now)
            self._pause_s = 0.0

    def note(self, *, is_well: bool, now: float) -> None:
        """Takes note of one request that was answered, or not."""
        if is_well:
            self._row = 0
            if self.is_open:
                self._last.clear()
                self._open_until = None
            self._pause_s = 0.0
            self._last.append(True)
            return
        self._row += 1
        self._last.append(False)
        is_late = self._open_until is not None and now < self._open_until
        if not is_late and (self.is_open or self._is_too_much()):
            self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2 or FIRST_PAUSE_S)
            self._open_until = now + self._pause_s

    def _is_too_much(self) -> bool:
        is_half = len(self._last) == WINDOW and self._last.count(False) * 2 >= WINDOW
        return self._row >= IN_A_ROW or is_half
