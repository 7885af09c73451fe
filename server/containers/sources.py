"""Where each type of variable takes its value from.

A source never raises and does no more work than the event is long: patterns are RE2, tables are
looked up by hash, and what the visitor chose is cut before it is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Struct

from server.containers.explain import Fault, Malformed
from server.containers.lookup import Names, bounded, reader, text_of, typed
from server.containers.model.variable import (
    Address,
    Constant,
    DataLayer,
    EventField,
    FirstParty,
    Header,
    ItemValues,
    Lookup,
    Part,
    Patterns,
    Random,
    Referrer,
    Running,
    Variable,
    Version,
    VisitorField,
    Who,
    Written,
)
from server.containers.patterns import pattern_table
from server.containers.plain import plain
from server.containers.scope import MISSING, Read, Scope
from server.containers.values import Compiled, compile_at
from server.model import NO_VISITOR

MAX_QUERY_FIELDS = 200
MAX_STEPS = 12
_COLUMNS = {
    "event": "name",
    **{name: name for name in ("event_id", "user_id", "value", "currency", "transaction_id")},
    "items": "items",
}
"""What of a push is not among the props."""
_PORTS = {"http": "80", "https": "443"}
_DEEP = msgspec.json.Decoder()


class Runtime(Struct, frozen=True, kw_only=True):
    """What a container knows of how it runs."""

    version: int = 0
    environment: str = "live"


def source(name: str, variable: Variable, names: Names, runtime: Runtime) -> Compiled:
    """How the variable is read, before it is shaped, and what it looks at; raises Malformed."""
    if isinstance(variable, Written):
        return compile_at("value", variable.value, names)
    if isinstance(variable, Lookup):
        return _lookup(variable, names)
    if isinstance(variable, Patterns):
        return pattern_table(variable, names)
    if isinstance(variable, Address):
        return _address(variable, names)
    return Compiled(read=_plain_source(name, variable, runtime), placeholders=())


def _plain_source(name: str, variable: Any, runtime: Runtime) -> Read:
    """Of those that look at no other variable."""
    if isinstance(variable, Version | Running):
        same = runtime.version if isinstance(variable, Version) else runtime.environment
        return lambda _: same
    if isinstance(variable, Random):
        return _random(name, variable)
    return _SOURCES[type(variable)](variable)


def _constant(variable: Constant) -> Read:
    value, faults = plain(variable.value)
    if faults:
        raise Malformed(fault.under("value") for fault in faults)
    return lambda _: value


def _field(variable: EventField) -> Read:
    try:
        return reader(f"event.{variable.field.removeprefix('event.')}")
    except ValueError as error:
        raise Malformed([Fault(("field",), str(error))]) from error


def _header(variable: Header) -> Read:
    name = variable.name
    return lambda scope: bounded(scope.beside.headers.get(name, ""))


def _cookie(variable: FirstParty) -> Read:
    name = variable.name
    return lambda scope: bounded(scope.beside.cookies.get(name, ""))


def _referrer(variable: Referrer) -> Read:
    part = address_part(variable.part, variable.key)
    return lambda scope: part(scope.event.referrer)


def _address(variable: Address, names: Names) -> Compiled:
    compiled = compile_at("of", variable.of, names)
    part = address_part(variable.part, variable.key)
    if variable.of.strip() == "{{ event.url }}":
        return Compiled(read=lambda scope: part(scope.event.url), placeholders=())
    read = compiled.read
    return Compiled(
        read=lambda scope: part(text_of(read(scope))), placeholders=compiled.placeholders
    )


def _random(name: str, variable: Random) -> Read:
    least, count = variable.least, variable.most - variable.least + 1
    if count < 1:
        raise Malformed([Fault(("to",), "expected no less than `from`")])
    salt = name.encode()

    def read(scope: Scope) -> int:
        digest = hashlib.blake2b(scope.event.event_id.encode(), digest_size=8, key=salt)
        return least + int.from_bytes(digest.digest()) % count

    return read


def _who(variable: Who) -> Read:
    if variable.field is VisitorField.VISITOR_ID:
        return lambda scope: _unless(scope.event.visitor_id, NO_VISITOR)
    if variable.field is VisitorField.IS_NEW:
        return lambda scope: scope.event.session_number == 1 if scope.event.session_id else MISSING
    if variable.field is VisitorField.USER_ID:
        return reader("event.user_id")
    read = reader(f"event.{variable.field}")
    return lambda scope: _unless(read(scope), 0)


def _unless(value: Any, nothing: Any) -> Any:
    return MISSING if value == nothing else value


def _items(variable: ItemValues) -> Read:
    key = variable.key
    lines = reader("event.items")

    def read(scope: Scope) -> Any:
        found = [_of_item(line, key) for line in lines(scope)]
        return [value for value in found if value is not MISSING] or MISSING

    return read


def _of_item(line: dict[str, Any], key: str) -> Any:
    if key in line:
        return line[key]
    props: dict[str, Any] = line.get("props", {})
    return props.get(key, MISSING)


def _data_layer(variable: DataLayer) -> Read:
    """The collector keeps a push as props, amounts and items apart: this looks in the right one."""
    path = variable.path.removeprefix("ecommerce.").split(".")
    if len(path) > MAX_STEPS:
        raise Malformed([Fault(("path",), f"{len(path)} parts; {MAX_STEPS} at most")])
    if not path[0]:
        raise Malformed([Fault(("path",), "expected such as user.plan: it begins with nothing")])
    first, rest = path[0], path[1:]
    found = reader(f"event.{_COLUMNS[first]}" if first in _COLUMNS else f"event.props.{first}")
    if not rest:
        return found
    return lambda scope: _dig(found(scope), rest)


def _dig(value: Any, path: list[str]) -> Any:
    if isinstance(value, str):
        try:
            value = _DEEP.decode(value)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return MISSING
    for part in path:
        if isinstance(value, dict):
            value = value.get(part, MISSING)
        elif isinstance(value, list) and part.isascii() and part.isdecimal() and len(part) < 6:
            value = value[int(part)] if int(part) < len(value) else MISSING
        else:
            return MISSING
    return typed(value)


def _lookup(variable: Lookup, names: Names) -> Compiled:
    compiled = compile_at("input", variable.input, names)
    fold = str.casefold if variable.ignore_case else str
    values = {key: _entry(key, value, names) for key, value in variable.table.items()}
    table = {fold(key): value.read for key, value in values.items()}
    looks = [name for value in values.values() for name in value.placeholders]
    look = compiled.read

    def read(scope: Scope) -> Any:
        found = table.get(fold(text_of(look(scope))))
        return MISSING if found is None else found(scope)

    return Compiled(read=read, placeholders=(*compiled.placeholders, *looks))


def _entry(key: str, value: Any, names: Names) -> Compiled:
    try:
        return compile_at(key, value, names)
    except Malformed as error:
        raise Malformed(fault.under("table") for fault in error.faults) from error


def address_part(part: Part, key: str | None) -> Callable[[str], Any]:
    """How to take a part of an address; raises Malformed for a key without a query."""
    if key is not None and part is not Part.QUERY:
        raise Malformed([Fault(("key",), "only with `part: query`")])
    if key is not None:
        return lambda address: bounded(_parameter(address, key))
    take = _PARTS[part]

    def read(address: str) -> Any:
        try:
            return bounded(take(address))
        except ValueError:
            return MISSING

    return read


def _parameter(address: str, key: str) -> str:
    try:
        query = urlsplit(address).query
        if key not in query and "%" not in query and "+" not in query:
            return ""
        fields = parse_qsl(query, errors="replace", max_num_fields=MAX_QUERY_FIELDS)
    except ValueError:
        return ""
    return next((text for name, text in fields if name == key), "")


def _port(address: str) -> str:
    parts = urlsplit(address)
    return str(parts.port) if parts.port else _PORTS.get(parts.scheme, "")


def _extension(address: str) -> str:
    leaf = urlsplit(address).path.rpartition("/")[2]
    return leaf.rpartition(".")[2] if "." in leaf else ""


_PARTS: dict[Part, Callable[[str], str]] = {
    Part.HREF: str,
    Part.SCHEME: lambda address: urlsplit(address).scheme,
    Part.HOST: lambda address: (urlsplit(address).hostname or "").removeprefix("www."),
    Part.PORT: _port,
    Part.PATH: lambda address: urlsplit(address).path,
    Part.EXTENSION: _extension,
    Part.QUERY: lambda address: urlsplit(address).query,
    Part.FRAGMENT: lambda address: urlsplit(address).fragment,
}
_SOURCES: dict[type, Callable[[Any], Read]] = {
    EventField: _field,
    Referrer: _referrer,
    FirstParty: _cookie,
    Header: _header,
    Constant: _constant,
    Who: _who,
    DataLayer: _data_layer,
    ItemValues: _items,
}
