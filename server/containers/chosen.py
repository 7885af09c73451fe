"""Which containers a node runs when it starts, of those on its disk and those in the files.

published, on the node's disk  ──▶  runs, whatever the file says
never published                ──▶  the file runs, as version 0
its file is broken             ──▶  what the node ran before goes on; if there is nothing, the
                                    node does not start; a process that is started again does,
                                    with the others
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from server.containers.document import read_source
from server.containers.installed import Installed, read_folder
from server.containers.load import read_container
from server.containers.model import Container, TagTypes
from server.errors import ConfigError
from server.publication import Version

_ID = re.compile(r"""^id:[ \t]*["']?([a-z][a-z0-9-]{2,31})\b""", re.M)

log = logging.getLogger(__name__)


class _Files(Struct):
    """What the YAML files say."""

    sound: dict[str, Installed]
    broken: dict[str, list[str]]
    """What is wrong, by the id of the container that it seems to be."""
    problems: list[str]
    """What is wrong and cannot be told to be of a container."""


class Chosen(Struct):
    """What runs on this node, by id, and what is wrong with files that nothing stands in for."""

    running: dict[str, Installed]
    problems: list[str]


def choose(folder: Path, files: Path, types: TagTypes) -> dict[str, Installed]:
    """What runs on this node, by id, of its own folder and the folder of YAML files. Raises
    ConfigError with what is wrong with files, unless something stands in for each."""
    chosen = choose_sound(folder, files, types)
    if chosen.problems:
        raise ConfigError(chosen.problems)
    return chosen.running


def go_on(folder: Path, files: Path, types: TagTypes) -> dict[str, Installed]:
    """The same for a process that is started again: a file that somebody is just writing keeps no
    other container from running."""
    chosen = choose_sound(folder, files, types)
    for problem in chosen.problems:
        log.error("%s; it does not run", problem)
    return chosen.running


def choose_sound(folder: Path, files: Path, types: TagTypes) -> Chosen:
    """All that can run; raises ConfigError when nothing can."""
    installed, damage = read_folder(folder, types)
    found = _read(files, types)
    chosen = {name: one for name, one in installed.items() if one.is_published}
    for name, one in found.sound.items():
        chosen.setdefault(name, one)
    for name, problems in found.broken.items():
        if name in installed:
            chosen.setdefault(name, installed[name])
            damage += [f"{text}; version {chosen[name].version.version} runs" for text in problems]
        elif name in chosen:  # another file has it
            damage += problems
        else:
            found.problems += problems
    for text in damage:
        log.error("%s", text)
    if not chosen:
        nothing = f"{files}: no container (*.yaml) here; copy one from minimal.yaml"
        raise ConfigError(found.problems or [nothing])
    return Chosen(running=chosen, problems=found.problems)


def from_file(container: Container, source: str, path: Path) -> Installed:
    """A file's container: it runs as version 0."""
    version = Version(
        container_id=container.id,
        version=0,
        publication="",
        published_at=0,
        author=path.name,
        source=source,
    )
    return Installed(version=version, container=replace(container, version=0))


def claimed_id(source: str) -> str:
    """The id that a YAML text seems to have, whatever else is wrong with it; empty: none."""
    found = _ID.search(source)
    return found[1] if found else ""


def _read(folder: Path, types: TagTypes) -> _Files:
    found = _Files({}, {}, [])
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        source = ""
        try:
            source = read_source(path)
            container = read_container(source, str(path), types)
        except ConfigError as error:
            name = claimed_id(source)
            if name:
                found.broken.setdefault(name, []).extend(error.problems)
            else:
                found.problems += error.problems
            continue
        if container.id in found.sound:
            found.problems.append(f"{path}: id: another file has the id {container.id!r} too")
            continue
        found.sound[container.id] = from_file(container, source, path)
    return found
