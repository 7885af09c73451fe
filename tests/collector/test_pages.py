from __future__ import annotations

import re

from starlette.applications import Starlette
from starlette.testclient import TestClient

from server.collector.pages import FOLDER, demo_routes

CLIENT = TestClient(Starlette(routes=list(demo_routes())))


def test_every_file_of_the_demo_is_served_with_its_type() -> None:
    kinds = {
        ".html": "text/html",
        ".css": "text/css",
        ".js": "text/javascript",
        ".svg": "image/svg",
    }
    for file in FOLDER.iterdir():
        path = "/demo/" if file.name == "index.html" else f"/demo/{file.name}"
        answer = CLIENT.get(path)
        assert answer.status_code == 200
        assert answer.content == file.read_bytes()
        assert answer.headers["content-type"].startswith(kinds[file.suffix])


def test_the_pages_live_under_a_strict_content_security_policy() -> None:
    policy = CLIENT.get("/demo/").headers["content-security-policy"]
    assert "unsafe" not in policy
    for file in FOLDER.glob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert re.findall(r"<script>|<style>|\son\w+=|\sstyle=", text) == []
        assert re.findall(r"(?:src|href)=\"https?://", text) == []


def test_nothing_outside_the_folder_is_served() -> None:
    assert CLIENT.get("/demo/../pages.py").status_code == 404
    assert CLIENT.get("/demo/%2e%2e/pages.py").status_code == 404
