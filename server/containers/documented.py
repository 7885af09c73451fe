"""What the types of a container say of themselves: each key with its type, default and meaning.

A struct keeps the docstrings below its fields in its source alone; they are read from there, so
that schema and reference page never say anything else than the code.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET, Struct
from msgspec.structs import FieldInfo, fields


class Key(Struct, frozen=True, kw_only=True):
    """One key of a mapping."""

    name: str
    kind: Any
    about: str
    default: Any = UNSET
    """UNSET: the key has to be there."""


def keys_of(kind: type[Struct]) -> list[Key]:
    """The keys of a struct, in the order in which a file would have them."""
    about = _about_fields(kind)
    found = [
        Key(
            name=info.encode_name,
            kind=info.type,
            about=about.get(info.name) or _about_choice(info.type),
            default=_default(info),
        )
        for info in fields(kind)
    ]
    tag = kind.__struct_config__.tag
    return [Key(name="type", kind=Literal[tag], about=""), *found] if tag else found


def about(kind: type) -> str:
    """The docstring of a type, on one line."""
    return " ".join((inspect.getdoc(kind) or "").split())


def structs_in(kind: Any) -> Iterator[type[Struct]]:
    """The structs that a type is made of, itself first; each may come again."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield kind
        return
    for inner in get_args(kind):
        if not isinstance(inner, msgspec.Meta):
            yield from structs_in(inner)


def all_structs(kind: type[Struct]) -> list[type[Struct]]:
    """A struct and all that it is made of, each once, outer ones first."""
    found: dict[type[Struct], None] = {kind: None}
    waiting = [kind]
    while waiting:
        for info in fields(waiting.pop(0)):
            for inner in structs_in(info.type):
                if inner not in found:
                    found[inner] = None
                    waiting.append(inner)
    return list(found)


def choices_of(kind: Any) -> list[str]:
    """The words that a type allows, if it allows only some."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    if get_origin(kind) is Literal:
        return [str(choice) for choice in get_args(kind)]
    return []


def type_words(kind: Any) -> str:
    """A type as a marketer would say it."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        marks = [mark for mark in inner[1:] if isinstance(mark, msgspec.Meta)]
        described = [mark.description for mark in marks if mark.description]
        return f"{type_words(inner[0])}: {described[0]}" if described else _bounded(inner[0], marks)
    if choices_of(kind):
        return " or ".join(f"`{choice}`" for choice in choices_of(kind))
    if origin in (Union, UnionType):
        arms = [type_words(arm) for arm in inner if arm is not type(None)]
        return " or ".join(dict.fromkeys(arms)) if len(arms) < 6 else "mapping, by its `type`"
    if origin is list:
        return f"list of {type_words(inner[0])}"
    if origin is dict:
        return "mapping"
    words = {str: "text", bool: "true or false", int: "whole number", float: "number", Any: "any"}
    return words.get(kind, "mapping")


def _bounded(kind: Any, marks: list[msgspec.Meta]) -> str:
    for mark in marks:
        least = mark.ge if mark.ge is not None else mark.gt
        if least is not None and mark.le is not None:
            more = "more than " if mark.gt is not None else ""
            return f"{type_words(kind)}, {more}{least:,} to {mark.le:,}"
    return type_words(kind)


def _default(info: FieldInfo) -> Any:
    if info.default is not NODEFAULT:
        return info.default
    return UNSET if info.default_factory is NODEFAULT else info.default_factory()


@cache
def _about_fields(kind: type) -> dict[str, str]:
    """The docstrings below a struct's fields, those of its bases too."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if base is not Struct and isinstance(base, type) and issubclass(base, Struct):
            found |= _own_about(base)
    return found


def _own_about(kind: type) -> dict[str, str]:
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(node, ast.ClassDef)
    found = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        is_text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text:
            found[field.target.id] = " ".join(str(below.value.value).split())  # type: ignore[attr-defined]
    return found


def _about_choice(kind: Any) -> str:
    """Of a field without words: those of its type, if it has one of ours."""
    for inner in (kind, *get_args(kind)):
        is_ours = isinstance(inner, type) and inner.__module__.startswith("server.containers.model")
        if is_ours:
            return about(inner)
    return ""
