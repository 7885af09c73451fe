"""Where things are, by the settings: ClickHouse for us and for analysts, partners' secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from server.containers.load import secrets_needed
from server.containers.model import Container
from server.credentials import Secrets
from server.folders import keys_folder, passwords_file, private
from server.settings import Settings
from server.store.embedded.users import load_passwords
from server.store.endpoint import Endpoint, parse_endpoint

if TYPE_CHECKING:
    from server.store.client import Connection


def partner_secrets(settings: Settings, environ: Mapping[str, str]) -> Secrets:
    """Where `$secret.NAME` is looked up."""
    return Secrets(environ, private(settings.secrets or keys_folder(settings) / "secrets"))


def needed_secrets(containers: Mapping[str, Container]) -> dict[str, list[str]]:
    """Names of the secrets that containers use, and where."""
    needed: dict[str, list[str]] = {}
    for container in containers.values():
        for name, places in secrets_needed(container).items():
            needed.setdefault(name, []).extend(f"{container.id}: {place}" for place in places)
    return needed


def writer_endpoint(settings: Settings) -> Endpoint:
    """ClickHouse for us: the operator's, else the embedded one."""
    if settings.clickhouse:
        return parse_endpoint(settings.clickhouse)
    return _embedded(settings, "freehold")


def analyst_connection(settings: Settings, *, timeout_s: int = 300) -> Connection:
    """ClickHouse for people who ask: never able to write."""
    from server.store.client import Connection  # `up` asks nothing: it starts without
    from server.store.queries import READ_ONLY

    if settings.clickhouse_analyst:
        return Connection(parse_endpoint(settings.clickhouse_analyst), timeout_s=timeout_s)
    if settings.clickhouse:
        endpoint = parse_endpoint(settings.clickhouse)
        return Connection(endpoint, timeout_s=timeout_s, settings=READ_ONLY)
    return Connection(_embedded(settings, "analyst"), timeout_s=timeout_s)


def _embedded(settings: Settings, user: str) -> Endpoint:
    passwords = load_passwords(passwords_file(settings))
    listen = settings.clickhouse_listen
    return Endpoint(
        host=listen.host, port=listen.port, user=user, password=getattr(passwords, user)
    )
