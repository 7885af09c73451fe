"""multipart/form-data: fields that clients send when a URL would grow too long.

clickhouse-connect does so for large parameters. Files in a form are ClickHouse's external tables,
which this store does not have.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.parser import BytesParser
from email.policy import HTTP

from server.store.embedded.body import MAX_STATEMENT_BYTES
from server.store.embedded.errors import (
    BAD_ARGUMENTS,
    QUERY_IS_NOT_SUPPORTED,
    QUERY_IS_TOO_LARGE,
    refusal,
)


async def read_form(content_type: str, chunks: AsyncIterator[bytes]) -> dict[str, str]:
    """Its fields; they stand for parameters of the URL."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > MAX_STATEMENT_BYTES:
            raise refusal(QUERY_IS_TOO_LARGE, f"The form is over {MAX_STATEMENT_BYTES} bytes")
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    form = BytesParser(policy=HTTP).parsebytes(head + bytes(body))
    if not form.is_multipart():
        raise refusal(BAD_ARGUMENTS, "The body is not multipart/form-data")
    fields = {}
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if part.get_filename() is not None or not isinstance(name, str):
            raise refusal(
                QUERY_IS_NOT_SUPPORTED,
                "External data (files in multipart/form-data) is not supported; insert it into a "
                "table, or send it as a parameter",
            )
        content = part.get_payload(decode=True)
        fields[name] = content.decode() if isinstance(content, bytes) else ""
    return fields
