"""A container export as GTM writes it (exportFormatVersion 2), made plain: parts with parameters.

{"exportFormatVersion": 2, "containerVersion": {"container": {…}, "tag": […], "trigger": […], …}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from server.containers.explain import shown
from server.errors import ConfigError

MAX_EXPORT_BYTES = 16 * 1024 * 1024
MAX_ELEMENTS = 5000
MAX_DEPTH = 32
FORMAT = 2
KINDS = {
    "tag": "tagId",
    "trigger": "triggerId",
    "variable": "variableId",
    "folder": "folderId",
    "builtInVariable": "type",
    "customTemplate": "templateId",
    "client": "clientId",
    "transformation": "transformationId",
    "zone": "zoneId",
    "gtagConfig": "gtagConfigId",
}
"""The lists of an export, and the key of each one's id."""

Raw = dict[str, Any]


class Element(Struct, frozen=True, kw_only=True):
    """One tag, trigger, variable, … of an export."""

    kind: str
    id: str
    name: str
    type: str
    params: Mapping[str, Any]
    """By key: texts, lists and mappings; true and false are bools."""
    raw: Raw

    def text(self, key: str) -> str:
        """A parameter that is a text; empty: it is not there, or is none."""
        value = self.params.get(key, "")
        return value if isinstance(value, str) else ""

    def rows(self, key: str) -> list[Raw]:
        """A parameter that is a table."""
        value = self.params.get(key)
        return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


class Export(Struct, frozen=True, kw_only=True):
    """All that a file holds, each list by id."""

    name: str
    public_id: str
    elements: Mapping[str, list[Element]] = field(default_factory=dict)

    def of(self, kind: str) -> list[Element]:
        """The elements of a kind, by id: GTM's own order changes from export to export."""
        return self.elements.get(kind, [])


def read_export(data: bytes, name: str) -> Export:
    """The export; raises ConfigError with every problem and its place."""
    root = _root(data, name)
    problems: list[str] = []
    version = _object(root, "containerVersion", problems)
    if root.get("exportFormatVersion") not in (FORMAT, str(FORMAT)):
        problems.append(f"exportFormatVersion: expected {FORMAT}: Admin, Export Container, JSON")
    container = _object(version, "container", problems, "containerVersion.")
    elements = {kind: _elements(version, kind, problems) for kind in KINDS}
    if problems:
        raise ConfigError(f"{name}: {problem}" for problem in problems[:50])
    return Export(
        name=_text(container.get("name")),
        public_id=_text(container.get("publicId")),
        elements=elements,
    )


def _root(data: bytes, name: str) -> Raw:
    if len(data) > MAX_EXPORT_BYTES:
        raise ConfigError([f"{name}: larger than {MAX_EXPORT_BYTES} bytes"])
    try:
        root = msgspec.json.decode(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise ConfigError([f"{name}: nested too deep to be an export"]) from error
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigError([f"{name}: is no JSON: {str(error).splitlines()[0]}"]) from error
    if not isinstance(root, dict):
        raise ConfigError([f"{name}: expected an export of GTM, an object; found something else"])
    return root


def _object(parent: Raw, key: str, problems: list[str], under: str = "") -> Raw:
    value = parent.get(key, {} if under else None)
    if isinstance(value, dict):
        return value
    problems.append(f"{under}{key}: expected an object")
    return {}


def _elements(version: Raw, kind: str, problems: list[str]) -> list[Element]:
    raw = version.get(kind, [])
    if not isinstance(raw, list) or len(raw) > MAX_ELEMENTS:
        problems.append(f"containerVersion.{kind}: expected a list of at most {MAX_ELEMENTS}")
        return []
    found = []
    for index, one in enumerate(raw):
        place = f"containerVersion.{kind}[{index}]"
        try:
            found.append(_element(one, kind, index))
        except ValueError as error:
            problems.append(f"{place}{error}")
    return sorted(found, key=lambda one: (not one.id.isdecimal(), one.id.zfill(24), one.name))


def _element(one: Any, kind: str, index: int) -> Element:
    """Raises ValueError, which begins with the place in the element."""
    if not isinstance(one, dict):
        raise ValueError(": expected an object")
    for key in (KINDS[kind], "name", "type"):
        if not isinstance(one.get(key, ""), str):
            raise ValueError(f".{key}: expected text")
    id_ = one.get(KINDS[kind]) or f"{index}"
    return Element(
        kind=kind,
        id=id_,
        name=one.get("name") or f"{kind} {shown(id_)}",
        type=one.get("type", ""),
        params=parameters(one.get("parameter", []), ".parameter"),
        raw=one,
    )


def parameters(raw: Any, place: str, depth: int = 0) -> dict[str, Any]:
    """A list of parameters by key; raises ValueError with the place."""
    if not isinstance(raw, list):
        raise ValueError(f"{place}: expected a list")
    found: dict[str, Any] = {}
    for index, one in enumerate(raw):
        at = f"{place}[{index}]"
        if not isinstance(one, dict) or not isinstance(one.get("key", ""), str):
            raise ValueError(f"{at}: expected a parameter: an object with key and type")
        found.setdefault(one.get("key", ""), parameter(one, at, depth))
    return found


def parameter(one: Any, place: str, depth: int = 0) -> Any:
    """One parameter's value; raises ValueError with the place."""
    if not isinstance(one, dict):
        raise ValueError(f"{place}: expected a parameter: an object with type and value")
    if depth > MAX_DEPTH:
        raise ValueError(f"{place}: nested deeper than {MAX_DEPTH}")
    if one.get("type") == "MAP":
        return parameters(one.get("map", []), f"{place}.map", depth + 1)
    if one.get("type") == "LIST":
        values = one.get("list", [])
        if not isinstance(values, list):
            raise ValueError(f"{place}.list: expected a list")
        return [
            parameter(each, f"{place}.list[{number}]", depth + 1)
            for number, each in enumerate(values)
        ]
    value = one.get("value", "")
    if not isinstance(value, str | bool | int | float):
        raise ValueError(f"{place}.value: expected text")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text == "true" if one.get("type") == "BOOLEAN" and "{{" not in text else text


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
