"""Containers from a folder of YAML files, one file each; every problem at once, with its place.

tag_configs/demo.yaml:7:3: cookie.mode: 'maybe' is not one of consent, exempt, always, never
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from server.containers.checks import check
from server.containers.document import parse_document, place, read_source
from server.containers.explain import Fault, Malformed, spelled
from server.containers.model import Container, TagTypes
from server.containers.plain import plain
from server.containers.values import secret_places
from server.errors import ConfigError


def load_containers(folder: Path, types: TagTypes | None = None) -> dict[str, Container]:
    """Every `*.yaml` of the folder by container id; raises ConfigError with all problems."""
    problems: list[str] = []
    containers: dict[str, Container] = {}
    paths = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not paths:
        problems.append(f"{folder}: no container (*.yaml) here; copy one from minimal.yaml")
    for path in paths:
        try:
            container = load_container(path, types)
        except ConfigError as error:
            problems += error.problems
            continue
        if container.id in containers:
            problems.append(f"{path}: id: another file has the id {container.id!r} too")
        containers[container.id] = container
    if problems:
        raise ConfigError(problems)
    return containers


def load_container(path: Path, types: TagTypes | None = None) -> Container:
    """The container of a file; raises ConfigError with all its problems. Without types, tags are
    not checked against destinations."""
    return read_container(read_source(path), str(path), types)


def read_container(text: str, name: str, types: TagTypes | None = None) -> Container:
    """The container of a YAML text; raises ConfigError with all problems, in its order, each with
    the text's name and the place in it."""
    document = parse_document(text, name)
    try:
        tree, found = plain(document)
    except Malformed as error:
        tree, found = {}, error.faults
    else:
        known = {fault.path for fault in found}
        found += [fault for fault in check(tree, types) if fault.path not in known]
    if found:
        placed = sorted(((place(document, fault.path), fault) for fault in found), key=_first)
        raise ConfigError(f"{name}:{line}:{column}: {f}" for (line, column), f in placed)
    return msgspec.convert(tree, Container)


def secrets_needed(container: Container) -> dict[str, list[str]]:
    """Each secret's name, with the places that use it: `tags.ga4.with.api_secret`."""
    places: dict[str, list[str]] = {}
    for tag_name, tag in container.tags.items():
        for secret, path in secret_places(tag.settings, ("tags", tag_name, "with")):
            places.setdefault(secret, []).append(spelled(path))
    return places


def _first(placed: tuple[tuple[int, int], Fault]) -> tuple[int, int]:
    return placed[0]
