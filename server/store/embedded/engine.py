"""chDB: connections, and the three ways a statement runs (answer, read, insert).

Each request has a connection of its own (0.3 ms), so SET, USE and roles never leak between them.
A connection serves one thread at a time; several run in parallel: the engine releases the GIL.
Importing this module starts the engine's threads: Landlock has to be in place before, so nothing
imports it but `serve`, once the fence stands.

Facts (chDB 4.4): a process opens one folder, and a folder is open in one process; a process that
uses chDB must not be forked; a large result is streamed through INTO OUTFILE, because the streaming
API encodes each block as a file of its own (CSVWithNames repeats its header, JSON is no JSON).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from chdb import _chdb as _typed_in_part

from server.errors import FreeholdError
from server.store.embedded.configuration import DATABASE, Layout
from server.store.embedded.errors import BAD_ARGUMENTS, StoreError, engine_error, refusal
from server.store.embedded.statement import Insert, Select, Totals
from server.store.embedded.users import User

_chdb: Any = _typed_in_part
_SETTING = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
# A label for entries of the query cache, which is off: a free place to mark a running query with
# our own id, so that exactly it can be found and killed. chDB draws the real query ids itself.
_MARK = "query_cache_tag"
_PARSE = b"EXPLAIN AST\n"
# As on a server: chDB's own defaults are those of the command line tool.
_AS_ON_A_SERVER = {"implicit_select": "0", "allow_introspection_functions": "0"}


class Engine:
    """The open folder; closing it ends the engine for good."""

    def __init__(self, layout: Layout) -> None:
        self._where = layout.connection_string
        try:
            self._root = _chdb.connect(self._where)
        except RuntimeError as error:
            text = engine_error(error).text
            raise FreeholdError(f"{layout.folder}: the store cannot be opened: {text}") from None
        self._root.query(f"CREATE DATABASE IF NOT EXISTS {DATABASE} ENGINE = Atomic")

    def connect(self, user: User) -> Connection:
        connection = Connection(_chdb.connect(self._where))
        connection.take_role(user.role)
        connection.set(_AS_ON_A_SERVER)
        return connection

    def kill_all(self) -> None:
        with Connection(_chdb.connect(self._where)) as connection:
            connection.answer(b"KILL QUERY WHERE 1 ASYNC", "Null")

    def kill(self, mark: str) -> None:
        """Stops the query that runs under this mark, without waiting for its end."""
        sql = f"KILL QUERY WHERE Settings['{_MARK}'] = {quoted(mark)} ASYNC"
        with Connection(_chdb.connect(self._where)) as connection:
            connection.answer(sql.encode(), "Null")

    def ids(self, mark: str) -> list[str]:
        """The engine's own ids of what runs under this mark."""
        sql = f"SELECT query_id FROM system.processes WHERE Settings['{_MARK}'] = {quoted(mark)}"
        with Connection(_chdb.connect(self._where)) as connection:
            return connection.answer(sql.encode(), "TSVRaw")[0].decode().split()

    def close(self) -> None:
        self._root.close()


class Connection:
    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._raw.close()

    def take_role(self, role: str) -> None:
        self._raw.query(f"SET ROLE {role}")

    def use(self, database: str) -> None:
        self.answer(f"USE {quoted_name(database)}".encode(), "Null")

    def set(self, settings: Mapping[str, str]) -> None:
        """Settings for all that follows on this connection; DEFAULT is not a value here."""
        for name in settings:
            if not _SETTING.match(name):
                raise refusal(BAD_ARGUMENTS, f"{name!r} is not the name of a setting")
        if settings:
            pairs = ", ".join(f"{name} = {quoted(value)}" for name, value in settings.items())
            self.answer(f"SET {pairs}".encode(), "Null")

    def reset(self, names: Iterable[str]) -> None:
        """Takes settings back to their defaults."""
        pairs = ", ".join(f"{name} = DEFAULT" for name in names)
        if pairs:
            self.answer(f"SET {pairs}".encode(), "Null")

    def mark(self, mark: str) -> None:
        self.set({_MARK: mark})

    def timezone(self) -> str:
        return self.answer(b"SELECT timezone()", "TSVRaw")[0].decode().strip()

    def content_types(self) -> dict[str, str]:
        """The Content-Type of each output format."""
        sql = b"SELECT name, content_type FROM system.formats WHERE is_output"
        text, _ = self.answer(sql, "TSVRaw")
        return dict(line.split("\t") for line in text.decode().splitlines())

    def classify(self, sql: bytes) -> tuple[str, int]:
        """The engine's class of a text (READ_ONLY, MUTATING, CONTROL, …) and its statements."""
        found = self._raw.classify_query(sql)
        return found["query_class"].name, found["statement_count"]

    def parse(self, sql: bytes) -> list[str]:
        """The engine's own syntax tree, a line a node; nothing is run."""
        try:
            tree, _ = self.answer(_PARSE + sql, "LineAsString")
        except StoreError as error:
            raise StoreError(error.code, _positions_without_prefix(error.text, sql)) from None
        return tree.decode(errors="replace").split("\n")

    def answer(self, sql: bytes, format: str) -> tuple[bytes, Totals]:
        """Runs a statement whose result is small."""
        try:
            result = self._raw.query(sql, format)
        except RuntimeError as error:
            raise engine_error(error) from None
        return result.bytes(), _totals(result)

    def read(self, select: Select, pipe: Path) -> Totals:
        """Runs a query and writes its result into the named pipe, block by block."""
        sql = b"%s INTO OUTFILE %s APPEND FORMAT %s %s" % (
            select.before,
            quoted(str(pipe)).encode(),
            select.format.encode(),
            select.after,
        )
        return self.answer(sql, "Null")[1]

    def insert(self, insert: Insert, chunks: Iterable[bytes]) -> Totals:
        """Runs an INSERT; whatever ends it early leaves no block that was not complete."""
        try:
            writing = self._raw.send_insert(insert.header, insert.format)
        except RuntimeError as error:
            raise engine_error(error) from None
        try:
            for chunk in chunks:
                self._raw.insert_append(writing, chunk)
        except RuntimeError as error:
            raise engine_error(error) from None
        except BaseException:
            self._raw.insert_cancel(writing)
            raise
        try:
            return _totals(self._raw.insert_done(writing))
        except RuntimeError as error:
            raise engine_error(error) from None


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quoted_name(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _totals(result: Any) -> Totals:
    return Totals(
        read_rows=result.storage_rows_read(),
        read_bytes=result.storage_bytes_read(),
        written_rows=result.rows_written(),
        written_bytes=result.bytes_written(),
        elapsed_ns=int(result.elapsed() * 1e9),
    )


def _positions_without_prefix(text: str, sql: bytes) -> str:
    """A syntax error's place, counted from the client's own first character."""
    text = re.sub(
        r"position (\d+)", lambda found: f"position {int(found[1]) - len(_PARSE)}", text, count=1
    )
    if b"\n" not in sql.strip():
        return re.sub(r" \(line 2, col \d+\)", "", text, count=1)
    return re.sub(r"\(line (\d+),", lambda found: f"(line {int(found[1]) - 1},", text, count=1)
