from __future__ import annotations

from typing import Any

import msgspec
import pytest

from server.containers.gtm.export import MAX_EXPORT_BYTES, read_export
from server.errors import ConfigError
from tests.containers.gtm.exports import export, parameters, variable


def test_parameters_become_plain_values_by_key() -> None:
    given = {"name": "a", "is": True, "map": [{"key": "x", "value": "1"}]}
    (one,) = read_export(export(variable=[variable("v", given)]), "x").of("variable")
    assert one.params == given


def test_a_byte_order_mark_is_no_hindrance() -> None:
    data = b"\xef\xbb\xbf" + export()
    assert read_export(data, "x").public_id == "GTM-1"


def test_every_key_may_be_missing() -> None:
    found = read_export(b'{"exportFormatVersion": 2, "containerVersion": {"tag": [{}]}}', "x")
    assert [one.name for one in found.of("tag")] == ["tag 0"]
    assert found.of("trigger") == []


def test_elements_come_by_their_number() -> None:
    them = [variable("c", {}, name=one, variableId=one) for one in ("10", "9", "b")]
    found = read_export(export(variable=them), "x").of("variable")
    assert [one.id for one in found] == ["9", "10", "b"]


def deep(levels: int) -> dict[str, Any]:
    node: dict[str, Any] = {"type": "TEMPLATE", "value": "x"}
    for _ in range(levels):
        node = {"type": "LIST", "key": "a", "list": [node]}
    return node


BAD = [
    (b"", "is no JSON"),
    (b"\xff\xfe{}", "is no JSON"),
    (b"[]", "expected an export of GTM"),
    (b'"text"', "expected an export of GTM"),
    (b"[" * 100_000, "nested too deep"),
    (b"{}", "containerVersion: expected an object"),
    (b'{"exportFormatVersion": 1, "containerVersion": {}}', "exportFormatVersion: expected 2"),
    (export(container=3), "containerVersion.container: expected an object"),
    (export(tag={}), "containerVersion.tag: expected a list"),
    (export(tag=[{}, 7]), "containerVersion.tag[1]: expected an object"),
    (export(tag=[{"name": 7}]), "containerVersion.tag[0].name: expected text"),
    (export(trigger=[{"parameter": 7}]), "containerVersion.trigger[0].parameter: expected a list"),
    (export(tag=[{"parameter": [None]}]), "containerVersion.tag[0].parameter[0]: expected"),
    (
        export(tag=[{"parameter": [{"type": "LIST", "list": [{"type": "MAP", "map": 1}]}]}]),
        "containerVersion.tag[0].parameter[0].list[0].map: expected a list",
    ),
    (export(tag=[{"parameter": [deep(60)]}]), "nested deeper than 32"),
    (b" " * (MAX_EXPORT_BYTES + 1), "larger than"),
]


@pytest.mark.parametrize(("data", "told"), BAD, ids=[told for _, told in BAD])
def test_what_is_no_export_is_told_with_its_place(data: bytes, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_export(data, "x.json")
    assert any(told in problem for problem in error.value.problems)
    assert all(problem.startswith("x.json: ") for problem in error.value.problems)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        read_export(msgspec.json.encode({"containerVersion": {"tag": [1], "folder": 2}}), "x")
    assert len(error.value.problems) == 3


def test_numbers_and_bools_that_are_not_texts_are_read_too() -> None:
    given = [{"key": "a", "type": "BOOLEAN", "value": True}, {"key": "b", "value": 2}]
    (one,) = read_export(export(tag=[{"parameter": given + parameters({"c": "x"})}]), "x").of("tag")
    assert one.params == {"a": True, "b": "2", "c": "x"}
