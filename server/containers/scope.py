"""What the tags of one event can look at: the event, what came with its hit, and variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from msgspec import Struct, field

from server.model import Event


class _Missing(Enum):
    MISSING = "missing"
    UNREAD = "unread"


MISSING: Final = _Missing.MISSING
"""No value, or an empty one."""
UNREAD: Final = _Missing.UNREAD
"""A variable that nobody has asked for yet."""


class Beside(Struct, frozen=True, kw_only=True):
    """What came with the event's hit, as far as it was kept."""

    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


NOTHING = Beside()


class Scope:
    """One event while it is decided; each variable is read once."""

    __slots__ = ("beside", "event", "values")

    def __init__(self, event: Event, beside: Beside = NOTHING, variables: int = 0) -> None:
        self.event = event
        self.beside = beside
        self.values: list[Any] = [UNREAD] * variables


Read = Callable[[Scope], Any]
"""Looks something up; MISSING when there is nothing."""
