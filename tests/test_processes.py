from __future__ import annotations

import socket
from pathlib import Path

import pytest

from server import processes
from server.errors import ConfigError
from server.settings import Address, Settings, read_settings
from server.store.client import Endpoint


def settings(data: Path, **environ: str) -> Settings:
    return read_settings({"FREEHOLD_DATA": str(data), **environ})


def test_a_port_that_is_taken_is_told_by_its_setting() -> None:
    with processes.listen(Address("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        with (
            pytest.raises(ConfigError, match=rf"FREEHOLD_LISTEN=127\.0\.0\.1:{port}"),
            processes.listen(Address("127.0.0.1", port)),
        ):
            pass


def test_the_embedded_store_is_run_only_when_no_other_is_named(data: Path) -> None:
    with socket.socket() as door:
        own = processes.programs(settings(data, FREEHOLD_WORKERS="2"), door)
        remote = processes.programs(settings(data, FREEHOLD_CLICKHOUSE="http://ch.example"), door)
    assert [program.name for program in own] == [
        "store",
        "pipeline",
        "collector 0",
        "collector 1",
    ]
    assert [program.name for program in remote] == ["pipeline", "collector 0"]


def test_the_operators_clickhouse_is_used_as_it_is_named(data: Path) -> None:
    remote = settings(data, FREEHOLD_CLICKHOUSE="http://w:x@ch.example:1")
    assert processes.writer_endpoint(remote) == Endpoint(
        host="ch.example", port=1, user="w", password="x"
    )
    assert processes.analyst_connection(remote).endpoint == processes.writer_endpoint(remote)
    other = settings(
        data,
        FREEHOLD_CLICKHOUSE="http://w:x@ch.example:1",
        FREEHOLD_CLICKHOUSE_ANALYST="http://r:y@ch.example:2",
    )
    assert processes.analyst_connection(other).endpoint.user == "r"


def test_the_embedded_users_have_passwords_of_their_own(data: Path) -> None:
    writer = processes.writer_endpoint(settings(data))
    analyst = processes.analyst_connection(settings(data)).endpoint
    assert (writer.user, analyst.user) == ("freehold", "analyst")
    assert writer.password != analyst.password
    assert (data / "keys").stat().st_mode & 0o077 == 0
