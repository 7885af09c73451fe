from __future__ import annotations

import socket
from pathlib import Path

import pytest

from server import processes
from server.errors import ConfigError
from server.settings import Address, Settings, read_settings


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
    assert all(program.argv[1] == "-P" for program in own)
    assert [program.name for program in remote] == ["pipeline", "collector 0"]
