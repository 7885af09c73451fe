"""Where the keys are, and the containers that run, by the settings."""

from __future__ import annotations

from pathlib import Path

from server.settings import Settings


def passwords_file(settings: Settings) -> Path:
    """Where the embedded ClickHouse's passwords are; outside the engine's own folder."""
    return keys_folder(settings) / "clickhouse"


def keys_file(settings: Settings) -> Path:
    """Where the key ring of the visitors' cookies is."""
    return keys_folder(settings) / "cookie"


def seal_file(settings: Settings) -> Path:
    """Where the key is that seals what is personal in the spools."""
    return keys_folder(settings) / "person"


def keys_folder(settings: Settings) -> Path:
    """Where all keys are; on another disk than the data, if the operator says so."""
    return private(settings.keys or settings.data / "keys")


def containers_folder(settings: Settings) -> Path:
    """Where the containers are that this node runs."""
    return private(settings.data / "containers")


def links_folder(settings: Settings) -> Path:
    """Where it is noted which links were used between the brand's sites."""
    return private(settings.data / "links")


def private(folder: Path) -> Path:
    """A folder that its owner alone can enter; made, with those above it, where it is missing."""
    for missing in reversed([folder, *folder.parents]):
        missing.mkdir(exist_ok=True, mode=0o700)
    return folder
