from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from server.store.embedded.errors import StoreError
from server.store.embedded.form import read_form

TYPE = "multipart/form-data; boundary=b"


async def chunks_of(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), 7):
        yield body[at : at + 7]


def read(body: bytes, content_type: str = TYPE) -> dict[str, str]:
    return asyncio.run(read_form(content_type, chunks_of(body)))


def part(name: str, content: str, more: str = "") -> bytes:
    return (
        f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{content}\r\n'.encode()
    )


def test_fields_are_read_as_they_are() -> None:
    body = part("query", "SELECT\n'é'\r\n, 1\n") + part("param_x", "") + b"--b--\r\n"
    assert read(body) == {"query": "SELECT\n'é'\r\n, 1\n", "param_x": ""}


def test_files_are_refused() -> None:
    with pytest.raises(StoreError, match="External data"):
        read(part("t", "1", '; filename="t"') + b"--b--\r\n")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"", TYPE), (b"no form", TYPE), (b"", "multipart/form-data"), (b"--b--", "text/plain")],
)
def test_what_is_no_form_is_refused_or_empty(body: bytes, content_type: str) -> None:
    with suppress(StoreError):
        assert read(body, content_type) == {}


def test_a_form_has_a_bound() -> None:
    with pytest.raises(StoreError) as refused:
        asyncio.run(read_form(TYPE, _endless()))
    assert refused.value.status == 413


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield bytes(1 << 20)
