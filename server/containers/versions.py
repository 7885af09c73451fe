"""A version or a draft becomes the container that runs; what is wrong with it is a ConfigError."""

from __future__ import annotations

from msgspec.structs import replace

from server.containers.load import read_container
from server.containers.model import Container, TagTypes
from server.errors import ConfigError
from server.publication import SUFFIX, Draft, Environment, Version, running_id

MAX_ID = 32


def container_of(version: Version, types: TagTypes | None = None) -> Container:
    """The container as it runs in its environment, with its version's number."""
    name = f"{version.container_id} version {version.version}"
    container = _named(version.container_id, version.source, name, types)
    check_id(version.container_id, version.environment)
    return replace(container, id=version.running_id, version=version.version)


def version_of_draft(draft: Draft) -> Version:
    """A draft as a node keeps it: a version without a number, known by the draft's id."""
    return Version(
        container_id=draft.container_id,
        version=0,
        publication=draft.draft_id,
        published_at=draft.saved_at,
        author=draft.author,
        source=draft.source,
    )


def container_of_draft(draft: Draft, types: TagTypes | None = None) -> Container:
    """The container as it would run. No version handles what it handles: its number is 0."""
    source, name = draft.source, f"{draft.container_id}, draft"
    return replace(_named(draft.container_id, source, name, types), version=0)


def check_id(container_id: str, environment: Environment) -> None:
    """Raises ConfigError where two containers would have one name, or one a name too long."""
    if container_id.endswith(SUFFIX):
        raise ConfigError(
            [f"id: {container_id!r} is what the environment staging of another would be called"]
        )
    if len(running_id(container_id, environment)) > MAX_ID:
        most = MAX_ID - len(SUFFIX)
        raise ConfigError([f"id: {container_id!r} has more than {most} characters, too long for a "
                           f"staging environment, which adds {SUFFIX}"])  # fmt: skip


def _named(container_id: str, source: str, name: str, types: TagTypes | None) -> Container:
    container = read_container(source, name, types)
    if container.id != container_id:
        raise ConfigError([f"{name}: id: expected {container_id!r}, found {container.id!r}"])
    return container
