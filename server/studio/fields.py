"""A request as fields with names, so that two of them can be compared field by field.

    method   url   url.query.measurement_id   header.content-type   events[].params.value

The parts of a list have one name: `[]`. A request that would be refused is one field, `refused`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from server.containers.lookup import text_of
from server.publication import TagTrace

MAX_DEPTH = 12
REFUSED = "refused"
"""The field of a request that would be."""


def fields_of(trace: TagTrace) -> dict[str, str]:
    """Name → value as text; what a list has several times stands one after the other."""
    if not trace.method:
        return {REFUSED: trace.reason}
    fields: dict[str, str] = {}
    for name, value in _all(trace):
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _all(trace: TagTrace) -> Iterator[tuple[str, str]]:
    yield "method", trace.method
    try:
        parts = urlsplit(trace.url)
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=1000)
        yield "url", parts._replace(query="").geturl()
    except ValueError:
        yield "url", trace.url
        query = []
    yield from ((f"url.query.{name}", value) for name, value in query)
    yield from ((f"header.{name}", value) for name, value in trace.headers.items())
    try:
        body = msgspec.json.decode(trace.body) if trace.body else {}
    except (msgspec.DecodeError, RecursionError):
        yield "body", trace.body
        return
    yield from _inside("", body, 0)


def _inside(name: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value and depth < MAX_DEPTH:
        for key, inner in value.items():
            yield from _inside(f"{name}.{key}" if name else key, inner, depth + 1)
    elif isinstance(value, list) and value and depth < MAX_DEPTH:
        for inner in value:
            yield from _inside(f"{name}[]", inner, depth + 1)
    elif name:
        yield name, "null" if value is None else text_of(value)
    elif value:
        yield "body", text_of(value)
