"""Every fault of a tree against a struct type, where msgspec alone stops at the first.

    tree, kind ──part by part──▶ Fault(path, what was expected, the nearest right word)

A part that only an event will give is a HOLE: it fits everywhere, and what is around it is checked.
A pattern is told by its type's `Meta(description=…)`, if it has one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

Path_ = tuple[str | int, ...]

MAX_FAULTS = 50
MAX_SHOWN = 80
MISSING = "missing"
_AT = re.compile(r"(?s) - at `.*`$")
_MAPPINGS: tuple[Any, ...] = (dict, Mapping)
_SEQUENCES: tuple[Any, ...] = (list, tuple, set, frozenset, Sequence)


class Hole(Enum):
    """Stands for a value that only an event, or a secret, will give."""

    HOLE = "hole"


HOLE = Hole.HOLE


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, and the path of keys and indexes to it."""

    path: Path_
    text: str

    def __str__(self) -> str:
        return f"{spelled(self.path)}: {self.text}" if self.path else self.text

    def under(self, *path: str | int) -> Fault:
        """The same fault, seen from further out."""
        return Fault((*path, *self.path), self.text)


class Malformed(ValueError):
    """What was to be compiled has faults; paths begin at what was handed in."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))


def spelled(path: Path_) -> str:
    """`tags.ga4.with.items[2]`, on one line and not too long."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in path)
    return "".join(parts).lstrip(".")


def shown(text: str) -> str:
    """A text as it can stand in a line, cut where it is long."""
    text = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was most likely meant; empty: none is near."""
    near = difflib.get_close_matches(word, list(known), n=1) if len(word) <= MAX_SHOWN else []
    return near[0] if near else ""


def hint(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?`, or nothing when no known word is near."""
    near = nearest(word, known)
    return f"; did you mean {near}?" if near else ""


def faults(tree: Any, kind: Any) -> list[Fault]:
    """All faults of plain dicts and lists against a type; MAX_FAULTS at most."""
    return list(islice(_walk(tree, kind, ()), MAX_FAULTS))


