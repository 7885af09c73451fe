"""Scripted troubles of partners: what should go wrong, how often and for how long, by a seed.

error     an answer of another status, with a gateway's HTML       nothing is taken
throttle  what the partner says when it is asked too often         nothing is taken
revoked   what it says to credentials that it no longer knows      nothing is taken
hang      no answer at all, for some seconds                       nothing is taken
reset     the connection is reset                                  nothing is taken
lost      the events are taken, the connection is reset            taken
slow      the events are taken, the answer comes byte by byte      taken
partial   about every nth event is refused, the same ones each     the others are taken
          time, in the partner's own way
"""

from __future__ import annotations

import random
import zlib
from typing import Annotated, Literal

from msgspec import Meta, Struct

from server.demo.partners.contract import Item

Kind = Literal["error", "throttle", "revoked", "hang", "reset", "lost", "slow", "partial"]
TAKING = ("lost", "slow", "partial")
FOREVER_S = 3600.0

Share = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=FOREVER_S)]


class Trouble(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong."""

    kind: Kind
    partner: str = ""
    """Its name; empty: all of them."""
    path: str = ""
    """What the request's path begins with."""
    share: Share = 1.0
    """Of the requests."""
    every: Annotated[int, Meta(ge=1)] = 1
    """`partial`: one of so many events."""
    status: Annotated[int, Meta(ge=400, le=599)] = 503
    """`error`: what is answered."""
    retry_after: str = ""
    """The header, as it is sent: seconds, a date, or nonsense."""
    seconds: Seconds = FOREVER_S
    """How long `hang` and `slow` take."""
    lasts_s: Seconds = 0
    """How long it goes on from when it was set; 0: until it is taken away."""


class Script(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that goes wrong, from now on."""

    seed: int = 1
    troubles: list[Trouble] = []


class Troubles:
    """What goes wrong now. The same seed strikes the same requests, counted at each partner."""

    def __init__(self, *troubles: Trouble, seed: int = 1) -> None:
        self._chances: dict[str, random.Random] = {}
        self._script = Script(seed=seed, troubles=list(troubles))
        self._since: int | None = None

    @property
    def script(self) -> Script:
        return self._script

    def set(self, script: Script, *, now: int) -> None:
        """Replaces all; chance begins anew."""
        self._script, self._since = script, now
        self._chances.clear()

    def strike(self, partner: str, path: str, *, now: int) -> Trouble | None:
        """The first that strikes a request."""
        since = self._since = now if self._since is None else self._since
        chance = self._chances.setdefault(partner, random.Random(f"{self._script.seed}/{partner}"))
        for trouble in self._script.troubles:
            is_over = trouble.lasts_s and now - since >= trouble.lasts_s * 1000
            is_meant = trouble.partner in ("", partner) and path.startswith(trouble.path)
            if is_meant and not is_over and chance.random() < trouble.share:
                return trouble
        return None

    def spoils(self, trouble: Trouble, item: Item) -> bool:
        """Whether `partial` refuses an event: the same one each time that it is sent."""
        mark = f"{self._script.seed}/{item.key or item.id}".encode()
        return trouble.kind == "partial" and zlib.crc32(mark) % trouble.every == 0
