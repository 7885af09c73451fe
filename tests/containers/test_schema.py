from __future__ import annotations

import json
from typing import Any

from server.containers.schema import json_schema
from server.destinations import tag_types
from server.resources import resource

SCHEMA = json_schema(tag_types())


def test_the_file_for_editors_is_up_to_date() -> None:
    written = resource("tag_configs", "schema.json").read_text(encoding="utf-8")
    assert json.loads(written) == json.loads(json.dumps(SCHEMA)), "freehold container schema"


def test_every_reference_leads_somewhere() -> None:
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            found.extend([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(SCHEMA)
    assert found
    assert {ref.rpartition("/")[2] for ref in found} <= set(SCHEMA["$defs"])


def test_a_tag_s_settings_are_those_of_its_destination() -> None:
    tag = SCHEMA["$defs"]["Tag"]
    assert tag["properties"]["type"]["enum"] == list(tag_types())
    chosen = {one["if"]["properties"]["type"]["const"]: one["then"] for one in tag["allOf"]}
    config = SCHEMA["$defs"][chosen["ga4"]["properties"]["with"]["$ref"].rpartition("/")[2]]
    assert config["properties"]["api_secret"]["pattern"].startswith(r"^\$secret")
    assert config["properties"]["send_ip"]["anyOf"][1]["type"] == "string"
    assert config["properties"]["send_ip"]["description"]


def test_nobody_writes_the_version() -> None:
    assert "version" not in SCHEMA["properties"]
    assert SCHEMA["required"] == ["id", "sites"]
    assert SCHEMA["additionalProperties"] is False
