from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.containers.document import MAX_FILE_BYTES, parse_document, place, read_source
from server.containers.plain import CYCLE
from server.errors import ConfigError


def read(folder: Path, text: str) -> Any:
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return parse_document(read_source(path), str(path))


def problem(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    (found,) = caught.value.problems
    return found.removeprefix(str(folder / "site.yaml"))


def test_yaml_12_keeps_on_and_yes_as_words(tmp_path: Path) -> None:
    document = read(tmp_path, "on: yes\noff: no\nn: 012\n")
    assert document == {"on": "yes", "off": "no", "n": 12}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: [", ":1:6: "),
        ("a: 1\na: 2\n", ":2:1: "),
        ("a: *nothing\n", ":1:4: "),
        (
            "a: {{ event.name }}-1\n",
            ":1:20: expected <block end>, but found '<scalar>'; put a text with {{ … }} in quotes",
        ),
        ("- 1\n", ": expected keys such as"),
        ("just text", ": expected keys such as"),
        ("", ": expected keys such as"),
        ("[" * 3000, ": brackets are nested deeper than 200"),
        ("- " * 3000, ": "),
        ("\x00", ": "),
        ("#" * (MAX_FILE_BYTES + 1), ": larger than"),
        ("a: &a {<<: *a}\n", ": cannot be read: look for an alias or `<<` inside itself"),
    ],
)
def test_what_is_no_document_is_told_without_a_crash(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert problem(tmp_path, text).startswith(expected)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"name: \xe9\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        parse_document(read_source(path), str(path))


@pytest.mark.parametrize("text", ["a: &a\n  b: [*a]\n", "a: &a {b: [*a]}\n"])
def test_an_alias_that_contains_itself_is_marked(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == {"a": {"b": [CYCLE]}}


def test_an_alias_is_what_it_stands_for(tmp_path: Path) -> None:
    document = read(tmp_path, "a: &a {x: [1]}\nb: {<<: *a, y: *a}\n")
    assert dict(document["b"]) == {"x": [1], "y": {"x": [1]}}


def test_a_path_has_a_place(tmp_path: Path) -> None:
    document = read(tmp_path, "a:\n  b:\n    - 1\n    - c: 2\n  1: x\n")
    assert place(document, ("a", "b", 1, "c")) == (4, 7)
    assert place(document, ("a", "b", 0)) == (3, 7)
    assert place(document, ("a", "b", 1, "missing")) == (4, 7)
    assert place(document, ("a", "1")) == (1, 1)
    assert place(document, ("missing",)) == (1, 1)
