from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx2
import msgspec
import pytest

from server import collecting
from server.collector.used_links import UsedLinks
from server.containers.model import Container, PageTag
from server.destinations import tag_types
from server.identity import KeyRing
from server.listening import listen
from server.settings import Address, read_settings


@pytest.mark.parametrize(("word", "count"), [("on", 1), ("off", 0)])
def test_the_operator_may_forbid_what_runs_in_pages(word: str, count: int) -> None:
    tag = PageTag(type="image", src="https://px.example/", fires_on=["all_pages"])
    container = Container(id="shop", sites=["self"], page_tags={"px": tag})
    settings = read_settings({"FREEHOLD_PAGE_TAGS": word})
    assert len(collecting.allowed(container, settings).page_tags) == count


def test_a_collector_that_is_started_again_serves_what_is_not_broken(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("id: shop\nsites: [self]\n")
    (tmp_path / "new.yaml").write_text("id: new\nsites: 5\n")
    settings = {"FREEHOLD_CONTAINERS": str(tmp_path), "FREEHOLD_DATA": str(tmp_path / "data")}
    with listen(Address("127.0.0.1", 0)) as door:
        url, fd = f"http://127.0.0.1:{door.getsockname()[1]}", door.fileno()
        command = [sys.executable, "-m", "server", "collect", "--fd", str(fd)]
        process = subprocess.Popen(command, pass_fds=(fd,), env={**os.environ, **settings})
        try:
            assert httpx2.get(f"{url}/shop/tag.js", timeout=30).status_code == 200
            assert httpx2.get(f"{url}/new/tag.js").status_code == 404
        finally:
            process.terminate()
            process.wait(10)


def test_the_tag_asks_for_the_vendors_of_its_container_s_partners(tmp_path: Path) -> None:
    ga4 = {"measurement_id": "G-ABC1234567", "api_secret": "$secret.GA4"}
    tags = {"ga4": {"type": "ga4", "fires_on": ["all_events"], "with": ga4}}
    said = {"id": "shop", "sites": ["self"], "consent": {"from": ["tcf"]}, "tags": tags}
    keys = KeyRing(("a-key-of-at-least-thirty-two-characters",))
    container, used = msgspec.convert(said, Container), UsedLinks(tmp_path)
    site = collecting.site_of(container, keys, tag_types(), used)
    assert b'"vendors":[755]' in site.script.body
