from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

from server.pipeline.forwarder.reach import Reach
from server.pipelining import reach
from server.settings import Settings, read_settings


def settings(data: Path, **environ: str) -> Settings:
    return read_settings({"FREEHOLD_DATA": str(data), **environ})


def test_tags_reach_the_demo_s_recorder_and_what_the_operator_allows(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "shop.yaml").write_text("id: shop\nsites: [https://shop.example]\n")
    demo = reach(settings(data, FREEHOLD_DEMO_LISTEN="127.0.0.1:9002"))
    assert demo == Reach(doors=frozenset({("127.0.0.1", 9002)}))
    anywhere = reach(settings(data, FREEHOLD_DEMO_LISTEN="0.0.0.0:9002"))
    assert anywhere == Reach(doors=frozenset({("127.0.0.1", 9002), ("::1", 9002)}))
    shop = settings(
        data, FREEHOLD_CONTAINERS=str(tmp_path), FREEHOLD_PARTNER_NETWORKS="10.1.0.0/16"
    )
    assert reach(shop) == Reach(networks=(ip_network("10.1.0.0/16"),))
