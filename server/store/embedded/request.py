"""What a client asks for: an HTTP request, read into a `Call`.

The names and their meaning are ClickHouse's (https://clickhouse.com/docs/interfaces/http). What is
not named here is a setting and goes to the engine, which knows whether it exists.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping

from msgspec import Struct
from starlette.datastructures import Headers

from server.store.embedded.errors import (
    ACCESS_DENIED,
    AUTHENTICATION_FAILED,
    BAD_ARGUMENTS,
    INVALID_SESSION_TIMEOUT,
    QUERY_IS_NOT_SUPPORTED,
    refusal,
)
from server.store.embedded.users import Passwords, User, authenticate

_ENDS_WITH_US = frozenset(
    {
        *("query", "database", "default_format", "user", "password", "quota_key", "role"),
        *("query_id", "session_id", "session_timeout", "session_check", "close_session"),
        *("buffer_size", "wait_end_of_query", "compress", "decompress", "stacktrace"),
        *("client_protocol_version", "http_write_exception_in_output_format"),
    }
)
_MAX_SESSION_S = 3600
_TRUE = ("1", "true")
_VERSION = "client_protocol_version"
_MAX_ID_CHARS = 256


class Call(Struct, frozen=True, kw_only=True):
    """One query as asked, before its text is known: the body may hold it, or a part of it."""

    user: User
    query: str
    query_id: str
    database: str
    format: str
    settings: Mapping[str, str]
    parameters: Mapping[str, str]
    session_id: str
    session_timeout_s: int
    session_must_exist: bool
    closes_session: bool
    waits_for_end: bool
    may_write: bool
    body_encoding: str
    body_in_blocks: bool
    answer_encoding: str
    answer_in_blocks: bool
    protocol_version: int

    @property
    def mark(self) -> str:
        return f"{self.user.name}:{self.query_id}"


def read_call(
    method: str, query: Mapping[str, str], headers: Headers, passwords: Passwords
) -> Call:
    """Raises StoreError: wrong credentials, or something that this store does not do."""
    user = authenticate(*_credentials(query, headers), passwords)
    _refuse_unsupported(query, headers)
    settings = {k: v for k, v in query.items() if k not in _ENDS_WITH_US and k[:6] != "param_"}
    compresses = settings.get("enable_http_compression", "0") in _TRUE
    return Call(
        user=user,
        query=query.get("query", ""),
        query_id=_query_id(query.get("query_id") or headers.get("x-clickhouse-query-id")),
        database=query.get("database") or headers.get("x-clickhouse-database") or "",
        format=query.get("default_format") or headers.get("x-clickhouse-format") or "TabSeparated",
        settings=settings,
        parameters={k[6:]: v for k, v in query.items() if k[:6] == "param_"},
        session_id=query.get("session_id", ""),
        session_timeout_s=_session_timeout(query.get("session_timeout", "60")),
        session_must_exist=query.get("session_check") == "1",
        closes_session=query.get("close_session") == "1",
        waits_for_end=query.get("wait_end_of_query") in _TRUE,
        may_write=method == "POST" and not user.reads_only,
        body_encoding=headers.get("content-encoding", "").strip().lower(),
        body_in_blocks=query.get("decompress") in _TRUE,
        answer_in_blocks=query.get("compress") in _TRUE,
        protocol_version=int(version) if (version := query.get(_VERSION, "")).isdigit() else 0,
        answer_encoding=headers.get("accept-encoding", "") if compresses else "",
    )


def _credentials(query: Mapping[str, str], headers: Headers) -> tuple[str, str]:
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return headers.get("x-clickhouse-user", ""), headers.get("x-clickhouse-key", "")
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise refusal(AUTHENTICATION_FAILED, "Invalid Basic authentication") from None
        return name, password
    if scheme:
        raise refusal(
            AUTHENTICATION_FAILED, f"{scheme}: this store knows Basic authentication only"
        )
    return query.get("user", ""), query.get("password", "")


def _refuse_unsupported(query: Mapping[str, str], headers: Headers) -> None:
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        # A browser keeps Basic credentials and would send them for any page that asks.
        raise refusal(ACCESS_DENIED, "Pages of other sites may not use this store")
    if query.get("role"):
        raise refusal(QUERY_IS_NOT_SUPPORTED, "role: this store has users, and no roles to choose")


def _query_id(wished: str | None) -> str:
    """Goes back in a header, so it holds no line end."""
    if wished and not (wished.isascii() and wished.isprintable() and len(wished) <= _MAX_ID_CHARS):
        raise refusal(BAD_ARGUMENTS, f"query_id: at most {_MAX_ID_CHARS} printable characters")
    return wished or str(uuid.uuid4())


def _session_timeout(text: str) -> int:
    if not text.isdigit() or int(text) > _MAX_SESSION_S:
        raise refusal(
            INVALID_SESSION_TIMEOUT, f"Invalid session timeout: {text!r}; at most {_MAX_SESSION_S}"
        )
    return int(text)
