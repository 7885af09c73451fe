"""The tokens of links that were used on this node, and by which page load: data/links.

Each is a symbolic link that leads nowhere: `<id> -> <page load>`. Such a one is made by one process
alone, and whole or not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

from server.clock import MINUTE_MS

KEPT_MS = 10 * MINUTE_MS
"""Longer than a token is believed."""
SWEEP_S = 60

log = logging.getLogger(__name__)


class UsedLinks:
    """A folder of them; every collector of a node has the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def use(self, id_: str, page: str) -> bool:
        """Whether nobody has used it, but perhaps this same page load, whose hit is sent again when
        it was not answered; from now on it is used. Raises OSError."""
        path = self._folder / id_
        try:
            path.symlink_to(page)
        except FileExistsError:
            return os.readlink(path) == page
        return True

    def sweep(self, now: int) -> None:
        """Forgets those whose time is over; raises OSError."""
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):  # another collector was first
                    if entry.stat(follow_symlinks=False).st_mtime * 1000 < now - KEPT_MS:
                        os.unlink(entry)

    async def run(self, now: Callable[[], int]) -> None:
        """Sweeps once a minute, in a thread, until it is cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await asyncio.to_thread(self.sweep, now())
            except OSError as error:
                log.warning("used links cannot be forgotten: %s", error)
