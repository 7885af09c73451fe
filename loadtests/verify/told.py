"""What a browser was told: a line of JSON for each event, once its hit was answered or given up."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct


class Told(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event, and what has to be stored of it."""

    id: str
    name: str
    choice: str
    """The hit's `?c=`."""
    purposes: dict[str, str] = {}
    visitor: str = ""
    """Whose cookie the hit came with, or was answered with; empty: nobody's."""
    visit: int = 0
    """Which visit of the visitor, from 1."""
    withdrawer: str = ""
    """Whose consent this event took back."""
    is_bot: bool = False
    is_answered: bool = True
    is_doubtful: bool = False
    """A try that would have set a cookie was not answered: nobody knows whom the server saw."""


def read_told(path: Path) -> list[Told]:
    """All events of a file."""
    decoder = msgspec.json.Decoder(Told)
    return [decoder.decode(line) for line in path.read_bytes().splitlines()]
