from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import pytest

from server.store.embedded.statement import Totals
from server.store.embedded.users import ANALYST, FREEHOLD, User
from server.store.embedded.vocabulary import (
    CONTROL_KINDS,
    DATABASES,
    READS,
    SYSTEM_TABLES,
    Vocabulary,
    load_vocabulary,
)

if TYPE_CHECKING:
    from server.store.embedded.engine import Connection

# What an engine might list: name, original, categories, whether it takes functions.
FUNCTIONS: list[tuple[str, ...]] = [
    ("upper", "", "String", "0"),
    ("ucase", "upper", "String", "0"),
    ("arrayMap", "", "Arrays", "1"),
    ("version", "", "Other", "0"),
    ("file", "", "Other", "0"),
    ("sleep", "", "Other", "0"),
    ("brandNew", "", "Brand New", "0"),
    ("halfNew", "", "String,Brand New", "0"),
    ("newName", "brandNew", "Brand New", "0"),
    ("uncategorised", "", "", "0"),
]


class Listed:
    """Answers with the lists of an engine that we made up."""

    def answer(self, sql: bytes, format: str) -> tuple[bytes, Totals]:
        lists: Mapping[bytes, list[tuple[str, ...]]] = {
            b"system.functions": FUNCTIONS,
            b"system.table_functions": [("numbers",), ("url",), ("merge",), ("brandNewTable",)],
            b"system.table_engines": [("MergeTree",), ("URL",)],
            b"system.database_engines": [("Atomic",), ("MySQL",)],
        }
        rows = next(rows for table, rows in lists.items() if table in sql)
        return "".join("\t".join(row) + "\n" for row in rows).encode(), Totals()


def vocabulary_of(user: User) -> Vocabulary:
    return load_vocabulary(cast("Connection", Listed()), user)


@pytest.mark.parametrize(
    ("user", "forbidden"),
    [
        (ANALYST, {"sleep", "merge"}),
        (FREEHOLD, set()),
    ],
)
def test_what_nobody_has_looked_at_is_forbidden(user: User, forbidden: set[str]) -> None:
    always = {"file", "brandnew", "halfnew", "newname", "uncategorised", "url", "brandnewtable"}
    assert vocabulary_of(user).forbidden_functions == always | forbidden


def test_functions_that_take_functions_and_foreign_engines_are_known() -> None:
    vocabulary = vocabulary_of(FREEHOLD)
    assert vocabulary.taking_functions == {"arraymap"}
    assert vocabulary.forbidden_engines == {"URL", "MySQL"}


def test_an_analyst_only_reads() -> None:
    assert vocabulary_of(ANALYST).kinds == READS
    assert vocabulary_of(FREEHOLD).kinds > READS
    assert not READS & CONTROL_KINDS


def test_tables_that_show_other_peoples_queries_are_not_listed() -> None:
    secret = {"processes", "query_log", "query_cache", "session_log", "users", "errors", "macros"}
    assert not SYSTEM_TABLES & secret
    assert "default" not in DATABASES
