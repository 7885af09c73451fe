"""Small exports, as GTM would write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from server.containers.gtm.importer import Imported, Wish, import_export
from server.containers.gtm.report import Item
from server.containers.load import read_container
from server.containers.model import TagTypes
from server.destinations import tag_types

FOLDER = Path(__file__).parent


def parameter(key: str, value: Any) -> dict[str, Any]:
    """One parameter: lists of mappings are tables."""
    if isinstance(value, bool):
        return {"type": "BOOLEAN", "key": key, "value": str(value).lower()}
    if isinstance(value, list):
        rows = [{"type": "MAP", "map": [parameter(*pair) for pair in row.items()]} for row in value]
        return {"type": "LIST", "key": key, "list": rows}
    return {"type": "TEMPLATE", "key": key, "value": value}


def parameters(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [parameter(*pair) for pair in values.items()]


def condition(kind: str, left: str, right: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "parameter": parameters({"arg0": left, "arg1": right, **more})}


def variable(type_: str, values: dict[str, Any], name: str = "It", **more: Any) -> dict[str, Any]:
    return {"variableId": "1", "name": name, "type": type_, "parameter": parameters(values), **more}


def trigger(type_: str, id_: str = "1", **more: Any) -> dict[str, Any]:
    return {"triggerId": id_, "name": f"When {id_}", "type": type_, **more}


def custom(*conditions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return trigger("CUSTOM_EVENT", customEventFilter=list(conditions), **more)


def tag(type_: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    fires = {"firingTriggerId": ["2147479553"], **more}
    return {"tagId": "1", "name": "It", "type": type_, "parameter": parameters(values), **fires}


def event_tag(values: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    stream = {"eventName": "order", "measurementIdOverride": "G-AB12"}
    return tag("gaawe", {**stream, **(values or {})}, **more)


def export(**lists: Any) -> bytes:
    version = {"container": {"name": "shop", "publicId": "GTM-1", "usageContext": ["WEB"]}, **lists}
    return msgspec.json.encode({"exportFormatVersion": 2, "containerVersion": version})


def imported(types: TagTypes | None = None, **lists: Any) -> Imported:
    return import_export(export(**lists), Wish(name="export.json"), types or tag_types())


def part(kind: str, types: TagTypes | None = None, **lists: Any) -> tuple[dict[str, Any], Item]:
    """What the first of a kind became, empty when it is not there, and the report's line on it."""
    known = types or tag_types()
    made = imported(known, **lists)
    container = read_container(made.text, "made", known)
    item = next(one for one in made.report.items if one.kind == kind)
    them = msgspec.to_builtins(container)[f"{kind}s"]
    bare = {key: value for key, value in them.get(item.became, {}).items() if value not in ([], {})}
    return {key: value for key, value in bare.items() if value not in (None, "", False, 0)}, item
