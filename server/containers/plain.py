"""A tree as a file gave it becomes one of plain dicts, lists, texts, numbers, true and false.

YAML can say more than a container may hold: aliases that contain themselves, sets, bytes, numbers
beyond 64 bits, texts that are no Unicode. Here they are told, each with its path. A day becomes its
text, `2026-11-27`, as its writer meant it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

from ruamel.yaml.scalarbool import ScalarBoolean

from server.containers.explain import HOLE, Fault, Hole, Malformed, Path_, shown

MAX_NODES = 20_000
MAX_DEPTH = 32


class Cycle(Enum):
    """Stands for an alias inside of what it stands for."""

    CYCLE = "cycle"


CYCLE = Cycle.CYCLE


class _Walk:
    """What has been seen: how many values, which of them are open, and what is wrong."""

    def __init__(self) -> None:
        self.count = 0
        self.open: set[int] = set()
        self.faults: list[Fault] = []

    def hole(self, path: Path_, text: str) -> Hole:
        """Notes a fault; a hole stands for the value, so that it is told once only."""
        self.faults.append(Fault(path, text))
        return HOLE


def plain(tree: Any) -> tuple[Any, list[Fault]]:
    """The plain tree and its faults, HOLE in their places; raises Malformed beyond MAX_NODES."""
    walk = _Walk()
    return _plain(tree, (), walk), walk.faults


def _plain(node: Any, path: Path_, walk: _Walk) -> Any:
    walk.count += 1
    if walk.count > MAX_NODES:
        raise Malformed([Fault(path, f"too many values, aliases counted; {MAX_NODES} at most")])
    if not isinstance(node, dict | list):
        return _scalar(node, path, walk)
    if id(node) in walk.open:
        return _scalar(CYCLE, path, walk)
    if len(path) > MAX_DEPTH:
        return walk.hole(path, f"nested deeper than {MAX_DEPTH}")
    bare = _bare_placeholder(node)
    if bare:
        return walk.hole(path, bare)
    walk.open.add(id(node))
    copy = _mapping(node, path, walk) if isinstance(node, dict) else _list(node, path, walk)
    walk.open.remove(id(node))
    return copy


def _mapping(node: dict[Any, Any], path: Path_, walk: _Walk) -> dict[str, Any]:
    copy: dict[str, Any] = {}
    for key, value in node.items():
        name = str(key)
        if not isinstance(key, str | int | float) or not _is_clean(name) or name in copy:
            walk.hole((*path, name), "as a key: expected a text of its own, on one line")
        copy[name] = _plain(value, (*path, name), walk)
    return copy


def _bare_placeholder(node: Any) -> str:
    """What to do about `a: {{ event.value }}`, which YAML takes for a mapping as the key of one."""
    keys = [key for key in node if isinstance(key, Mapping)] if isinstance(node, dict) else []
    if not keys:
        return ""
    names = list(keys[0])
    is_alone = len(node) == len(names) == 1 and isinstance(names[0], str)
    text = f'"{{{{ {shown(names[0])} }}}}"' if is_alone else "a text with {{ … }}"
    return f"put {text} in quotes"


def _list(node: list[Any], path: Path_, walk: _Walk) -> list[Any]:
    return [_plain(value, (*path, index), walk) for index, value in enumerate(node)]


def _scalar(node: Any, path: Path_, walk: _Walk) -> Any:
    if node is None or node is HOLE or isinstance(node, bool):
        return node
    if isinstance(node, ScalarBoolean):
        return bool(node)
    if isinstance(node, str):
        return str(node) if _is_unicode(node) else walk.hole(path, "half a surrogate pair")
    if isinstance(node, int):
        if -(2**63) <= node < 2**63:
            return int(node)
        return walk.hole(path, "a number beyond 64 bits; write it in quotes")
    if isinstance(node, float):
        return float(node) if math.isfinite(node) else walk.hole(path, "not a finite number")
    if type(node) is date:
        return node.isoformat()
    if node is CYCLE:
        return walk.hole(path, "an alias that contains itself")
    kind = type(node).__name__.lower()
    return walk.hole(path, f"expected text, number, list or mapping, got {kind}; use quotes")


def _is_clean(name: str) -> bool:
    return _is_unicode(name) and not any(ord(char) < 32 for char in name)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
