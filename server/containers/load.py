"""Containers from a folder of YAML files, one file each; every problem at once, with its place.

tag_configs/demo.yaml:7:3: cookie.mode: 'maybe' is not one of consent, exempt, always, never
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace
from ruamel.yaml.comments import CommentedMap

from server.containers.checks import check
from server.containers.document import parse_document, place, read_source
from server.containers.explain import Fault, Malformed, spelled
from server.containers.linked import link_faults
from server.containers.lint import notes, warnings
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
    return _checked(parse_document(text, name), name, types)


def _checked(document: CommentedMap, name: str, types: TagTypes | None) -> Container:
    try:
        tree, found = plain(document)
    except Malformed as error:
        tree, found = {}, error.faults
    else:
        known = {fault.path for fault in found}
        found += [fault for fault in check(tree, types) if fault.path not in known]
    if found:
        raise ConfigError(_placed(document, name, found))
    return msgspec.convert(tree, Container)


class Findings(Struct, frozen=True, kw_only=True):
    """All that is to be said of one container, each with its place."""

    container: Container | None = None
    """None: it has errors."""
    document: CommentedMap | None = None
    """The text as it was read, for the places in it."""
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def lint_container(text: str, name: str, types: TagTypes | None = None) -> Findings:
    """What is wrong with the container of a YAML text, what is most likely a mistake, and what is
    good to know."""
    try:
        document = parse_document(text, name)
        container = _checked(document, name, types)
    except ConfigError as error:
        return Findings(errors=list(error.problems))
    return Findings(
        container=container,
        document=document,
        warnings=_placed(document, name, warnings(container, types)),
        notes=_placed(document, name, notes(container)),
    )


def lint_links(found: Findings, name: str, others: Iterable[Container]) -> Findings:
    """The same, with what is most likely a mistake in how a container and others link."""
    if found.container is None or found.document is None:
        return found
    told = _placed(found.document, name, link_faults(found.container, others))
    return replace(found, warnings=[*found.warnings, *told])


def _placed(document: CommentedMap, name: str, found: Iterable[Fault]) -> list[str]:
    """Faults with their places, in the order of the text."""
    placed = sorted(((place(document, fault.path), fault) for fault in found), key=_first)
    return [f"{name}:{line}:{column}: {fault}" for (line, column), fault in placed]


def secrets_needed(container: Container) -> dict[str, list[str]]:
    """Each secret's name, with the places that use it: `tags.ga4.with.api_secret`."""
    places: dict[str, list[str]] = {}
    for tag_name, tag in container.tags.items():
        for secret, path in secret_places(tag.settings, ("tags", tag_name, "with")):
            places.setdefault(secret, []).append(spelled(path))
    return places


def _first(placed: tuple[tuple[int, int], Fault]) -> tuple[int, int]:
    return placed[0]
