from __future__ import annotations

import subprocess
import sys

import pytest

from server import collecting
from server.containers.model import Container, PageTag
from server.errors import ConfigError
from server.settings import Address, read_settings

NOT_A_COLLECTORS = (
    "clickhouse_connect",
    "chdb",
    "aiohttp",
    "cryptography",
    "ua_parser",
    "jinja2",
    "requests",
)


def test_a_port_that_is_taken_is_told_by_its_setting() -> None:
    with collecting.listen(Address("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        with (
            pytest.raises(ConfigError, match=rf"FREEHOLD_LISTEN=127\.0\.0\.1:{port}"),
            collecting.listen(Address("127.0.0.1", port)),
        ):
            pass


@pytest.mark.parametrize(("word", "count"), [("on", 1), ("off", 0)])
def test_the_operator_may_forbid_what_runs_in_pages(word: str, count: int) -> None:
    tag = PageTag(type="image", src="https://px.example/", fires_on=["all_pages"])
    container = Container(id="shop", sites=["self"], page_tags={"px": tag})
    settings = read_settings({"FREEHOLD_PAGE_TAGS": word})
    assert len(collecting.allowed(container, settings).page_tags) == count


def test_a_collector_starts_without_what_the_other_processes_need() -> None:
    program = "import sys, server.cli.running, server.collecting; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(loaded.stdout.split()).isdisjoint(NOT_A_COLLECTORS)
