"""What may run: judged by the engine's own parse of a statement, before it runs.

The engine parses, we read its tree (EXPLAIN AST), so no second parser can disagree with it. The
tree is read line by line and not by its indentation: a name may hold a line end, so lines can be
added to the tree but none of its own can be hidden. Every line has to be harmless by itself.

Behind the gate stand the engine's grants (`SET ROLE`, see configuration.py), `readonly = 1` and
Landlock. The gate's own part is what they do not know: functions that read or wait, tables of
`system`, INTO OUTFILE, KILL, and refusals that say what is allowed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from server.store.embedded.errors import (
    ACCESS_DENIED,
    READONLY,
    SYNTAX_ERROR,
    StoreError,
    refusal,
)
from server.store.embedded.request import Call
from server.store.embedded.users import ANALYST, FREEHOLD, User
from server.store.embedded.vocabulary import (
    ANALYST_LIMITS,
    ANALYST_SETTING_PREFIXES,
    ANALYST_SETTINGS,
    CONTROL_KINDS,
    DATABASES,
    SESSION_KINDS,
    SYSTEM_TABLES,
    Vocabulary,
    load_vocabulary,
)

if TYPE_CHECKING:
    from server.store.embedded.engine import Connection

_SUFFIX = re.compile(r" \((?:alias |children \d+\)).*")
_TABLE_NAME = re.compile(r"^[\w -]+(?:\.[\w -]+)?$")
_ANALYST_SECONDS = 60
_WITH_FILES = frozenset({"SelectWithUnionQuery", "InsertQuery"})


class Gate:
    def __init__(self, connection: Connection, memory_bytes: int) -> None:
        self._vocabularies = {
            user.name: load_vocabulary(connection, user) for user in (FREEHOLD, ANALYST)
        }
        self._analyst_limits = {
            "max_memory_usage": str(memory_bytes // 4),
            "max_bytes_before_external_group_by": str(memory_bytes // 8),
            "max_bytes_before_external_sort": str(memory_bytes // 8),
            "max_temporary_data_on_disk_size_for_query": str(8 << 30),
            "max_execution_time": str(_ANALYST_SECONDS),
            "max_threads": str(max(1, (os.cpu_count() or 2) // 2)),
        }

    def settings(self, call: Call) -> Mapping[str, str]:
        """What of the settings in the URL is applied; raises StoreError for the others."""
        if not call.user.reads_only:
            return call.settings
        for name in call.settings:
            if name in ANALYST_SETTINGS or name in ANALYST_LIMITS:
                continue
            if not name.startswith(ANALYST_SETTING_PREFIXES):
                raise refusal(READONLY, f"Cannot modify '{name}' setting in readonly mode")
        return {k: v for k, v in call.settings.items() if k not in ANALYST_LIMITS}

    def database(self, call: Call) -> str:
        """The database that unqualified names are in. `default` is what drivers ask for unasked."""
        if call.database in ("", "default"):
            return "freehold"
        if call.user.reads_only and call.database not in DATABASES - {"system"}:
            raise _denied(f"database {call.database}", "freehold and information_schema")
        return call.database

    def check(self, connection: Connection, call: Call, sql: bytes) -> str:
        """The kind of the statement; raises StoreError where the user may not run it."""
        group, count = connection.classify(sql)
        if count > 1:
            raise refusal(SYNTAX_ERROR, "Syntax error (Multi-statements are not allowed)")
        tree = connection.parse(sql)
        vocabulary = self._vocabularies[call.user.name]
        kind = _kind(tree, group, vocabulary, call.user)
        if group != "READ_ONLY" and not call.may_write and kind not in SESSION_KINDS:
            raise refusal(
                READONLY,
                "Cannot execute query in readonly mode. For queries over HTTP, method GET implies "
                "readonly. You should use method POST for modifying queries",
            )
        _check_names(tree, vocabulary, creates=kind in ("CreateQuery", "AttachQuery"))
        if call.user.reads_only:
            _check_tables(tree)
        return kind

    def lock(self, connection: Connection, call: Call) -> None:
        """Takes from an analyst's connection, for good, what is not his."""
        if call.user.reads_only:
            connection.set({**self._analyst_limits, "readonly": "1"})


def _kind(tree: list[str], group: str, vocabulary: Vocabulary, user: User) -> str:
    kind = (tree[0] if tree else "").split(" ")[0]
    # A file's name stands in the tree as a literal right below the statement.
    outfile = group == "CONTROL" and kind not in CONTROL_KINDS
    outfile = outfile or (kind in _WITH_FILES and any(line[:9] == " Literal " for line in tree))
    if user.reads_only and group not in ("READ_ONLY", "CONTROL"):
        raise refusal(
            ACCESS_DENIED, "analyst: Not enough privileges. This user reads; `freehold` writes"
        )
    if kind not in vocabulary.kinds or outfile or (user.reads_only and group != "READ_ONLY"):
        name = "INTO OUTFILE, FROM INFILE" if outfile else f"a statement of the kind {kind}"
        can = "SELECT, EXPLAIN, DESCRIBE, SHOW and EXISTS" if user.reads_only else "DDL and DML"
        raise _denied(name, can)
    return kind


def _check_names(tree: list[str], vocabulary: Vocabulary, *, creates: bool) -> None:
    functions = {_name(line) for line in tree if line.lstrip().startswith("Function ")}
    for name in sorted(functions):
        if name.lower() in vocabulary.forbidden_functions:
            raise _denied(f"the function {name}", "what computes from the store's own tables")
        if creates and name in vocabulary.forbidden_engines:
            raise _denied(f"the engine {name}", "engines of the MergeTree family, Memory and Null")
    takes_functions = any(name.lower() in vocabulary.taking_functions for name in functions)
    for line in tree:
        node = line.lstrip().split(" ")[0]
        if node == "ColumnsApplyTransformer":
            raise _denied("APPLY", "the function written out for each column")
        if node == "FunctionWithKeyValueArguments":
            raise _denied("the source of a dictionary", "tables")
        named = _name(line).lower() if node == "Identifier" and takes_functions else ""
        if named in vocabulary.forbidden_functions:
            raise _denied(f"the function {named}", "a lambda, or another name")


def _check_tables(tree: list[str]) -> None:
    for line in tree:
        node = line.lstrip().split(" ")[0]
        if node not in ("TableIdentifier", "Identifier"):
            continue
        name = _name(line)
        database, _, table = name.rpartition(".")
        if node == "TableIdentifier" and not _TABLE_NAME.match(name):
            raise _denied(f"the table {name}", "a table, or database.table")
        if node == "TableIdentifier" and database and database not in DATABASES:
            raise _denied(f"the database {database}", "freehold and information_schema")
        # `x IN system.processes` names a table, and the tree calls it an Identifier.
        if name.split(".")[0] == "system" and "." in name and table not in SYSTEM_TABLES:
            raise _denied(f"the table {name}", f"of system: {', '.join(sorted(SYSTEM_TABLES))}")


def _name(line: str) -> str:
    """`  Function file (alias x) (children 1)` → `file`; an alias may be cut off by a line end."""
    return _SUFFIX.sub("", line.lstrip().partition(" ")[2])


def _denied(what: str, allowed: str) -> StoreError:
    return refusal(ACCESS_DENIED, f"Not enough privileges for {what}. Allowed: {allowed}")
