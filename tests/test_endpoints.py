from __future__ import annotations

from pathlib import Path

from server import endpoints
from server.settings import Settings, read_settings
from server.store.endpoint import Endpoint


def settings(data: Path, **environ: str) -> Settings:
    return read_settings({"FREEHOLD_DATA": str(data), **environ})


def test_the_operators_clickhouse_is_used_as_it_is_named(data: Path) -> None:
    remote = settings(data, FREEHOLD_CLICKHOUSE="http://w:x@ch.example:1")
    assert endpoints.writer_endpoint(remote) == Endpoint(
        host="ch.example", port=1, user="w", password="x"
    )
    assert endpoints.analyst_connection(remote).endpoint == endpoints.writer_endpoint(remote)
    other = settings(
        data,
        FREEHOLD_CLICKHOUSE="http://w:x@ch.example:1",
        FREEHOLD_CLICKHOUSE_ANALYST="http://r:y@ch.example:2",
    )
    assert endpoints.analyst_connection(other).endpoint.user == "r"


def test_the_embedded_users_have_passwords_of_their_own(data: Path) -> None:
    writer = endpoints.writer_endpoint(settings(data))
    analyst = endpoints.analyst_connection(settings(data)).endpoint
    assert (writer.user, analyst.user) == ("freehold", "analyst")
    assert writer.password != analyst.password
