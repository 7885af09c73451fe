"""Values with `{{ event.… }}` or `{{ variable }}` in them: compiled once, filled for each event.

    "{{ event.nums.x }}"      alone: the value itself, a number, list, mapping or text
    "sku-{{ event.name }}"    in a longer text: as text; what is missing is empty
    "https://a.example/{{ … }}"  in an address: percent-encoded (address.py)
    "$secret.NAME"            alone: stays a name until the moment of sending

A placeholder that stands alone and finds nothing takes its key or list element with it. A text that
an event has a part in ends at MAX_TEXT_BYTES. There is no code in a container, only looking up.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from msgspec import Struct

from server.containers.address import escaped
from server.containers.explain import HOLE, Fault, Malformed, Path_, shown
from server.containers.lookup import (
    MAX_TEXT_BYTES,
    NO_NAMES,
    SECRET,
    Names,
    bounded,
    reader,
    text_of,
)
from server.containers.plain import plain
from server.containers.scope import MISSING, Read, Scope

MAX_PLACEHOLDERS = 50
"""In one text."""
MAX_ALL_PLACEHOLDERS = 200
"""In one tree: what filling it can cost is bounded by the event's size."""

LOWER_CASE = "a secret's name is in capitals: $secret.NAME, with A-Z, 0-9 and _"

_SECRET = re.compile(r"\$secret\.([A-Z][A-Z0-9_]{0,63})")
_ALMOST_SECRET = re.compile(r"\$secret\.[A-Za-z][A-Za-z0-9_]{0,63}")


class Compiled(Struct, frozen=True, kw_only=True):
    """A tree, ready to be filled."""

    read: Read
    placeholders: tuple[str, ...]
    """What it looks at: `event.props.colour`."""


class _Same(Struct, frozen=True):
    """A part in which nothing has to be read."""

    value: Any


_Part = Read | _Same


class _Work(Struct, kw_only=True):
    """What compiling one tree has found so far."""

    texts: Collection[Path_]
    urls: Collection[str]
    names: Names
    faults: list[Fault]
    placeholders: list[str]


def compile_value(
    tree: Any,
    texts: Collection[Path_] = (),
    urls: Collection[str] = (),
    names: Names = NO_NAMES,
) -> Compiled:
    """The tree, ready to be filled; raises Malformed with all faults. At the paths in `texts` a
    placeholder that stands alone gives text, whatever it looks at; under the keys in `urls` texts
    are addresses."""
    tree, faults = plain(tree)
    work = _Work(texts=texts, urls=urls, names=names, faults=faults, placeholders=[])
    read = _reading(_node(tree, (), work))
    if len(work.placeholders) > MAX_ALL_PLACEHOLDERS:
        found = f"{len(work.placeholders)} placeholders; {MAX_ALL_PLACEHOLDERS} at most"
        work.faults.append(Fault((), found))
    if work.faults:
        raise Malformed(work.faults)
    return Compiled(read=read, placeholders=tuple(work.placeholders))


def compile_at(key: str, tree: Any, names: Names) -> Compiled:
    """The tree under a key of a variable's, ready; raises Malformed, with the key in its paths."""
    try:
        return compile_value(tree, names=names)
    except Malformed as error:
        raise Malformed(fault.under(key) for fault in error.faults) from error


def fill(compiled: Compiled, scope: Scope) -> Any:
    """The tree with the event's values; MISSING when it is one placeholder that has none."""
    return compiled.read(scope)


