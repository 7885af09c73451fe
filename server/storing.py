"""The process of the embedded ClickHouse, without what only the others need."""

from __future__ import annotations

from server.folders import passwords_file, private
from server.settings import Settings
from server.store.embedded.server import serve
from server.store.embedded.users import load_passwords
from server.supervise import follow_lifeline


def run_store(settings: Settings) -> None:
    """The embedded ClickHouse, until SIGTERM."""
    folder = private(settings.data / "clickhouse")
    listen_on = settings.clickhouse_listen
    serve(
        folder,
        listen=(listen_on.host, listen_on.port),
        passwords=load_passwords(passwords_file(settings)),
        memory_bytes=settings.clickhouse_memory,
        on_fenced=follow_lifeline,
    )
