"""What is wrong with a tag that types cannot say: its triggers, its destination, its settings."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from server.containers.address import address_fault, stand_in
from server.containers.explain import HOLE, Fault, Malformed, Path_, faults, hint, shown
from server.containers.gate import compile_gates
from server.containers.lookup import SECRET, Names
from server.containers.match import UTC
from server.containers.model import Schedule, TagType, TagTypes
from server.containers.values import (
    LOWER_CASE,
    compile_value,
    holed,
    is_almost_secret,
    is_secret,
)

IN_CLEAR = (
    "a secret in clear: write $secret.NAME and set FREEHOLD_SECRET_NAME, or put it into a file"
)

_CREDENTIALS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "api-key", "apikey", "auth-token"}
    | {"x-api-key", "x-apikey", "x-auth-token", "x-access-token", "x-auth", "x-token"}
)


class Known(Struct, frozen=True, kw_only=True):
    """What a container's parts may name."""

    names: Names
    """Variables."""
    triggers: Collection[str]
    groups: Collection[str]
    """Those of the triggers that are groups."""
    tags: Collection[str]
    folders: Collection[str]
    types: TagTypes | None


def tag_faults(_: str, raw: dict[str, Any], known: Known) -> Iterator[Fault]:
    """What is wrong with a tag as it is written."""
    for key in ("fires_on", "except"):
        yield from unknown(raw, key, "trigger", known.triggers)
    type_, kind = raw.get("type"), None
    if known.types is not None and isinstance(type_, str):
        kind = known.types.get(type_)
        if kind is None:
            near = hint(type_, known.types)
            near = near or f"; there are {shown(', '.join(sorted(known.types)))}"
            yield Fault(("type",), f"no destination {shown(type_)!r}{near}")
    yield from schedule_faults(raw)
    for fault in _settings_faults(raw.get("with", {}), kind, known.names):
        yield fault.under("with")


def schedule_faults(raw: dict[str, Any]) -> Iterator[Fault]:
    """Days that do not exist, and an end before the beginning."""
    try:
        compile_gates(msgspec.convert(raw.get("schedule"), Schedule | None), None, UTC)
    except msgspec.ValidationError:
        return
    except Malformed as error:
        yield from error.faults


def unknown(raw: dict[str, Any], key: str, kind: str, names: Collection[str]) -> Iterator[Fault]:
    """What a list names that is not there."""
    for index, name in texts(raw.get(key)):
        if name not in names:
            there = f"; there are {shown(', '.join(names))}" if names else ""
            yield Fault((key, index), f"no {kind} {shown(name)!r}{hint(name, names) or there}")


def texts(raw: Any) -> Iterator[tuple[int, str]]:
    """The texts of a list, with their places."""
    for index, text in enumerate(raw if isinstance(raw, list) else ()):
        if isinstance(text, str):
            yield index, text


def mapping(raw: Any) -> dict[str, Any]:
    """A mapping, or an empty one in place of what is none."""
    return raw if isinstance(raw, dict) else {}


def all_texts(node: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    """Every text in a tree, with the path to it."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, dict | list):
        for part, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from all_texts(child, (*path, part))


def _settings_faults(settings: Any, kind: TagType | None, names: Names) -> Iterator[Fault]:
    """What is in clear comes first: no other fault of the same key may show it."""
    if not isinstance(settings, dict):
        return
    if kind:
        yield from _in_clear(settings, kind)
    try:
        compile_value(settings, names=names)
    except Malformed as error:
        yield from error.faults
    if kind:
        yield from _address_faults(settings, kind)
        yield from faults(_as_filled(settings, kind), kind.config)


def _in_clear(settings: dict[str, Any], kind: TagType) -> Iterator[Fault]:
    for name, given in settings.items():
        if name in kind.secrets and not is_secret(given):
            yield Fault((name,), LOWER_CASE if is_almost_secret(given) else IN_CLEAR)
        headers = mapping(given) if name in kind.headers else {}
        for header, value in headers.items():
            is_static = isinstance(value, str) and "{{" not in value and SECRET not in value
            if is_static and value and header.lower() in _CREDENTIALS:
                yield Fault((name, header), IN_CLEAR)


def _address_faults(settings: dict[str, Any], kind: TagType) -> Iterator[Fault]:
    for name in [name for name in settings if name in kind.urls]:
        for path, text in all_texts(settings[name], (name,)):
            found = address_fault(text) if "{{" in text else ""
            if found:
                yield Fault(path, found)


def _as_filled(settings: dict[str, Any], kind: TagType) -> dict[str, Any]:
    """The settings as they may be when they are sent, HOLE where that cannot be told."""
    filled: dict[str, Any] = holed(settings) | dict.fromkeys(settings.keys() & kind.secrets, HOLE)
    for name in settings.keys() & kind.urls:
        if isinstance(settings[name], str) and SECRET not in settings[name]:
            filled[name] = stand_in(settings[name])
    return filled
