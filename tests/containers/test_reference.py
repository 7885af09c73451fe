from __future__ import annotations

import re
from typing import Any

from ruamel.yaml import YAML

from server.containers.documented import all_structs, keys_of, structs_in
from server.containers.load import lint_container
from server.containers.model import Container
from server.containers.reference import reference
from server.containers.templates import TEMPLATES
from server.destinations import tag_types
from server.resources import resource

PAGE = reference(tag_types())
FOLDER = resource("tag_configs")


def test_the_page_is_up_to_date() -> None:
    written = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert written == PAGE, "freehold container reference > tag_configs/README.md"


def test_every_key_template_and_destination_is_on_it() -> None:
    for kind in all_structs(Container):
        for key in keys_of(kind):
            is_set_by_us = (kind, key.name) == (Container, "version")
            assert is_set_by_us or f"| `{key.name}` |" in PAGE or key.name == "type"
    for name in (*TEMPLATES, *tag_types()):
        assert re.search(rf"`(type: )?{name}`", PAGE)


def used_keys(node: Any, kind: Any, found: set[tuple[str, str]]) -> None:
    """Notes each key of each struct that a tree uses."""
    if isinstance(node, list):
        for child in node:
            used_keys(child, kind, found)
        return
    structs = list(structs_in(kind))
    if not isinstance(node, dict) or not structs:
        return
    tags = {one.__struct_config__.tag: one for one in structs}
    chosen = tags.get(node.get("type"), structs[0]) if None not in tags else structs[0]
    keys = {key.name: key for key in keys_of(chosen)}
    if not set(node) <= set(keys):  # a mapping from names to structs
        for child in node.values():
            used_keys(child, kind, found)
        return
    for name, child in node.items():
        found.add((chosen.__name__, name))
        used_keys(child, keys[name].kind, found)


def test_the_complete_container_uses_every_key_and_says_a_word_on_it() -> None:
    text = (FOLDER / "complete.yaml").read_text(encoding="utf-8")
    found: set[tuple[str, str]] = set()
    used_keys(YAML(typ="safe", pure=True).load(text), Container, found)
    wanted = {
        (kind.__name__, key.name)
        for kind in all_structs(Container)
        for key in keys_of(kind)
        if (kind, key.name) != (Container, "version")
    }
    of_all_variables = {"trim", "when_true", "when_false", "as", "case", "hash", "default"}
    of_all_variables |= {"note", "folder"}
    assert {key for _, key in found} >= of_all_variables
    missing = {
        (kind, key)
        for kind, key in wanted - found
        if key not in of_all_variables or kind in {"Trigger", "Tag", "Transformation", "Container"}
    }
    assert missing == set()
    assert text.count(" # ") > 60


def test_the_samples_have_neither_errors_nor_warnings() -> None:
    for path in sorted(FOLDER.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# yaml-language-server: $schema=schema.json\n")
        findings = lint_container(text, path.name, tag_types())
        assert (findings.errors, findings.warnings) == ([], [])
