from __future__ import annotations

from typing import Annotated, Any

import pytest
from msgspec import Meta

from server.containers.documented import about, all_structs, keys_of, type_words
from server.containers.model import Container, Cookie, CookieMode, Limit, Trigger
from server.containers.model.variable import Random, Shaped
from server.destinations import tag_types


def test_a_key_has_its_words_its_type_and_its_default() -> None:
    days = next(key for key in keys_of(Cookie) if key.name == "days")
    assert (days.about, days.default) == ("Browsers cap it at 400 days.", 390)
    assert type_words(days.kind) == "whole number, 1 to 400"
    mode = next(key for key in keys_of(Cookie) if key.name == "mode")
    assert mode.about == "When the visitor's cookie may be set."
    assert mode.default is CookieMode.CONSENT


def test_keys_are_as_a_file_has_them_and_bases_are_looked_into() -> None:
    names = [key.name for key in keys_of(Random)]
    assert names == ["type", "from", "to", *(key.name for key in keys_of(Shaped))]
    words = {key.name: key.about for key in keys_of(Random)}
    assert words["default"] == "What stands for a value that is missing or empty."


def test_every_key_of_the_language_has_words() -> None:
    plain = {"type", "name", "note", "folder", "key", "paused", "rows", "ignore_case", "per"}
    plain |= {"from", "to", "times", "equals", "contains", "starts_with", "ends_with", "greater"}
    plain |= {"greater_or_equal", "less", "less_or_equal"}
    kinds = [*all_structs(Container), *(kind.config for kind in tag_types().values())]
    silent = {
        f"{kind.__name__}.{key.name}"
        for kind in kinds
        for key in keys_of(kind)
        if not key.about and key.name not in plain
    }
    assert silent == set()
    assert [kind.__name__ for kind in kinds if not about(kind)] == []


def test_all_parts_of_a_container_are_found_once() -> None:
    found = all_structs(Container)
    assert found[0] is Container
    assert len(found) == len(set(found))
    assert {Trigger, Limit, Random} <= set(found)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (str | None, "text"),
        (str | list[str], "text or list of text"),
        (dict[str, Any], "mapping"),
        (Annotated[float, Meta(gt=0, le=1)], "number, more than 0 to 1"),
        (Limit, "mapping"),
    ],
)
def test_types_are_told_in_words(kind: Any, words: str) -> None:
    assert type_words(kind) == words
