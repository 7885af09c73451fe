"""Where ClickHouse is: known without anything that speaks to it."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from msgspec import Struct


class Endpoint(Struct, frozen=True, kw_only=True):
    """Where ClickHouse answers, and as whom."""

    host: str
    port: int
    secure: bool = False
    user: str = "default"
    password: str = ""

    def __str__(self) -> str:
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{self.user}@{self.host}:{self.port}"


def parse_endpoint(url: str) -> Endpoint:
    """An endpoint from `https://user:password@host:port`; the port defaults to ClickHouse's."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return Endpoint(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or (8443 if secure else 8123),
        secure=secure,
        user=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
    )
