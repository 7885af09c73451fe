"""Follows what is published: asks ClickHouse each second, and runs what is new on this node.

    container_versions ──newest──▶ read, check, compile ──▶ catalogue ──▶ data/containers/shop.json
                                        │                   (sorter)     (collectors, in a second)
                                        └─ wrong: told and counted; the last one goes on

The sorter knows a container before any collector does, so that no hit meets a stranger. Without
ClickHouse the last ones stay.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from server.containers.installed import DRAFTS, Installed, install, read_folder, remove
from server.containers.versions import container_of
from server.errors import FreeholdError
from server.pipeline.catalogue import Catalogue
from server.pipeline.drafts import Drafts
from server.pipeline.state import STATE_FILE, State
from server.publication import running_id
from server.store.client import Connection
from server.store.publications import Head, find_version, newest_versions

FOLLOW_PAUSE_S = 1.0
FOLLOW_TIMEOUT_S = 20
TOLD_AFTER = 5
"""Failures in a row, a second apart."""
REFUSED = "containers.refused"
"""How many published versions this node would not run."""

log = logging.getLogger(__name__)


class Follower:
    """One question and its consequences at a time."""

    def __init__(
        self,
        data: Path,
        folder: Path,
        *,
        connection: Connection,
        catalogue: Catalogue,
        rename: Callable[[Path, Path], None] = os.replace,
    ) -> None:
        self._state = State(data / STATE_FILE)
        self._folder = folder
        self._connection = connection
        self._catalogue = catalogue
        self._rename = rename
        self._refused: dict[str, str] = {}
        self._failures = 0
        self._written: dict[str, Installed] | None = None
        self._drafts = Drafts(folder / DRAFTS, connection, catalogue, rename)

    def step(self) -> int:
        """Runs what was published since; returns 0, for a look each second is enough."""
        if self._written is None:
            self._written = self._tidied()
            for name in self._catalogue.running:
                self._write(name)
        try:
            for head in newest_versions(self._connection):
                self._follow(head)
            self._drafts.follow()  # last: one that the disk does not take must hold up no version
        except FreeholdError as error:
            self._failures += 1
            if self._failures == TOLD_AFTER:  # at the very first start there are no tables yet
                log.warning(
                    "what is published cannot be asked, the last containers stay: %s", error
                )
            return 0
        if self._failures >= TOLD_AFTER:
            log.info("what is published can be asked again")
        self._failures = 0
        return 0

    def close(self) -> None:
        """Lets go of the connection and the state."""
        self._connection.close()
        self._state.close()

    def _follow(self, head: Head) -> None:
        name = running_id(head.container_id, head.environment)
        now = self._catalogue.running.get(name)
        is_new = now is None or now.version.publication != head.publication
        if is_new and self._refused.get(name) != head.publication:
            version = find_version(self._connection, head.container_id, head.version)
            if version is None or version.publication != head.publication:
                return  # somebody was faster: the next look tells
            try:
                one = Installed(
                    version=version, container=container_of(version, self._catalogue.types)
                )
                self._catalogue.take(one)
            except Exception as error:  # what is published must not stop what runs
                self._refuse(head, error)
                return
            log.info("container %s runs version %d by %s", name, version.version, version.author)
        self._write(name)

    def _refuse(self, head: Head, error: Exception) -> None:
        name = running_id(head.container_id, head.environment)
        self._refused[name] = head.publication
        log.error("version %d of %s is not run here: %s", head.version, name, error)
        with self._state.transaction():
            self._state.add({REFUSED: 1})

    def _write(self, name: str) -> None:
        """Puts what runs on the disk, unless it is there; a full disk is tried again."""
        assert self._written is not None
        one = self._catalogue.running.get(name)
        if one is not None and self._written.get(name) != one:
            install(self._folder, one, rename=self._rename)
            self._written[name] = one

    def _tidied(self) -> dict[str, Installed]:
        """What is on the disk at the start, without what a crash left half-written, and without
        what a file ran that is gone."""
        for path in self._folder.glob(".*"):
            path.unlink()
        written, problems = read_folder(self._folder, self._catalogue.types)
        for text in problems:
            log.error("%s", text)
        for name in set(written) - set(self._catalogue.running):
            remove(self._folder, name)
            del written[name]
        return written
