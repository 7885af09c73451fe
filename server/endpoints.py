"""Where things are, by the settings: the key files, and ClickHouse for us and for analysts."""

from __future__ import annotations

from pathlib import Path

from server.settings import Settings
from server.store.client import Connection, Endpoint, parse_endpoint
from server.store.embedded import load_passwords
from server.store.queries import READ_ONLY


def passwords_file(settings: Settings) -> Path:
    """Where the embedded ClickHouse's passwords are; outside the engine's own folder."""
    return private(settings.data / "keys") / "clickhouse"


def keys_file(settings: Settings) -> Path:
    """Where the key ring of the visitors' cookies is."""
    return private(settings.data / "keys") / "cookie"


def writer_endpoint(settings: Settings) -> Endpoint:
    """ClickHouse for us: the operator's, else the embedded one."""
    if settings.clickhouse:
        return parse_endpoint(settings.clickhouse)
    return _embedded(settings, "freehold")


def analyst_connection(settings: Settings) -> Connection:
    """ClickHouse for people who ask: never able to write."""
    if settings.clickhouse_analyst:
        return Connection(parse_endpoint(settings.clickhouse_analyst))
    if settings.clickhouse:
        return Connection(parse_endpoint(settings.clickhouse), settings=READ_ONLY)
    return Connection(_embedded(settings, "analyst"))


def _embedded(settings: Settings, user: str) -> Endpoint:
    passwords = load_passwords(passwords_file(settings))
    listen = settings.clickhouse_listen
    return Endpoint(
        host=listen.host, port=listen.port, user=user, password=getattr(passwords, user)
    )


def private(folder: Path) -> Path:
    """A folder that its owner alone can enter; made, with those above it, where it is missing."""
    for missing in reversed([folder, *folder.parents]):
        missing.mkdir(exist_ok=True, mode=0o700)
    return folder
