"""A container as YAML with comments: the same tree gives the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from server.containers.explain import Path_, shown

MAX_COMMENT = 78
_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*")
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ROUND = str.maketrans("{}[]", "()()")
_STEP = "  "

Comments = Mapping[Path_, list[str]]
"""Above the key at a path."""


def write(tree: Mapping[str, Any], comments: Comments) -> str:
    """The document's text."""
    return "\n".join(_mapping(tree, (), "", comments)) + "\n"


def _mapping(tree: Mapping[str, Any], path: Path_, pad: str, comments: Comments) -> Iterator[str]:
    for key, value in tree.items():
        here = (*path, key)
        for comment in comments.get(here, ()):
            yield from _comment(comment, pad)
        yield from _entry(f"{pad}{_scalar(key)}:", value, here, comments)


def _entry(head: str, value: Any, path: Path_, comments: Comments) -> Iterator[str]:
    pad = " " * (len(head) - len(head.lstrip())) + _STEP
    if isinstance(value, dict) and value:
        yield head
        yield from _mapping(value, path, pad, comments)
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        yield head
        for index, one in enumerate(value):
            yield from _element(one, (*path, index), pad, comments)
    else:
        yield f"{head} {_flow(value)}"


def _element(one: Any, path: Path_, pad: str, comments: Comments) -> Iterator[str]:
    if not isinstance(one, dict) or not one:
        yield f"{pad}- {_flow(one)}"
        return
    lines = list(_mapping(one, path, pad + _STEP, comments))
    yield f"{pad}- {lines[0].lstrip()}"
    yield from lines[1:]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if _WORD.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _comment(text: str, pad: str) -> Iterator[str]:
    """Lines of a comment; whatever the text holds, it stays a comment."""
    line = ""
    if any(text.count(one) != text.count(other) for one, other in ("{}", "[]")) or len(text) > 1000:
        text = text.translate(_ROUND)  # the reader counts brackets, those of comments too
    for word in "".join(shown(text[at : at + 80]) for at in range(0, len(text), 80)).split():
        if line and len(line) + len(word) >= MAX_COMMENT:
            yield f"{pad}#{line}"
            line = ""
        line += f" {word}"
    yield f"{pad}#{line}"
