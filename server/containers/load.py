"""Containers from a folder of YAML files, one file each; every problem at once, with its place.

tag_configs/demo.yaml:7:3: cookie.mode: Invalid enum value 'maybe'; expected one of …
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from server.containers.explain import Fault, Path_, faults
from server.containers.model import RESERVED_IDS, SELF, Container
from server.errors import ConfigError

MAX_FILE_BYTES = 1024 * 1024
MAX_NODES = 20_000
MAX_NESTING = 200

_BRACKET = re.compile(r"[\[\]{}]")


def load_containers(folder: Path) -> dict[str, Container]:
    """Every `*.yaml` of the folder by container id; raises ConfigError with all problems."""
    problems: list[str] = []
    containers: dict[str, Container] = {}
    paths = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not paths:
        problems.append(f"{folder}: no container (*.yaml) here; copy one from minimal.yaml")
    for path in paths:
        try:
            container = load_container(path)
        except ConfigError as error:
            problems += error.problems
            continue
        if container.id in containers:
            problems.append(f"{path}: id: another file has the id {container.id!r} too")
        containers[container.id] = container
    if problems:
        raise ConfigError(problems)
    return containers


def load_container(path: Path) -> Container:
    """One container; raises ConfigError with all problems of this file."""
    document = _parse(path)
    try:
        tree = _plain(document, [0])
    except (RecursionError, ValueError) as error:
        raise ConfigError([f"{path}: too deep or too many values"]) from error
    found = faults(tree, Container) or list(_meaning(msgspec.convert(tree, Container)))
    if found:
        raise ConfigError(f"{path}:{_place(document, f.path)}: {f}" for f in found)
    return msgspec.convert(tree, Container)


def _parse(path: Path) -> CommentedMap:
    """The YAML 1.2 document; it remembers the line of each key."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ConfigError([f"{path}: larger than {MAX_FILE_BYTES} bytes"])
        text = path.read_text(encoding="utf-8-sig")
        if _nesting(text) > MAX_NESTING:
            raise ConfigError([f"{path}: brackets are nested deeper than {MAX_NESTING}"])
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ConfigError([f"{path}{place}: {error.problem or error.context}"]) from error
    except (YAMLError, OSError, ValueError, RecursionError) as error:
        raise ConfigError([f"{path}: cannot be read: {str(error).splitlines()[0]}"]) from error
    if not isinstance(document, CommentedMap):
        raise ConfigError([f"{path}: expected keys such as `id:` and `sites:`"])
    return document


def _nesting(text: str) -> int:
    """How deep brackets go, quotes not regarded: the parser takes quadratic time in it."""
    level = deepest = 0
    for bracket in _BRACKET.findall(text):
        level += 1 if bracket in "[{" else -1
        deepest = max(deepest, level)
    return deepest


def _plain(node: Any, count: list[int]) -> Any:
    """Plain dicts and lists; counts nodes, since an alias may stand for thousands."""
    count[0] += 1
    if count[0] > MAX_NODES:
        raise ValueError
    if isinstance(node, CommentedMap):
        return {str(key): _plain(value, count) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value, count) for value in node]
    return node


def _place(document: CommentedMap, path: Path_) -> str:
    """`line:column` of the deepest part of the path that is in the file."""
    node: Any = document
    line, column = 0, 0
    for part in path:
        try:
            line, column = node.lc.item(part) if isinstance(part, int) else node.lc.key(part)
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return f"{line + 1}:{column + 1}"


def _meaning(container: Container) -> Iterator[Fault]:
    """What the types cannot say."""
    if container.id in RESERVED_IDS:
        yield Fault(("id",), f"{container.id!r} is a path of the collector's own")
    if container.timezone not in available_timezones():
        yield Fault(("timezone",), f"{container.timezone!r} is not an IANA time zone")
    for index, site in enumerate(container.sites):
        if site != SELF and not _is_origin(site):
            yield Fault(
                ("sites", index),
                f"{site!r} is not an origin; expected https://www.example.com, without a path",
            )


def _is_origin(site: str) -> bool:
    try:
        parts = urlsplit(site)
        bare = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bare == site
