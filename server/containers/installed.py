"""The containers that a node has on its disk: what it runs when nobody can be asked.

    data/containers/shop.json          what runs as `shop`: a published version, else the file's
                    drafts/shop.json   its draft, for previews

A file is the SHA-256 of the rest in its first line, then JSON: the version with its YAML, and the
container that the pipeline made of it, so that collectors need not parse YAML. It is written beside
its place, synced and renamed, so it is whole or not there; what is not whole is never used.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from server.containers.checks import check
from server.containers.model import Container, TagTypes
from server.containers.versions import container_of
from server.errors import ConfigError
from server.publication import Version

DRAFTS = "drafts"
MAX_BYTES = 16 * 1024 * 1024


class Installed(Struct, frozen=True, kw_only=True):
    """A version, and the container that it is."""

    version: Version
    container: Container

    @property
    def is_published(self) -> bool:
        """Whether it was published, and is not what a file says."""
        return self.version.version > 0


class _File(Struct, frozen=True, kw_only=True):
    version: Version
    container: Raw


def install(folder: Path, installed: Installed, *, rename: Callable[[Path, Path], None]) -> None:
    """Puts a file into its place, whole or not at all; `rename` is `os.replace`, but for tests."""
    body = msgspec.json.encode(installed)
    path = folder / f"{installed.container.id}.json"
    draft = folder / f".{installed.container.id}.{os.getpid()}"
    with open(draft, "wb", opener=_private) as file:
        file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        file.flush()
        os.fsync(file.fileno())
    rename(draft, path)
    sync_folder(folder)


def read_installed(path: Path, types: TagTypes) -> Installed:
    """What a file holds, checked again; raises ConfigError with what is wrong with it."""
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    digest, _, body = text.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise ConfigError([f"{path}: not whole, or changed by somebody; it is not used"])
    try:
        held = msgspec.json.decode(body, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError([f"{path}: {error}"]) from error
    container = _container(held, types)
    if container.id != path.stem:
        raise ConfigError([f"{path}: is of the container {container.id!r}"])
    return Installed(version=held.version, container=container)


def read_folder(folder: Path, types: TagTypes) -> tuple[dict[str, Installed], list[str]]:
    """All that is sound in a folder, by the id that it runs as, and what is wrong with the rest."""
    found: dict[str, Installed] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            found[path.stem] = read_installed(path, types)
        except ConfigError as error:
            problems += error.problems
    return found, problems


def remove(folder: Path, name: str) -> None:
    """Takes a file away, if it is there."""
    (folder / f"{name}.json").unlink(missing_ok=True)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Until this, a power cut can undo a rename."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _container(held: _File, types: TagTypes) -> Container:
    """As it was made; anew from its YAML if another Freehold made it."""
    try:
        container = msgspec.json.decode(held.container, type=Container)
        if not check(msgspec.to_builtins(container), types):
            return container
    except msgspec.DecodeError:
        pass
    return container_of(held.version, types)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
