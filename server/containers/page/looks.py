"""What a page knows of an event, and where it looks for it.

    event.title            [0, "title", …]
    event.props.plan       [1, "plan", …]
    event.path             [0, "url", a pattern whose two brackets, joined, are the value]
    {type: constant, …}    nothing: the value is known already

What the collector finds out (places, visits, channels, devices, bots) no page knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from server.containers.explain import shown
from server.containers.lookup import text_of
from server.containers.model import Variable
from server.containers.model.variable import (
    Address,
    Constant,
    DataLayer,
    EventField,
    Part,
    Referrer,
    Running,
    Version,
)

MAX_DEPTH = 16
UNKNOWN = "which a page does not know"
PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")

ROOTS = ("event", "props", "page", "consent", "purposes")
"""What the page's script looks into, by number."""
ALL = "()()"
"""Finds nothing and takes nothing away."""
_ADDRESS = r"^([^?#]*(?:\?[^#]+)?)"
_BEFORE_PATH = r"^(?:[A-Za-z][\w+.-]*:)?(?:\/\/[^\/?#]*)?"
_BEFORE_HOST = r"^https?:\/\/(?:[^\/?#]*@)?"
_HOST = r"(\[[0-9a-f:.]+\]|[^\/?#:]*?)()\.?(?=[\/?#:]|$)"
_FIELDS: Mapping[str, tuple[str, str, str]] = {
    **{name: ("event", name, "") for name in ("name", "title")},
    **{name: ("props", name, "") for name in ("value", "currency", "transaction_id")},
    "event_id": ("event", "id", ""),
    "language": ("page", "lang", ""),
    "referrer": ("event", "referrer", _ADDRESS + "()"),
    "url": ("event", "url", _ADDRESS + r"\??(#[\/!][\s\S]*)?"),
    "host": ("event", "url", _BEFORE_HOST + _HOST),
    "path": ("event", "url", _BEFORE_PATH + r"([^?#]*)(?:\?[^#]*)?(#[\/!][^?]*)?"),
}
"""Column → where the page has it, and which part of that: a fragment that is a route belongs to
the address, another one does not."""
_PARTS: Mapping[Part, str] = {
    Part.SCHEME: r"^([A-Za-z][\w+.-]*)():",
    Part.HOST: _BEFORE_HOST + r"(?:www\.)?" + _HOST,
    Part.PATH: _BEFORE_PATH + "([^?#]*)()",
    Part.EXTENSION: _BEFORE_PATH + r"(?:[^?#]*\/)?[^\/?#]*\.([^.\/?#]*)()(?=[?#]|$)",
    Part.QUERY: r"^[^?#]*\?([^#]*)()",
    Part.FRAGMENT: r"^[^#]*#([\/!][\s\S]*)()",
}
_INSTEAD = {
    "query": "look at `event.url`, or at a variable of `type: url` with `part: query`",
    "nums": "look at `event.props.…`: texts that are numbers compare as numbers",
}
_PROPS_ELSEWHERE = {name: f"event.{name}" for name in ("value", "currency", "transaction_id")}
_SHAPES = ("trim", "when_true", "when_false", "kind", "case", "hash")
_NAMELESS = frozenset(
    {"__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"}
    | {"toLocaleString", "toString", "valueOf", "items"}
)
"""Names that every object has already; and lines of an order, of which the collector makes more."""


class Look(Struct, frozen=True, kw_only=True):
    """Where the page finds a value."""

    root: str = ""
    key: str = ""
    pattern: str = ""
    """Of the text there, what its brackets find."""
    default: str = ""
    constant: str | None = None
    """Known beforehand: nothing is looked up."""

    @property
    def tree(self) -> list[Any]:
        """As the page's script reads it: what the pattern finds is replaced by its brackets, so a
        pattern fits the whole text, whatever it is."""
        pattern = rf"{self.pattern}[\s\S]*$|^[\s\S]*$" if self.pattern else ALL
        return [ROOTS.index(self.root), self.key, pattern, self.default]

    @property
    def is_amount(self) -> bool:
        """Whether the collector takes it for a number only."""
        return (self.root, self.key) == ("props", "value")


class Known(Struct, frozen=True, kw_only=True):
    """What is known of the container beside the event."""

    variables: Mapping[str, Variable]
    version: int = 0
    environment: str = "live"
    currency: str = ""


