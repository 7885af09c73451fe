"""Watches the node's folder of containers and swaps what the collector serves, between two hits.

    data/containers/*.json ──a listing each second──▶ read and made in a thread ──▶ swapped at once

The hot path sees none of it: a hit looks its site up in a dict, and finds the old one or the new
one. What is not sound is told and counted, and the last one stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from server.collector.site import Site, with_draft
from server.containers.installed import DRAFTS, Installed, read_installed
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
        self._types = types
        self._make = make
        self._refusals = refusals
        self._running = dict(running)
        self._live, self._drafted = Folder(folder), Folder(folder / DRAFTS)
        self._drafts: dict[str, Site] = {}
        self._plain = {name: make(one) for name, one in running.items()}
        """Sites without their drafts."""
        self.sites: dict[str, Site] = dict(self._plain)
        self.look()

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
        changed: set[str] = set()
        for path in self._live.changed():
            one = self._read(path, self._live) if path.exists() else None
            if one is not None and self._may_run(one) and one != self._running.get(path.stem):
                self._plain[path.stem] = self._make(one)
                self._running[path.stem] = one
                changed.add(path.stem)
        for path in self._drafted.changed():
            one = self._read(path, self._drafted) if path.exists() else None
            self._drafts.pop(path.stem, None)
            if one is not None:
                self._drafts[path.stem] = self._make(one)
            changed.add(path.stem)
        sites = {
            name: with_draft(self._plain[name], self._drafts.get(name))
            for name in changed & self._plain.keys()
        }
        self.sites = {**self.sites, **sites}
        return bool(sites)

    def _may_run(self, one: Installed) -> bool:
        """What a file of YAML ran that this collector does not know was taken away meanwhile."""
        return one.is_published or one.container.id in self._running

    def _read(self, path: Path, folder: Folder) -> Installed | None:
        """What a file holds, if it is sound."""
        try:
            return read_installed(path, self._types)
        except ConfigError as error:
            log.error("%s", error)
            self._refusals[REFUSED] += 1
            if isinstance(error.__cause__, OSError):  # not the file's fault: look again
                folder.forget(path)
            return None


class Folder:
    """Knows which of a folder's files have changed since it was asked last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: Seen = {}

    def changed(self) -> list[Path]:
        """Files that are new, others, or gone."""
        seen = _listing(self._folder)
        names = [name for name in {**self._seen, **seen} if self._seen.get(name) != seen.get(name)]
        self._seen = seen
        return [self._folder / name for name in sorted(names)]

    def forget(self, path: Path) -> None:
        """It counts as changed at the next look."""
        self._seen.pop(path.name, None)


def _listing(folder: Path) -> Seen:
    seen: Seen = {}
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".json") and not entry.name.startswith("."):
                stat = entry.stat(follow_symlinks=False)
                seen[entry.name] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
    return seen
