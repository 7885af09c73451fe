"""What a page pays: gzip -9 bytes of what is really served, held by js_snippet/budget.json."""

from __future__ import annotations

import gzip
import json

from server.collector.script import snippet, tag_script
from server.resources import resource
from tests.js_snippet.recorder import make_container

LONGEST_ID = "a" * 32


def budget() -> dict[str, int]:
    ceilings: dict[str, int] = json.loads(resource("js_snippet", "budget.json").read_text())
    return ceilings


def test_the_snippet_fits() -> None:
    container = make_container(name=LONGEST_ID)
    html = snippet(container, origin="https://measurement.example-shop.com")
    assert len(gzip.compress(html.encode(), 9)) <= budget()["loader"]


def test_the_tag_with_page_views_fits() -> None:
    container = make_container(name=LONGEST_ID)
    script = tag_script(container, hit_path=f"/{LONGEST_ID}/hit")
    assert len(script.gzip) <= budget()["core"]
