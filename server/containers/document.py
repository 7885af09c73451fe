"""A container's file as YAML 1.2, with the place of each key.

YAML 1.1 would take `on:` for True. What YAML itself refuses is one ConfigError; all else is left to
those who know what a container is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from server.containers.explain import Path_
from server.containers.plain import CYCLE
from server.errors import ConfigError

MAX_FILE_BYTES = 1024 * 1024
MAX_NESTING = 200

_BRACKET = re.compile(r"[\[\]{}]")


class _Constructor(RoundTripConstructor):
    """Says where an alias contains itself; ruamel.yaml makes it null in silence."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        if node in self.recursive_objects and node not in self.constructed_objects:
            return CYCLE
        return super().construct_object(node, deep)


def read_source(path: Path) -> str:
    """The text of a file; raises ConfigError."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ConfigError([f"{path}: larger than {MAX_FILE_BYTES} bytes"])
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    except ValueError as error:
        raise ConfigError([f"{path}: cannot be read: {str(error).splitlines()[0]}"]) from error


def parse_document(text: str, name: str) -> CommentedMap:
    """The YAML 1.2 document; it remembers the line of each key. Raises ConfigError, which calls it
    by its name."""
    if _nesting(text) > MAX_NESTING:
        raise ConfigError([f"{name}: brackets are nested deeper than {MAX_NESTING}"])
    try:
        yaml = YAML(typ="rt")
        yaml.Constructor = _Constructor
        document = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        near = text.splitlines()[max(mark.line - 1, 0) : mark.line + 1] if mark else []
        hint = "; put a text with {{ … }} in quotes" if any("{{" in line for line in near) else ""
        raise ConfigError([f"{name}{place}: {error.problem or error.context}{hint}"]) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise ConfigError([f"{name}: cannot be read: {str(error).splitlines()[0]}"]) from error
    except (AttributeError, TypeError, LookupError, AssertionError, NotImplementedError) as error:
        odd = "an alias or `<<` inside itself, or a tag such as `!!set`"
        raise ConfigError([f"{name}: cannot be read: look for {odd}"]) from error
    if not isinstance(document, CommentedMap):
        raise ConfigError([f"{name}: expected keys such as `id:` and `sites:`"])
    return document


def _nesting(text: str) -> int:
    """How deep brackets go, quotes not regarded: the parser takes quadratic time in it."""
    level = deepest = 0
    for bracket in _BRACKET.findall(text):
        level += 1 if bracket in "[{" else -1
        deepest = max(deepest, level)
    return deepest


def place(document: CommentedMap, path: Path_) -> tuple[int, int]:
    """Line and column of the deepest part of the path that is in the file."""
    node: Any = document
    line, column = 0, 0
    for part in path:
        try:
            line, column = node.lc.item(part) if isinstance(part, int) else node.lc.key(part)
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line + 1, column + 1
