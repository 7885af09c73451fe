"""What Freehold itself raises; everything else is a bug.

FreeholdError
├── ConfigError        settings or containers are wrong; all problems at once
├── BadHit             the door refuses a request; carries the HTTP status
│   └── OptedOut       nothing of its sender may be stored; 204, and a cookie
├── JournalUnwritable  durability cannot be promised now; 503 + Retry-After
│   └── DiskShort      what room is left is kept for consent and conversions
└── StoreUnavailable   ClickHouse cannot be reached or cannot take more now
"""

from __future__ import annotations

from collections.abc import Iterable


class FreeholdError(Exception):
    """The root: `except FreeholdError` catches what we foresaw."""


class ConfigError(FreeholdError):
    """Every problem found in the operator's or the marketer's configuration."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class BadHit(FreeholdError):
    """A request that the door refuses; nothing of it is stored.

    `reason` is the word that is counted and sent as `X-Freehold-Error`; `at` is the place in the
    request (a header, a JSON path, a byte offset) that a developer has to look at.
    """

    def __init__(self, status: int, reason: str, detail: str, *, at: str = "") -> None:
        self.status = status
        self.reason = reason
        self.detail = detail
        self.at = at
        super().__init__(f"{reason}: {detail}")


class OptedOut(BadHit):
    """A hit of a visitor who opted out, or who takes that back; `cookie` is set by the answer."""

    def __init__(self, reason: str, cookie: str) -> None:
        self.cookie = cookie
        super().__init__(204, reason, "nothing is stored")


class JournalUnwritable(FreeholdError):
    """The disk did not take the bytes; the client has to keep them and come again.

    `reason` is the word that is counted and sent as `X-Freehold-Error`.
    """

    reason = "unwritable"

    def __init__(self, detail: str, *, retry_after_s: int = 5) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(detail)


class DiskShort(JournalUnwritable):
    """The room that is left is kept for hits that are worth more."""

    reason = "disk_short"


class StoreUnavailable(FreeholdError):
    """ClickHouse did not answer, or answered that it has no room, memory or connection."""
