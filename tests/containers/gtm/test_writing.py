from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.containers.document import parse_document
from server.containers.gtm.writing import write
from server.containers.plain import plain

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS
KEYS = st.text(max_size=30).filter(str.isprintable)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def test_a_container_looks_as_a_person_would_write_it() -> None:
    tree = {
        "id": "shop",
        "sites": ["https://a.example", "self"],
        "triggers": {"big": {"when": [{"value": "{{ event.value }}", "greater": 5}]}},
        "tags": {},
        "note": "yes",
    }
    comments: dict[tuple[str | int, ...], list[str]] = {
        ("triggers", "big"): ["Big # orders", "why"]
    }
    assert write(tree, comments) == (
        "id: shop\n"
        'sites: ["https://a.example", self]\n'
        "triggers:\n"
        "  # Big # orders\n"
        "  # why\n"
        "  big:\n"
        "    when:\n"
        '      - value: "{{ event.value }}"\n'
        "        greater: 5\n"
        "tags: {}\n"
        'note: "yes"\n'
    )


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4), st.text())
def test_what_is_written_is_read_again(tree: dict[str, Any], comment: str) -> None:
    comments: dict[tuple[str | int, ...], list[str]] = {(key,): [comment] for key in tree}
    found, faults = plain(parse_document(write(tree, comments), "x"))
    assert faults == []
    assert found == tree
