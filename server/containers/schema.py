"""The JSON Schema of a container's file, for editors: made from the types, and from nothing else.

A destination's settings are known by the tag's `type`; wherever they want something else than text,
a text with a placeholder or a secret's name will do too.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from server.containers.documented import about, all_structs, keys_of
from server.containers.model import Container, Tag, TagTypes

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/{name}"
_FILLED = {"type": "string", "pattern": r"\{\{|^\$secret\."}
_SECRET = {"type": "string", "pattern": r"^\$secret\.[A-Z][A-Z0-9_]{0,63}$"}


def json_schema(types: TagTypes) -> dict[str, Any]:
    """The schema, ready to be written as JSON."""
    own = all_structs(Container)
    theirs = {name: all_structs(kind.config) for name, kind in sorted(types.items())}
    every = [*own, *(one for them in theirs.values() for one in them)]
    refs, known = msgspec.json.schema_components(every, ref_template=_REF)
    names = [ref["$ref"].rpartition("/")[2] for ref in refs]
    named = dict(zip(every, names, strict=True))
    for struct, name in named.items():
        _describe(known[name], struct)
    _without_version(known[named[Container]])
    for kind in types.values():
        _fill(known[named[kind.config]], kind.secrets)
    _by_type(known[named[Tag]], {name: named[kind.config] for name, kind in types.items()})
    return {
        "$schema": DIALECT,
        "title": "Freehold container",
        **known.pop(named[Container]),
        "$defs": dict(sorted(known.items())),
    }


def _describe(schema: dict[str, Any], kind: type[Struct]) -> None:
    """Gives each key its words; enumerations and structs keep their own beside them."""
    schema["description"] = about(kind)
    schema.pop("title", None)
    words = {key.name: key.about for key in keys_of(kind)}
    for name, inner in schema.get("properties", {}).items():
        if words.get(name):
            inner["description"] = words[name]
    if kind.__struct_config__.tag is None:
        schema.setdefault("additionalProperties", False)


def _without_version(schema: dict[str, Any]) -> None:
    """Nobody writes it: it comes with publishing."""
    schema["properties"].pop("version", None)


def _fill(schema: dict[str, Any], secrets: frozenset[str]) -> None:
    for name, inner in schema.get("properties", {}).items():
        told = {"description": inner.pop("description", "")}
        if name in secrets:
            schema["properties"][name] = {**_SECRET, **told}
        elif inner.get("type") != "string" or "pattern" in inner or "enum" in inner:
            inner.pop("default", None)
            schema["properties"][name] = {"anyOf": [inner, _FILLED], **told}
        else:
            inner |= told


def _by_type(schema: dict[str, Any], configs: dict[str, str]) -> None:
    schema["properties"]["type"] = {
        "enum": sorted(configs),
        "description": schema["properties"]["type"].get("description", ""),
    }
    schema["allOf"] = [
        {
            "if": {"properties": {"type": {"const": name}}},
            "then": {"properties": {"with": {"$ref": _REF.format(name=config)}}},
        }
        for name, config in sorted(configs.items())
    ]