def look_at(name: str, known: Known, depth: int = 0) -> Look:
    """Where a page finds what a placeholder names; raises ValueError with why it does not."""
    variable = known.variables.get(name)
    if variable is None:
        return _field(name, known)
    if depth > MAX_DEPTH:
        raise ValueError(f"`{shown(name)}` needs too many others")
    shape = next((word for word in _SHAPES if getattr(variable, word)), None)
    if shape is not None:
        word = "as" if shape == "kind" else shape
        raise ValueError(f"variable {name} has `{word}`: a page takes a value as it is")
    look = _look(name, variable, known, depth)
    if variable.default is None:
        return look
    default = text_of(variable.default)
    if look.constant is not None:
        return replace(look, constant=look.constant or default)
    return replace(look, default=default)


def _field(name: str, known: Known) -> Look:
    root, _, rest = name.partition(".")
    column, dot, key = rest.partition(".")
    if root != "event" or (dot and column != "props"):
        raise ValueError(_unknown(name, column))
    if column == "props" and key in _PROPS_ELSEWHERE:
        raise ValueError(f"`{name}` is `{_PROPS_ELSEWHERE[key]}`")
    if column == "props" and key and key not in _NAMELESS:
        return Look(root="props", key=key)
    if column not in _FIELDS:
        raise ValueError(_unknown(name, column))
    root, key, pattern = _FIELDS[column]
    default = known.currency if column == "currency" else ""
    return Look(root=root, key=key, pattern=pattern, default=default)


def _unknown(name: str, column: str) -> str:
    told = _INSTEAD.get(column, "")
    return f"`{shown(name)}`, {UNKNOWN}{': ' if told else ''}{told}"


def _look(name: str, variable: Any, known: Known, depth: int) -> Look:
    """Of a variable, before its default."""
    found = _OF.get(type(variable))
    if found is None:
        raise ValueError(f"variable {name}, {UNKNOWN}")
    return found(variable, known, depth)


def _event_field(variable: EventField, known: Known, _: int) -> Look:
    return _field(f"event.{variable.field.removeprefix('event.')}", known)


def _address(variable: Address, known: Known, depth: int) -> Look:
    match = PLACEHOLDER.fullmatch(variable.of.strip())
    if match is None:
        raise ValueError(f"an address `{shown(variable.of)}`, {UNKNOWN}")
    of = look_at(match[1], known, depth + 1)
    is_page = (of.root, of.key) == ("event", "url")
    if of.constant is not None or of.default or (of.pattern and not is_page):
        raise ValueError(f"a part of `{shown(variable.of)}`, {UNKNOWN}")
    return of if variable.part is Part.HREF else _part(of, variable)


def _referrer(variable: Referrer, known: Known, _: int) -> Look:
    of = _field("event.referrer", known)
    return of if variable.part is Part.HREF else _part(of, variable)


def _part(of: Look, variable: Address | Referrer) -> Look:
    if variable.key is not None:
        told = f"ask `event.url` with `matches: [?&]{shown(variable.key)}=…`"
        raise ValueError(f"the value of a parameter, which a page tag does not decode: {told}")
    if variable.part not in _PARTS:
        raise ValueError(f"an address's {variable.part}, {UNKNOWN}")
    return Look(root=of.root, key=of.key, pattern=_PARTS[variable.part])


def _data_layer(variable: DataLayer, known: Known, _: int) -> Look:
    path = variable.path.removeprefix("ecommerce.")
    if "." in path:
        raise ValueError(f"`{shown(variable.path)}`, a value inside of another, {UNKNOWN}")
    column = "name" if path == "event" else path
    is_column = path == "event" or path == "event_id" or path in _PROPS_ELSEWHERE
    return _field(f"event.{column}" if is_column else f"event.props.{column}", known)


_OF: Mapping[type, Callable[[Any, Known, int], Look]] = {
    EventField: _event_field,
    Address: _address,
    Referrer: _referrer,
    DataLayer: _data_layer,
    Constant: lambda variable, *_: Look(constant=text_of(variable.value)),
    Version: lambda _, known, __: Look(constant=str(known.version)),
    Running: lambda _, known, __: Look(constant=known.environment),
}

_SYNTAX = re.compile(r"[\^$\\.*+?()\[\]{}|/]")


def literal(text: str) -> str:
    """A text as a JavaScript pattern that finds just it."""
    return _SYNTAX.sub(r"\\\g<0>", text)
