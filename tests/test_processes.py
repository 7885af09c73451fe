from __future__ import annotations

import socket
import stat
from ipaddress import ip_network
from pathlib import Path

from server import processes
from server.pipeline.forwarder.reach import Reach
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


def test_tags_reach_the_demo_s_recorder_and_what_the_operator_allows(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "shop.yaml").write_text("id: shop\nsites: [https://shop.example]\n")
    demo = processes.reach(settings(data, FREEHOLD_DEMO_LISTEN="127.0.0.1:9002"))
    assert demo == Reach(doors=frozenset({("127.0.0.1", 9002)}))
    anywhere = processes.reach(settings(data, FREEHOLD_DEMO_LISTEN="0.0.0.0:9002"))
    assert anywhere == Reach(doors=frozenset({("127.0.0.1", 9002), ("::1", 9002)}))
    shop = settings(
        data, FREEHOLD_CONTAINERS=str(tmp_path), FREEHOLD_PARTNER_NETWORKS="10.1.0.0/16"
    )
    assert processes.reach(shop) == Reach(networks=(ip_network("10.1.0.0/16"),))
