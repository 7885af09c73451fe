"""Follows the drafts of containers, as the follower does what is published: for previews."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from server.containers.installed import Installed, install, read_folder, remove
from server.containers.versions import container_of_draft, version_of_draft
from server.folders import private
from server.pipeline.catalogue import Catalogue
from server.publication import Draft
from server.store.client import Connection
from server.store.publications import find_draft, newest_drafts

log = logging.getLogger(__name__)


class Drafts:
    """The node's folder of drafts; without ClickHouse the last ones stay."""

    def __init__(
        self,
        folder: Path,
        connection: Connection,
        catalogue: Catalogue,
        rename: Callable[[Path, Path], None],
    ) -> None:
        self._folder = private(folder)
        self._connection = connection
        self._catalogue = catalogue
        self._rename = rename
        self._seen: dict[str, str] = {}
        self._take_up()

    def follow(self) -> None:
        """Takes what was saved since, and lets go of what was ended; raises as ClickHouse does."""
        for head in newest_drafts(self._connection):
            if self._seen.get(head.container_id) == head.draft_id:
                continue
            draft = find_draft(self._connection, head.container_id)
            if draft is None:
                self._end(head.container_id)
            elif draft.draft_id == head.draft_id:
                self._take(draft)
            self._seen[head.container_id] = head.draft_id  # last: a full disk is tried again

    def _take_up(self) -> None:
        for path in self._folder.glob(".*"):  # what a crash left half-written
            path.unlink()
        found, _ = read_folder(self._folder, self._catalogue.types)
        for name, one in found.items():
            self._catalogue.take_draft(one)
            self._seen[name] = one.version.publication

    def _take(self, draft: Draft) -> None:
        try:
            container = container_of_draft(draft, self._catalogue.types)
            one = Installed(version=version_of_draft(draft), container=container)
            self._catalogue.take_draft(one)
        except Exception as error:  # what somebody saved must not stop what runs
            log.error("the draft of %s cannot be looked at here: %s", draft.container_id, error)
            return
        install(self._folder, one, rename=self._rename)

    def _end(self, name: str) -> None:
        self._catalogue.drafts.pop(name, None)
        remove(self._folder, name)
