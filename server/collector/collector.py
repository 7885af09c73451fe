"""What the collector's paths need, and what all of them do with a hit that came or was refused."""

from __future__ import annotations

import logging
import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping

from msgspec import Struct

from server.collector import answers
from server.collector.answers import Answer
from server.collector.asked import Asked
from server.collector.hits import Arrival, accept, accept_image
from server.collector.site import Site
from server.collector.worth import worth
from server.errors import BadHit, DiskShort, JournalUnwritable
from server.journal import Journal, JournalBroken
from server.journal.journal import REFUSED
from server.settings import Network

TELL_ONE_IN = 1_000
SHORT_BYTES = 8 * 1024 * 1024
"""Of free space, with no reserve: twice what a segment asks the disk for at once."""
SHORT_RETRY_S = 60

log = logging.getLogger(__name__)


class Collector(Struct, frozen=True, kw_only=True):
    """One worker's parts; made by `server/collecting.py`."""

    sites: Mapping[str, Site]
    journal: Journal
    trusted: tuple[Network, ...]
    now: Callable[[], int]
    refusals: Counter[str]
    """Requests that the door refused, by reason."""

    def site(self, name: str) -> Site:
        """The site of a container; raises BadHit."""
        site = self.sites.get(name)
        if site is None:
            raise BadHit(404, "container", f"no container {name[:64]!r} here", at="path")
        return site

    def accept(self, asked: Asked, body: bytes, site: Site) -> Arrival:
        """The hit of a POST, now; raises BadHit."""
        return self._taken(accept(asked, body, site, trusted=self.trusted, now=self.now()))

    def accept_image(self, asked: Asked, site: Site) -> Arrival:
        """The hit of an image, now; raises BadHit."""
        return self._taken(accept_image(asked, site, trusted=self.trusted, now=self.now()))

    def _taken(self, arrival: Arrival) -> Arrival:
        """Raises DiskShort for a hit that is worth less than the room that is left."""
        shed = self.journal.room.shed
        if shed and worth(arrival.hit) < shed:
            raise DiskShort("the disk is short", retry_after_s=SHORT_RETRY_S)
        if arrival.refused_link:
            self.refusals[arrival.refused_link] += 1
        return arrival

    def problem(self) -> str:
        """Why a hit may not be stored now; empty when it will be."""
        if problem := self.journal.problem:
            return problem
        room = self.journal.room
        if room.shed:
            return f"disk short: {REFUSED[room.shed]}"
        is_short = room.free_bytes < SHORT_BYTES
        return f"disk short: {room.free_bytes} bytes are free" if is_short else ""

    def refuse(self, error: Exception) -> Answer:
        """Counts what was not stored and says why."""
        if isinstance(error, BadHit):
            self.refusals[error.reason] += 1
            return answers.refused(error)
        reason = getattr(error, "reason", JournalUnwritable.reason)
        self.refusals[reason] += 1
        if self.refusals[reason] % TELL_ONE_IN == 1:  # the log may be on the same disk
            log.error("hit not stored: %s", error)
        if isinstance(error, JournalBroken):  # no write of this process will be believed again
            os.kill(os.getpid(), signal.SIGTERM)
        return answers.unwritable(getattr(error, "retry_after_s", 1), reason)
