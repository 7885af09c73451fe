from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from server import collecting
from server.collector.used_links import UsedLinks
from server.containers.model import Container, PageTag
from server.destinations import tag_types
from server.identity import KeyRing
from server.settings import read_settings


@pytest.mark.parametrize(("word", "count"), [("on", 1), ("off", 0)])
def test_the_operator_may_forbid_what_runs_in_pages(word: str, count: int) -> None:
    tag = PageTag(type="image", src="https://px.example/", fires_on=["all_pages"])
    container = Container(id="shop", sites=["self"], page_tags={"px": tag})
    settings = read_settings({"FREEHOLD_PAGE_TAGS": word})
    assert len(collecting.allowed(container, settings).page_tags) == count


def test_the_tag_asks_for_the_vendors_of_its_container_s_partners(tmp_path: Path) -> None:
    ga4 = {"measurement_id": "G-ABC1234567", "api_secret": "$secret.GA4"}
    tags = {"ga4": {"type": "ga4", "fires_on": ["all_events"], "with": ga4}}
    said = {"id": "shop", "sites": ["self"], "consent": {"from": ["tcf"]}, "tags": tags}
    keys = KeyRing(("a-key-of-at-least-thirty-two-characters",))
    container, used = msgspec.convert(said, Container), UsedLinks(tmp_path)
    site = collecting.site_of(container, keys, tag_types(), used)
    assert b'"vendors":[755]' in site.script.body
