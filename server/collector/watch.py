"""Watches the node's folder of containers and swaps what the collector serves, between two hits.

    data/containers/*.json ──a listing each second──▶ read and made in a thread ──▶ swapped at once

The hot path sees none of it: a hit looks its site up in a dict, and finds the old one or the new
one. What is not sound is told and counted, and the last one stays.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from server.collector.site import Site
from server.containers.installed import Installed, read_installed
from server.containers.model import TagTypes
from server.errors import ConfigError

WATCH_S = 1.0
REFUSED = "container_file"
"""Under this reason it is counted beside refused hits."""

Seen = dict[str, tuple[int, int, int]]
"""Each file's inode, size and time of change."""
Make = Callable[[Installed], Site]
Swap = Callable[[Mapping[str, Site]], None]

log = logging.getLogger(__name__)


class Watch:
    """One collector's; `make` makes a site of a container, `swap` puts all of them in place."""

    def __init__(
        self,
        folder: Path,
        running: Mapping[str, Installed],
        *,
        types: TagTypes,
        make: Make,
        refusals: Counter[str],
    ) -> None:
        self._folder = folder
        self._types = types
        self._make = make
        self._refusals = refusals
        self._running = dict(running)
        self._seen: Seen = {}
        self.sites = {name: make(one) for name, one in running.items()}

    async def run(self, swap: Swap) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                if await asyncio.to_thread(self.look):
                    swap(self.sites)
            except Exception:  # a collector that cannot look goes on with what it has
                log.exception("the containers cannot be watched")

    def look(self) -> bool:
        """Reads what has changed; whether `sites` are others now."""
        seen = _listing(self._folder)
        changed = [name for name, mark in seen.items() if self._seen.get(name) != mark]
        self._seen = seen
        sites: dict[str, Site] = {}
        for name in changed:
            one = self._read(name)
            if one is not None and one != self._running.get(one.container.id):
                sites[one.container.id] = self._make(one)
                self._running[one.container.id] = one
        self.sites = {**self.sites, **sites}
        return bool(sites)

    def _read(self, name: str) -> Installed | None:
        """What a file holds, if it is sound and may run: what a file of YAML ran that this
        collector does not know was taken away while it started."""
        try:
            one = read_installed(self._folder / name, self._types)
        except ConfigError as error:
            log.error("%s", error)
            self._refusals[REFUSED] += 1
            return None
        return one if one.is_published or one.container.id in self._running else None


def _listing(folder: Path) -> Seen:
    seen: Seen = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".json") and not entry.name.startswith("."):
                stat = entry.stat(follow_symlinks=False)
                seen[entry.name] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
    return seen
