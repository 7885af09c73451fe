from __future__ import annotations

from pathlib import Path

import msgspec

from loadtests.partners.stages import FIRES, SETTINGS, STAGES, script, write_container
from server.containers.load import load_container
from server.demo.partners import PARTNERS
from server.demo.trouble import Script
from server.destinations import tag_types


def test_the_container_is_one_and_every_tag_is_a_partner_of_the_recorder(tmp_path: Path) -> None:
    write_container(tmp_path, "http://127.0.0.1:8002")
    container = load_container(tmp_path / "partners.yaml", tag_types())
    assert list(container.tags) == list(SETTINGS)
    assert set(SETTINGS) <= set(PARTNERS)
    assert container.tags["webhook"].fires_on == ["webhook_events"]
    assert container.triggers["webhook_events"].event == list(FIRES["webhook"])


def test_every_stage_is_a_script_that_the_recorder_reads() -> None:
    for stage in (*STAGES, None):
        read = msgspec.json.decode(script(stage, seed=7), type=Script)
        assert (read.seed, read.troubles) == (7, list(stage.troubles) if stage else [])
