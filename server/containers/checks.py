"""What is wrong with a container, all of it: types, then what types cannot say.

    tree ──▶ types (explain) ──▶ site ──▶ triggers (condition) ──▶ tags (values, destinations)

Each part that is sound by itself is looked at, so that a fault elsewhere hides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain, islice
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import msgspec

from server.containers.address import address_fault, stand_in
from server.containers.condition import compile_condition, value_faults
from server.containers.explain import HOLE, MAX_FAULTS, Fault, Malformed, Path_, faults, hint, shown
from server.containers.lookup import SECRET
from server.containers.match import BUILT_IN
from server.containers.model import RESERVED_IDS, SELF, Condition, Container, TagType, TagTypes
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


def check(tree: dict[str, Any], types: TagTypes | None) -> list[Fault]:
    """All faults of a container as plain dicts and lists, one a path, MAX_FAULTS at most; without
    types, tags are not checked against destinations."""
    return list(
        islice(_once_a_path(chain(faults(tree, Container), _meaning(tree, types))), MAX_FAULTS)
    )


def _once_a_path(found: Iterator[Fault]) -> Iterator[Fault]:
    seen = set()
    for fault in found:
        if fault.path not in seen:
            seen.add(fault.path)
            yield fault


def _meaning(tree: dict[str, Any], types: TagTypes | None) -> Iterator[Fault]:
    yield from _site_faults(tree)
    triggers = _mapping(tree.get("triggers"))
    for name, raw in triggers.items():
        for fault in _trigger_faults(name, _mapping(raw)):
            yield fault.under("triggers", name)
    for name, raw in _mapping(tree.get("tags")).items():
        for fault in _tag_faults(_mapping(raw), [*BUILT_IN, *triggers], types):
            yield fault.under("tags", name)


def _mapping(raw: Any) -> dict[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _texts(raw: Any) -> Iterator[tuple[int, str]]:
    for index, text in enumerate(raw if isinstance(raw, list) else ()):
        if isinstance(text, str):
            yield index, text


def _site_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    id_ = tree.get("id")
    if isinstance(id_, str) and id_ in RESERVED_IDS:
        yield Fault(("id",), f"{id_!r} is a path of the collector's own")
    cookie = _mapping(tree.get("cookie"))
    named: dict[tuple[str, ...], Any] = {("id",): id_, ("currency",): tree.get("currency")}
    named |= {("cookie", key): cookie.get(key) for key in ("name", "domain")}
    for path, name in named.items():
        if isinstance(name, str) and name.endswith("\n"):  # the patterns' `$` lets it pass
            yield Fault(path, "ends with a line break")
    zone = tree.get("timezone", "UTC")
    if isinstance(zone, str) and zone not in available_timezones():
        near = hint(zone, available_timezones())
        yield Fault(("timezone",), f"{shown(zone)!r} is not an IANA time zone{near}")
    for index, site in _texts(tree.get("sites")):
        if site != SELF and not _is_origin(site):
            exact = "sites match exactly: name each, such as https://www.example.com"
            expected = exact if "*" in site else "expected https://www.example.com, without a path"
            yield Fault(("sites", index), f"{shown(site)!r} is not an origin; {expected}")


def _is_origin(site: str) -> bool:
    try:
        parts = urlsplit(site)
        bare = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bare == site and "*" not in site


def _trigger_faults(name: str, raw: dict[str, Any]) -> Iterator[Fault]:
    if name in BUILT_IN:
        yield Fault((), "is built in; choose another name")
    when = raw.get("when")
    for index, condition in enumerate(when if isinstance(when, list) else ()):
        try:
            compile_condition(msgspec.convert(condition, Condition))
        except msgspec.ValidationError:
            value = _mapping(condition).get("value")
            found = list(value_faults(value)) if isinstance(value, str) else []
        except Malformed as error:
            found = error.faults
        else:
            continue
        yield from (fault.under("when", index) for fault in found)


def _tag_faults(
    raw: dict[str, Any], triggers: Collection[str], types: TagTypes | None
) -> Iterator[Fault]:
    for index, name in _texts(raw.get("fires_on")):
        if name not in triggers:
            near = hint(name, triggers) or f"; there are {shown(', '.join(triggers))}"
            yield Fault(("fires_on", index), f"no trigger {shown(name)!r}{near}")
    type_, kind = raw.get("type"), None
    if types is not None and isinstance(type_, str):
        kind = types.get(type_)
        if kind is None:
            near = hint(type_, types) or f"; there are {shown(', '.join(sorted(types)))}"
            yield Fault(("type",), f"no destination {shown(type_)!r}{near}")
    for fault in _settings_faults(raw.get("with", {}), kind):
        yield fault.under("with")


def _settings_faults(settings: Any, kind: TagType | None) -> Iterator[Fault]:
    """What is in clear comes first: no other fault of the same key may show it."""
    if not isinstance(settings, dict):
        return
    if kind:
        yield from _in_clear(settings, kind)
    try:
        compile_value(settings)
    except Malformed as error:
        yield from error.faults
    if kind:
        yield from _address_faults(settings, kind)
        yield from faults(_as_filled(settings, kind), kind.config)


def _in_clear(settings: dict[str, Any], kind: TagType) -> Iterator[Fault]:
    for name, given in settings.items():
        if name in kind.secrets and not is_secret(given):
            yield Fault((name,), LOWER_CASE if is_almost_secret(given) else IN_CLEAR)
        headers = _mapping(given) if name in kind.headers else {}
        for header, value in headers.items():
            is_static = isinstance(value, str) and "{{" not in value and SECRET not in value
            if is_static and value and header.lower() in _CREDENTIALS:
                yield Fault((name, header), IN_CLEAR)


def _address_faults(settings: dict[str, Any], kind: TagType) -> Iterator[Fault]:
    for name in [name for name in settings if name in kind.urls]:
        for path, text in _all_texts(settings[name], (name,)):
            found = address_fault(text) if "{{" in text else ""
            if found:
                yield Fault(path, found)


def _all_texts(node: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, dict | list):
        for part, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _all_texts(child, (*path, part))


def _as_filled(settings: dict[str, Any], kind: TagType) -> dict[str, Any]:
    """The settings as they may be when they are sent, HOLE where that cannot be told."""
    filled: dict[str, Any] = holed(settings) | dict.fromkeys(settings.keys() & kind.secrets, HOLE)
    for name in settings.keys() & kind.urls:
        if isinstance(settings[name], str) and SECRET not in settings[name]:
            filled[name] = stand_in(settings[name])
    return filled
