"""RE2 for marketers: linear in the text, small in memory; and tables of patterns."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import re2

from server.containers.explain import Fault, Malformed, shown
from server.containers.lookup import Names, bounded, text_of
from server.containers.model.variable import Patterns, Row
from server.containers.scope import MISSING, Read, Scope
from server.containers.values import Compiled, compile_at

MAX_PATTERN_CHARS = 512
MAX_PATTERN_BYTES = 256 * 1024
"""What a compiled pattern may take in memory. Above it are those that take a tenth of a second for
one text, such as `.{0,1000}b.{0,900}c`; `^.{1,255}$` is far below."""
MAX_MATCHED_CHARS = 2048
"""What a pattern looks at."""

_GROUP = re.compile(r"\$(\d)")


def compile_pattern(pattern: str, *, ignore_case: bool, captures: bool = False) -> Any:
    """The pattern, ready; raises ValueError in words."""
    if len(pattern) > MAX_PATTERN_CHARS:
        raise ValueError(f"a pattern has {MAX_PATTERN_CHARS} characters at most")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_PATTERN_BYTES
    options.case_sensitive = not ignore_case
    options.never_capture = not captures
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(f"RE2: {_words(error)}") from error


def looked_at(seen: Any) -> bytes:
    """What of a value a pattern sees."""
    return text_of(seen)[:MAX_MATCHED_CHARS].encode(errors="replace")


def pattern_table(variable: Patterns, names: Names) -> Compiled:
    """The first row whose pattern matches gives the value; raises Malformed."""
    compiled = compile_at("input", variable.input, names)
    faults: list[Fault] = []
    rows: list[tuple[Callable[[bytes], Any], Callable[[Scope, Any], Any]]] = []
    placeholders = list(compiled.placeholders)
    for index, row in enumerate(variable.rows):
        try:
            search, value = _row(row, names, ignore_case=variable.ignore_case)
        except Malformed as error:
            faults += [fault.under("rows", index) for fault in error.faults]
            continue
        rows.append((search, value[0]))
        placeholders += value[1]
    if faults:
        raise Malformed(faults)
    look = compiled.read

    def read(scope: Scope) -> Any:
        seen = looked_at(look(scope))
        for search, give in rows:
            match = search(seen)
            if match is not None:
                return give(scope, match)
        return MISSING

    return Compiled(read=read, placeholders=tuple(placeholders))


def _row(row: Row, names: Names, *, ignore_case: bool) -> Any:
    faults: list[Fault] = []
    try:
        pattern = compile_pattern(row.matches, ignore_case=ignore_case, captures=True)
    except ValueError as error:
        faults.append(Fault(("matches",), str(error)))
        raise Malformed(faults) from error
    if isinstance(row.gives, str) and _GROUP.search(row.gives):
        return pattern.search, (_expanding(row.gives, pattern.groups), ())
    given = compile_at("gives", row.gives, names)
    return pattern.search, (_giving(given.read), given.placeholders)


def _giving(read: Read) -> Callable[[Scope, Any], Any]:
    return lambda scope, _: read(scope)


def _expanding(text: str, groups: int) -> Callable[[Scope, Any], Any]:
    """A text whose `$1` are what the pattern's brackets found."""
    if "{{" in text:
        raise Malformed([Fault(("gives",), "expected `$1` or placeholders, not both")])
    parts = _GROUP.split(text)
    asked = max(int(number) for number in parts[1::2])
    if asked > groups:
        told = f"`${asked}`: the pattern has {groups} pairs of brackets"
        raise Malformed([Fault(("gives",), told)])

    def give(_: Scope, match: Any) -> Any:
        written = (
            (match.group(int(part)) or b"").decode(errors="replace") if index % 2 else part
            for index, part in enumerate(parts)
        )
        return bounded("".join(written))

    return give


def _words(error: Exception) -> str:
    said = error.args[0] if error.args else "not a pattern"
    return shown(said.decode(errors="replace") if isinstance(said, bytes) else str(said))
