from __future__ import annotations

import msgspec
import pytest

from server.containers.model import RESERVED_IDS, Condition, Container, Tag


@pytest.mark.parametrize("name", ["ab", "Shop", "1shop", "shop_fr", "a" * 33, "shop/", ""])
def test_an_id_that_is_not_a_path_segment_is_refused(name: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"id": name, "sites": ["self"]}, Container)


@pytest.mark.parametrize("name", sorted(RESERVED_IDS))
def test_reserved_ids_would_otherwise_be_ids(name: str) -> None:
    assert msgspec.convert({"id": name, "sites": ["self"]}, Container).id == name


def test_words_that_python_keeps_for_itself_have_other_names_in_here() -> None:
    tree = {"value": "{{ event.path }}", "not": True, "in": ["a", 1, True]}
    condition = msgspec.convert(tree, Condition)
    assert condition == Condition(value="{{ event.path }}", negate=True, one_of=["a", 1, True])
    tag = msgspec.convert({"type": "x", "fires_on": ["a"], "with": {"b": 1}}, Tag)
    assert tag == Tag(type="x", fires_on=["a"], settings={"b": 1})
