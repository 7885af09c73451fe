"""Where commands read a container from: what is live, a version, the draft, a file."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import Struct
from msgspec.structs import replace

from server.cli.publishing import DRAFT, FILE, draft_of, source_of
from server.containers.load import read_container
from server.containers.model import Container
from server.containers.versions import container_of
from server.destinations import tag_types
from server.errors import FreeholdError
from server.publication import Environment
from server.settings import Settings
from server.store.client import Connection
from server.studio import publish as studio

LIVE = "live"


class Source(Struct, frozen=True, kw_only=True):
    """Where a container is read from."""

    settings: Settings
    connection: Connection
    name: str

    def of(self, side: str, path: Path | None = None) -> tuple[Container, str]:
        """The container of `live`, `file`, `draft` or a number, and what to call it."""
        if side == LIVE:
            running = studio.running(self.connection, self.name, Environment.LIVE)
            container, told = self.of(str(running.version) if running else "file")
            return container, f"live, {told}"
        if side.isdecimal() and int(side):
            version = studio.version_of(self.connection, self.name, int(side))
            version = replace(version, environment=Environment.LIVE)
            return container_of(version, tag_types()), f"version {side}"
        if side == DRAFT:
            source, told = draft_of(self.connection, self.name), "the draft"
        elif side in FILE:
            source = source_of(self.settings, self.name, path)
            told = str(path) if path else "the file"
        else:
            raise click.BadParameter(f"{side!r}: expected a number, `draft`, `file` or `live`")
        container = read_container(source, f"{self.name}, {side}", tag_types())
        if container.id != self.name:
            raise click.ClickException(f"{told} is of {container.id!r}, not of {self.name!r}")
        return replace(container, version=0), told

    def version(self, number: int) -> Container | None:
        """What a version number was; of 0 nobody knows more than the file as it is now."""
        try:
            return self.of(str(number))[0]
        except (FreeholdError, click.ClickException):
            return None
