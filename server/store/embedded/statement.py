"""How a statement is cut up: where an INSERT's data begins, which FORMAT a SELECT asks for.

This decides only how a statement travels. What it may do is judged by the gate, from the engine's
own parse; a statement misread here fails or is labelled wrongly, it does not gain a right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

_TOKEN = re.compile(
    rb"""(?P<space>[\s\x00]+|--[^\n]*|\#[ !][^\n]*|/\*.*?\*/)
       |(?P<string>'(?:[^'\\]|\\.|'')*')
       |(?P<quoted>"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`)
       |(?P<heredoc>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
       |(?P<word>[A-Za-z_]\w*)
       |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENING = frozenset({b"(", b"[", b"{"})
_CLOSING = frozenset({b")", b"]", b"}"})
_BEFORE_DATA = re.compile(rb"[ \t\f]*\r?\n?")
_EXACT_KILL = re.compile(
    rb"""KILL\ QUERY\ WHERE\ (?:query_id|(?P<comment>Settings\ \[\ 'log_comment'\ \]))
         \ =\ (?:'(?P<value>[^'\\]*)'|{\ (?P<parameter>\w+)\ :\ String\ })(?:\ A?SYNC)?(?:\ ;)?$""",
    re.VERBOSE | re.IGNORECASE,
)
_READS = frozenset({b"SELECT", b"WITH", b"FROM", b"("})


class Token(Struct, frozen=True, kw_only=True):
    kind: str
    text: bytes
    start: int
    end: int
    depth: int

    @property
    def upper(self) -> bytes:
        return self.text.upper()


class Insert(Struct, frozen=True, kw_only=True):
    """`INSERT INTO t (a) SETTINGS s=1`, without FORMAT and data; data begin at `data_at`."""

    header: bytes
    format: str
    data_at: int


class Select(Struct, frozen=True, kw_only=True):
    """A query cut around its FORMAT clause, so that INTO OUTFILE can be put before it."""

    before: bytes
    format: str
    after: bytes


class Totals(Struct, frozen=True, kw_only=True):
    """What a statement read and wrote, for X-ClickHouse-Summary."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    elapsed_ns: int = 0


def tokens(sql: bytes) -> Iterator[Token]:
    """Every token but spaces and comments; a bracket's depth is that of what surrounds it."""
    depth = 0
    for found in _TOKEN.finditer(sql):
        kind, text = found.lastgroup or "other", found.group()
        if kind == "space":
            continue
        depth -= text in _CLOSING
        yield Token(kind=kind, text=text, start=found.start(), end=found.end(), depth=depth)
        depth += text in _OPENING


def first_word(sql: bytes) -> bytes:
    """The first word in capitals (or the first bracket), `b""` when there is nothing."""
    return next((token.upper for token in tokens(sql)), b"")


def reads(sql: bytes) -> bool:
    """Whether the result may be large: what begins like a SELECT."""
    return first_word(sql) in _READS


def cut_insert(sql: bytes) -> Insert | None:
    """Where the data of an INSERT begins; None when there is none (INSERT … SELECT) or not yet."""
    stream = tokens(sql)
    if next((t.upper for t in stream), b"") != b"INSERT":
        return None
    named = False
    for token in stream:
        if token.depth or token.kind == "other":
            continue
        if not named:  # a table may be called `values`: keywords count only after its name
            named = token.upper not in (b"INTO", b"TABLE")
        elif sql[token.start - 1 : token.start] == b".":
            continue
        elif token.upper in (b"SELECT", b"WITH", b"FROM"):
            return None
        elif token.upper == b"VALUES":
            return Insert(header=sql[: token.start], format="Values", data_at=token.end)
        elif token.upper == b"FORMAT":
            return _data_after_format(sql, token, next(stream, None))
    return None


def _data_after_format(sql: bytes, keyword: Token, name: Token | None) -> Insert | None:
    """Data begins after the first line end behind the name, else after the spaces behind it."""
    if name is None or name.end == len(sql):
        return None
    space = _BEFORE_DATA.match(sql, name.end)
    data_at = space.end() if space else name.end
    return Insert(header=sql[: keyword.start], format=name.text.decode(), data_at=data_at)


def cut_select(sql: bytes, default_format: str) -> Select:
    """Finds the FORMAT clause that ends the query, or the place where it would stand."""
    found = list(tokens(sql))
    while found and found[-1].text == b";":
        found.pop()
    end = found[-1].end if found else 0
    for place in range(len(found) - 2, -1, -1):
        token, name = found[place], found[place + 1]
        if token.depth or token.upper != b"FORMAT" or name.kind != "word":
            continue
        if place + 2 < len(found) and found[place + 2].upper != b"SETTINGS":
            break
        after = sql[name.end : end]
        return Select(before=sql[: token.start], format=name.text.decode(), after=after)
    return Select(before=sql[:end] + b"\n", format=default_format, after=b"")


def killed(sql: bytes, parameters: Mapping[str, str]) -> tuple[str, str] | None:
    """What `KILL QUERY WHERE query_id = 'x'` or `… Settings['log_comment'] = 'x'` aims at, exactly.

    The value may be a parameter, `{name:String}`. None for every other statement and condition.
    """
    found = _EXACT_KILL.match(b" ".join(token.text for token in tokens(sql)))
    if found is None:
        return None
    column = "log_comment" if found["comment"] else "query_id"
    if found["parameter"]:
        return column, parameters.get(found["parameter"].decode(), "")
    return column, found["value"].decode()


def exchange_query_ids(sql: bytes, instead: Mapping[bytes, bytes]) -> bytes:
    """Exchanges the strings that `query_id` is compared with: `= 'x'`, `IN ('x', 'y')`."""
    parts, position, compared = [], 0, b""
    for token in tokens(sql):
        if token.kind == "word" and token.upper not in (b"IN", b"NOT"):
            compared = token.text.lower()
        elif token.kind == "string" and compared == b"query_id":
            content = token.text[1:-1]
            parts += [sql[position : token.start], b"'" + instead.get(content, content) + b"'"]
            position = token.end
    return b"".join((*parts, sql[position:]))
