from __future__ import annotations

import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from server import processes
from server.settings import Settings, read_settings


def settings(data: Path, **environ: str) -> Settings:
    return read_settings({"FREEHOLD_DATA": str(data), **environ})


def test_the_embedded_store_is_run_only_when_no_other_is_named(data: Path) -> None:
    with socket.socket() as door:
        own = processes.programs(settings(data, FREEHOLD_WORKERS="2"), door)
        remote = processes.programs(settings(data, FREEHOLD_CLICKHOUSE="http://ch.example"), door)
    assert [program.name for program in own] == [
        "store",
        "recorder",
        "pipeline",
        "collector 0",
        "collector 1",
    ]
    assert all(program.argv[1] == "-P" for program in own)
    assert [program.name for program in remote] == ["recorder", "pipeline", "collector 0"]


def test_the_recorder_plays_partners_for_the_demo_shop_alone(data: Path, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("id: shop\nsites: [https://shop.example]\n")
    assert processes.has_recorder(settings(data))
    assert not processes.has_recorder(settings(data, FREEHOLD_DEMO_LISTEN="none"))
    assert not processes.has_recorder(settings(data, FREEHOLD_CONTAINERS=str(tmp_path)))


def test_the_demo_s_secrets_are_made_up_once_and_for_their_owner_alone(data: Path) -> None:
    known = settings(data)
    processes.make_demo_secrets(known)
    paths = [data / "keys" / "secrets" / name for name in processes.DEMO_SECRETS]
    made = [path.read_text() for path in paths]
    processes.make_demo_secrets(known)
    assert [path.read_text() for path in paths] == made
    assert len(set(made)) == len(paths)
    for path, secret in zip(paths, made, strict=True):
        assert len(secret) >= 20
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


ALL = {
    *("clickhouse_connect", "chdb", "aiohttp", "cryptography", "ua_parser", "jinja2", "requests"),
    *("user_agents", "uvicorn", "starlette", "prometheus_client", "maxminddb", "re2", "ruamel"),
}
"""What takes long to import, and somebody needs."""
NEEDED = {
    "processes, server.banner": {"re2", "ruamel"},
    "collecting": {"re2", "ruamel", "starlette", "uvicorn"},
    "storing": {"starlette", "uvicorn"},
    "recording": {"clickhouse_connect", "re2", "ruamel", "starlette", "uvicorn"},
    "pipelining": ALL - {"chdb", "jinja2", "requests", "starlette", "uvicorn", "user_agents"},
}


@pytest.mark.parametrize("module", NEEDED)
def test_a_process_starts_without_what_only_another_needs(module: str) -> None:
    program = f"import sys, server.cli.running, server.{module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ALL & set(loaded.stdout.split()) <= NEEDED[module]
