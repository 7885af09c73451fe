"""The visitor id that another tag's cookie already stands for, so that imported history joins.

visitor id = UUIDv5(NAMESPACE, "<kind>:<stable part>"), such as "_ga:1234567890.1750000000"
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

NAMESPACE = uuid.UUID("5b0b7f52-31c5-4a0c-9d4b-0c1d9a3c6f0e")
"""Never changes: whoever imports history makes the same ids with it."""

_MAX_CHARS = 512
_UUID = r"(?!0{8}-0)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_STABLE = {
    "_ga": re.compile(r"ga[0-9]\.[0-9-]+\.([1-9][0-9]{0,18}\.[1-9][0-9]{0,18})"),
    "FPID": re.compile(r"FPID[0-9]\.[0-9-]+\.([A-Za-z0-9+/=_-]{16,64}\.[1-9][0-9]{0,18})"),
    "_pk_id": re.compile(r"([0-9a-f]{16})(?:\.[0-9.]*)?"),
    "ajs_anonymous_id": re.compile(rf'"?{_UUID}"?'),
    "sp": re.compile(_UUID),
    "_sp_id": re.compile(rf"{_UUID}\..*"),
}
"""Of each kind: the part of the value that is the same on every visit."""


def adopted_id(header: str, names: Sequence[str]) -> str | None:
    """The visitor id of the first of these names that the browser sends a well-formed value of."""
    for name in names:
        kind = name.partition(".")[0]
        for value in _values(header, name):
            text = unquote(value)
            stable = _STABLE[kind].fullmatch(text if kind == "FPID" else text.lower())
            if stable is not None:
                return visitor_id(kind, stable[1])
    return None


def visitor_id(kind: str, stable: str) -> str:
    """The id of the visitor whom another tool knows by the stable part of its cookie."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}:{stable}"))


def _values(header: str, name: str) -> Iterator[str]:
    """Of a cookie by its name, or by its name and a suffix after a dot."""
    for pair in header.split(";"):
        sent, _, value = pair.strip().partition("=")
        if len(value) <= _MAX_CHARS and (sent == name or sent.startswith(f"{name}.")):
            yield value.strip(' "')