def text_places(tree: Any, kind: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The paths of the holes where only text fits, so that a number has to be written out."""
    if tree is HOLE:
        takes_text = "got `str`" not in _refusal("", kind)
        if takes_text and "got `int`" in _refusal(1, kind):
            yield path
        return
    for part, child, child_kind in _children(tree, kind):
        yield from text_places(child, child_kind, (*path, part))


def _walk(value: Any, kind: Any, path: Path_) -> Iterator[Fault]:
    if value is HOLE:
        return
    inner = False
    for fault in _inside(value, kind, path):
        inner = True
        yield fault
    if inner:
        return
    if _has_hole(value):
        refusal = _refusal(type(value)(), kind)
        told = refusal if "got `" in refusal else _own_refusal(value, _arm(value, kind))
    else:
        told = _told(value, kind)
    if told:
        yield Fault(path, told)


def _inside(value: Any, kind: Any, path: Path_) -> Iterator[Fault]:
    """The faults of the keys, then of the parts that have a type of their own."""
    arm = _arm(value, kind)
    if isinstance(value, dict) and arm is None and tags_of(kind):
        yield from (fault.under(*path) for fault in _tag_faults(value, tags_of(kind)))
    if isinstance(value, dict) and arm is not None:
        key_faults = _field_faults if _is_struct(arm) else _name_faults
        yield from (fault.under(*path) for fault in key_faults(value, arm))
    for part, child, child_kind in _children(value, kind):
        yield from _walk(child, child_kind, (*path, part))


def _field_faults(value: dict[str, Any], kind: type[msgspec.Struct]) -> Iterator[Fault]:
    known = [field.encode_name for field in _fields(kind)]
    for key in value:
        if key not in known and key != kind.__struct_config__.tag_field:
            yield Fault((key,), f"no such key{hint(key, known)}")
    for field in _fields(kind):
        if field.required and field.encode_name not in value:
            yield Fault((field.encode_name,), MISSING)


def tags_of(kind: Any) -> dict[str, type[msgspec.Struct]]:
    """The structs of a union that are told apart by `type`, by that word."""
    arms = get_args(kind) if get_origin(kind) in (Union, UnionType) else ()
    tagged = [arm for arm in arms if _is_struct(arm) and arm.__struct_config__.tag is not None]
    return {arm.__struct_config__.tag: arm for arm in tagged}


def _tag_faults(value: dict[str, Any], tags: dict[str, Any]) -> Iterator[Fault]:
    given = value.get("type")
    known = ", ".join(tags)
    if "type" not in value:
        yield Fault(("type",), f"{MISSING}; one of {known}")
    else:
        near = hint(str(given), tags)
        yield Fault(("type",), f"{shown(str(given))!r} is not one of {known}{near}")


def _name_faults(value: dict[str, Any], kind: Any) -> Iterator[Fault]:
    for key in value:
        told = _told(key, get_args(kind)[0])
        if told:
            yield Fault((key,), f"as a name: {told}")


def _children(value: Any, kind: Any) -> Iterator[tuple[str | int, Any, Any]]:
    """Each part of a mapping or list with its key or index and its own type."""
    arm = _arm(value, kind)
    if _is_struct(arm):
        for field in _fields(arm):
            if field.encode_name in value:
                yield field.encode_name, value[field.encode_name], field.type
    elif get_origin(arm) in _MAPPINGS:
        for key, child in value.items():
            yield key, child, get_args(arm)[1]
    elif get_origin(arm) in _SEQUENCES and (
        get_origin(arm) is not tuple or get_args(arm)[-1] is Ellipsis
    ):
        for index, child in enumerate(value):
            yield index, child, get_args(arm)[0]


def _arm(value: Any, kind: Any) -> Any:
    """The one alternative of a type that has the value's shape; None: there are none or several."""
    if get_origin(kind) is Annotated:
        return _arm(value, get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        if isinstance(value, dict) and tags_of(kind):
            given = value.get("type")
            return tags_of(kind).get(given) if isinstance(given, str) else None
        arms = [arm for arm in (_arm(value, inner) for inner in get_args(kind)) if arm is not None]
        return arms[0] if len(arms) == 1 else None
    is_mapping = _is_struct(kind) or get_origin(kind) in _MAPPINGS
    if isinstance(value, dict):
        return kind if is_mapping else None
    if isinstance(value, list):
        return kind if get_origin(kind) in _SEQUENCES else None
    return None


def _refusal(value: Any, kind: Any) -> str:
    """Why msgspec does not take a value; empty: it does."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message = _AT.sub("", str(error))
        if message.startswith("Invalid enum value"):
            choices = list(_choices(kind))
            return f"{shown(str(value))!r} is not one of {', '.join(choices)}" + hint(
                str(value), choices
            )
        return message[:1].lower() + message[1:]
    return ""


def _own_refusal(value: dict[str, Any], kind: Any) -> str:
    """What a struct's own `__post_init__` has against values of the right types; with a hole among
    them it may not be able to say."""
    if not _is_struct(kind):
        return ""
    given = {
        f.name: (value[f.encode_name], f.type) for f in _fields(kind) if f.encode_name in value
    }
    try:
        kind(**{n: v if _has_hole(v) else msgspec.convert(v, t) for n, (v, t) in given.items()})
    except ValueError as error:
        return str(error)
    except (TypeError, AttributeError, LookupError):
        return ""
    return ""


def _told(value: Any, kind: Any) -> str:
    """Why msgspec does not take a value, in words for a marketer; empty: it does."""
    refusal = _refusal(value, kind)
    if "matching regex" in refusal:
        words = next(_descriptions(kind), "")
        return f"expected {words}" if words else refusal
    if isinstance(value, str) and refusal.startswith("expected `array"):
        return f"expected a list, such as [{shown(value)}]"
    return refusal.replace("`bool`", "true or false")


def _descriptions(kind: Any) -> Iterator[str]:
    for mark in getattr(kind, "__metadata__", ()):
        if isinstance(mark, msgspec.Meta) and mark.description:
            yield mark.description
    for inner in get_args(kind):
        yield from _descriptions(inner)


def _choices(kind: Any) -> Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        yield from (str(member.value) for member in kind)
    elif get_origin(kind) is Literal:
        yield from (str(choice) for choice in get_args(kind))
    elif get_origin(kind) in (Annotated, Union, UnionType):
        for inner in get_args(kind):
            yield from _choices(inner)


def _has_hole(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_hole(child) for child in value.values())
    if isinstance(value, list):
        return any(_has_hole(child) for child in value)
    return value is HOLE


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[FieldInfo, ...]:
    return fields(kind)
