"""Every fault of a document against a struct type, where msgspec alone stops at the first.

It converts, notes the fault, takes the faulty part out and converts again, until nothing is left.
"""

from __future__ import annotations

import copy
import difflib
import re
from typing import Any

import msgspec

Path_ = tuple[str | int, ...]

MAX_FAULTS = 50
MISSING = "missing"
STAND_INS: tuple[Any, ...] = ("stand-in", ["self"], {}, 1, True, None)
_AT = re.compile(r"(?s)(.*?)(?: - at `(key in )?\$(.*)`)?$")
_PART = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\[(\.\.\.)\]")
_FIELD = re.compile(r"field `(.+)`")


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, and the path of keys and indexes to it."""

    path: Path_
    text: str

    def __str__(self) -> str:
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return f"{where.lstrip('.')}: {self.text}" if where else self.text


def faults(tree: Any, kind: type[msgspec.Struct]) -> list[Fault]:
    """All faults of plain dicts and lists against a struct type; MAX_FAULTS at most."""
    rest = copy.deepcopy(tree)
    found: list[Fault] = []
    while len(found) < MAX_FAULTS:
        fault = _first(rest, kind)
        if fault is None:
            break
        if not any(other.path[: len(fault.path)] == fault.path for other in found):
            found.append(fault)
        _take_out(rest, fault.path, missing=fault.text == MISSING, kind=kind)
    return found


def _first(tree: Any, kind: type[msgspec.Struct]) -> Fault | None:
    try:
        msgspec.convert(tree, kind)
    except msgspec.ValidationError as error:
        return _fault(str(error), kind)
    return None


def _take_out(
    tree: Any, path: tuple[Any, ...], *, missing: bool, kind: type[msgspec.Struct]
) -> None:
    """Makes the tree convert past the fault: the part goes, or something stands in for it."""
    node, last = tree, path[-1]
    for part in path[:-1]:
        node = node[part]
    if not missing and (isinstance(node, list) or last in node):
        del node[last]
        return
    for stand_in in STAND_INS:
        node[last] = stand_in
        after = _first(tree, kind)
        if after is None or after.path[: len(path)] != path:
            return


def _fault(message: str, kind: type[msgspec.Struct]) -> Fault:
    match = _AT.match(message)
    text, _, where = match.groups() if match else (message, None, None)
    path: Path_ = tuple(
        int(index) if index else name for name, index, _ in _PART.findall(where or "")
    )
    field = _FIELD.search(text)
    if field and text.startswith("Object contains unknown"):
        near = difflib.get_close_matches(field[1], _words(kind), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return Fault((*path, field[1]), f"no such key{hint}")
    if field and text.startswith("Object missing"):
        return Fault((*path, field[1]), MISSING)
    return Fault(path, text[:1].lower() + text[1:])


def _words(kind: type[msgspec.Struct]) -> list[str]:
    """Every key that the type and the structs inside it know."""
    known: dict[type[msgspec.Struct], None] = {}
    _collect(msgspec.inspect.type_info(kind), known)
    return [name for struct in known for name in struct.__struct_fields__]


def _collect(info: Any, known: dict[type[msgspec.Struct], None]) -> None:
    if isinstance(info, msgspec.inspect.StructType):
        if info.cls not in known:
            known[info.cls] = None
            for field in info.fields:
                _collect(field.type, known)
        return
    for inner in (getattr(info, name, None) for name in ("item_type", "value_type")):
        if inner is not None:
            _collect(inner, known)
    for inner in getattr(info, "types", ()):
        _collect(inner, known)