def holed(tree: Any) -> Any:
    """The plain tree with HOLE for every text that an event or a secret completes."""
    if isinstance(tree, dict):
        return {key: holed(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [holed(value) for value in tree]
    return HOLE if isinstance(tree, str) and ("{{" in tree or SECRET in tree) else tree


def is_secret(value: Any) -> bool:
    """Whether a value is the name of a secret."""
    return isinstance(value, str) and _SECRET.fullmatch(value) is not None


def is_almost_secret(value: Any) -> bool:
    """Whether a value would be the name of a secret, were it in capitals."""
    is_named = isinstance(value, str) and _ALMOST_SECRET.fullmatch(value) is not None
    return is_named and not is_secret(value)


def secret_places(tree: Any, path: Path_ = ()) -> Iterator[tuple[str, Path_]]:
    """Every secret's name that a tree holds, with the path to it."""
    if isinstance(tree, dict | list):
        for part, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from secret_places(value, (*path, part))
    elif is_secret(tree):
        yield tree.removeprefix(SECRET), path


def secrets_of(tree: Any) -> set[str]:
    """The names of the secrets that a tree asks for."""
    return {name for name, _ in secret_places(tree)}


def _node(tree: Any, path: Path_, work: _Work) -> _Part:
    if isinstance(tree, str):
        return _text(tree, path, work)
    if isinstance(tree, dict):
        for key in tree:
            if "{{" in key or SECRET in key:
                work.faults.append(Fault((*path, key), "as a key: no placeholders, no secrets"))
        return _mapping({key: _node(child, (*path, key), work) for key, child in tree.items()})
    if isinstance(tree, list):
        return _list([_node(child, (*path, index), work) for index, child in enumerate(tree)])
    return _Same(tree)


def _mapping(parts: dict[str, _Part]) -> _Part:
    """A copy of what is always the same, in the container's order, and what has to be read."""
    same = {k: part.value if isinstance(part, _Same) else None for k, part in parts.items()}
    reads = [(key, part) for key, part in parts.items() if not isinstance(part, _Same)]
    if not reads:
        return _Same(same)

    def read(scope: Scope) -> dict[str, Any]:
        filled = same.copy()
        for key, part in reads:
            value = part(scope)
            if value is MISSING:
                del filled[key]
            else:
                filled[key] = value
        return filled

    return read


def _list(parts: list[_Part]) -> _Part:
    if all(isinstance(part, _Same) for part in parts):
        return _Same([part.value for part in parts if isinstance(part, _Same)])
    reads = [_reading(part) for part in parts]
    return lambda scope: [value for read in reads if (value := read(scope)) is not MISSING]


def _reading(part: _Part) -> Read:
    if not isinstance(part, _Same):
        return part
    value = part.value
    if isinstance(value, dict | list):
        return lambda _: value.copy()  # the outermost one is the delivery's own
    return lambda _: value


def _text(text: str, path: Path_, work: _Work) -> _Part:
    try:
        parts = list(_parts(text))
        reads = [part if is_static else reader(part, work.names) for part, is_static in parts]
    except ValueError as error:
        work.faults.append(Fault(path, str(error)))
        return lambda _: MISSING
    work.placeholders += [part for part, is_static in parts if not is_static]
    if all(isinstance(part, str) for part in reads):
        return _Same(text)
    if path and path[0] in work.urls:
        return _address(reads)
    only = reads[0] if len(reads) == 1 else None
    if callable(only):
        return _written(reads, nothing=MISSING) if path in work.texts else only
    return _written(reads, nothing="")


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Static texts (True) and what stands between braces (False); raises ValueError."""
    if is_almost_secret(text):
        raise ValueError(LOWER_CASE)
    if SECRET in text and not is_secret(text):
        raise ValueError(
            "a secret stands alone, as $secret.NAME with A-Z, 0-9 and _; "
            "what belongs around it, such as `Bearer `, goes into the secret"
        )
    if text.count("{{") > MAX_PLACEHOLDERS:
        raise ValueError(f"{text.count('{{')} placeholders; {MAX_PLACEHOLDERS} at most")
    if "{{" in text and len(text.encode()) > MAX_TEXT_BYTES:
        raise ValueError(f"a text with placeholders has {MAX_TEXT_BYTES} bytes at most")
    at = 0
    while (start := text.find("{{", at)) >= 0:
        end = text.find("}}", start)
        if end < 0:
            raise ValueError(f"`{shown(text[start:])}`: `{{{{` without `}}}}`")
        if text[at:start]:
            yield text[at:start], True
        yield text[start + 2 : end].strip(), False
        at = end + 2
    if text[at:] or not text:
        yield text[at:], True


def _written(parts: list[str | Read], *, nothing: Any) -> Read:
    """A text of static parts and values; `nothing` stands for an empty one."""

    def read(scope: Scope) -> Any:
        text = ""
        for part in parts:
            text += part if isinstance(part, str) else text_of(part(scope))
        return bounded(text) if text else nothing

    return read


def _address(parts: list[str | Read]) -> Read:
    """An address; empty, so that it is not asked, when it becomes too long: a part of it is
    another address."""

    def read(scope: Scope) -> Any:
        text = ""
        for part in parts:
            text += part if isinstance(part, str) else escaped(text_of(part(scope)))
        return text if len(text) <= MAX_TEXT_BYTES else ""

    return read
