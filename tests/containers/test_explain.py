from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from server.containers.explain import Fault, faults
from server.containers.model import Container

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "sites", "cookie", "mode", "days", "observe", "name", "zz"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def test_faults_carry_their_path() -> None:
    tree = {"id": "shop", "sites": ["a", 5], "cookie": {"days": "x", "mod": "always"}}
    assert faults(tree, Container) == [
        Fault(("sites", 1), "expected `str`, got `int`"),
        Fault(("cookie", "days"), "expected `int`, got `str`"),
        Fault(("cookie", "mod"), "no such key; did you mean mode?"),
    ]


@given(st.dictionaries(st.sampled_from(Container.__struct_fields__), ANYTHING))
def test_faults_are_empty_exactly_when_the_document_converts(tree: dict[str, Any]) -> None:
    found = faults(tree, Container)
    try:
        msgspec.convert(tree, Container)
    except msgspec.ValidationError:
        assert found
    else:
        assert found == []
