"""The recipes of docs/operating.md do what they say, with the real programs in front."""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page

from server.collector.collector import Collector
from server.collector.script import snippet
from server.collector.site import make_site
from server.containers.model import Container, Cookie, CookieMode
from tests.browser import chromium
from tests.collector.doors import BODY, KEYS, Door
from tests.collector.serving import serving
from tests.embedded_store import free_port
from tests.nginx import OPERATING, is_here, nginx_before
from tests.running import wait_for

ADDRESSES = "a second loopback address is Linux's"
NO_NGINX = "no nginx is here; as root on Debian: make nginx"
NO_NODE = "no Node is here; make test installs it"
CLIENT = "127.0.0.9"
"""Another address than nginx', which the collector trusts."""


class Fronted:
    """A collector behind nginx: `/fh/shop/` of the site is the container `shop`."""

    def __init__(self, door: Door, port: int) -> None:
        self.door, self.port = door, port
        self.site = f"http://www.localhost:{port}"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        """Status and Set-Cookie, asked of www.shop.example from CLIENT."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10, source_address=(CLIENT, 0))
        told = {name.replace("_", "-"): text for name, text in headers.items()}
        connection.request(method, path, body, {"Host": "www.shop.example", **told})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.getheader("Set-Cookie") or ""


def make_shop(*sites: str) -> Container:
    """The container of the recipes, which sets its cookie without being asked."""
    return Container(id="shop", sites=list(sites), cookie=Cookie(mode=CookieMode.ALWAYS))


def trusting(door: Door, shop: Container) -> Collector:
    """A collector with this container, which believes a proxy on this machine."""
    trusted = (ipaddress.ip_network("127.0.0.1/32"),)
    return replace(door.collector, trusted=trusted, sites={"shop": make_site(shop, KEYS)})


@pytest.fixture
def fronted(tmp_path: Path) -> Iterator[Fronted]:
    if not is_here() or sys.platform != "linux":
        pytest.skip(ADDRESSES if is_here() else NO_NGINX)
    made = Fronted(Door(tmp_path), free_port())
    shop = make_shop("self", made.site)
    collector = trusting(made.door, shop)
    page = f"<!doctype html>{snippet(shop, origin='/fh')}<h1>Shop</h1>"
    with serving(collector) as server:
        (tmp_path / "nginx" / "www").mkdir(parents=True)
        (tmp_path / "nginx" / "www" / "index.html").write_text(page)
        with nginx_before(server.port, tmp_path / "nginx", port=made.port):
            yield made


def test_a_hit_through_nginx_has_the_cookie_and_the_visitor_s_address(fronted: Fronted) -> None:
    headers = {"Origin": "https://www.shop.example", "Content_Type": "text/plain"}
    status, cookie = fronted.ask(
        "POST", "/fh/shop/hit?c=1", BODY, X_Forwarded_For="6.6.6.6", **headers
    )
    assert status == 204
    assert cookie.startswith("fh_shop=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")  # and of this host alone
    ours = cookie.partition(";")[0]
    fronted.door.now += 5_000
    assert fronted.ask("POST", "/fh/shop/hit?c=1", BODY, Cookie=ours, **headers) == (204, "")
    first, second = fronted.door.hits()
    assert first.ip == second.ip == CLIENT
    assert first.visitor is not None
    assert second.visitor is not None
    assert first.visitor.visitor_id == second.visitor.visitor_id


def test_nothing_else_of_the_collector_is_shown(fronted: Fronted) -> None:
    assert fronted.ask("GET", "/fh/shop/tag.js")[0] == 200
    for path in ("/readyz", "/fh/readyz", "/demo/", "/fh/asks/tag.js", "/fh/shop/../readyz"):
        assert fronted.ask("GET", path)[0] in (400, 404), path
    assert fronted.door.hits() == []


@pytest.mark.browser
def test_the_pasted_snippet_sends_its_page_view_through_nginx(fronted: Fronted) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"{fronted.site}/")
        wait_for(lambda: bool(cookies_of(page)), "a cookie")
        [cookie] = cookies_of(page)
    assert cookie == ("fh_shop", "www.localhost", True)
    [hit] = fronted.door.hits()
    assert b'"page_view"' in hit.body
    assert hit.visitor is not None


WORKER_IS_ASKED = """
import worker from "./worker.mjs";
const ask = (path) => worker.fetch(new Request("https://www.shop.example" + path, {
  method: "POST", body: process.argv[2],
  headers: { Origin: "https://www.shop.example", "Content-Type": "text/plain",
             "CF-Connecting-IP": "203.0.113.9", "X-Forwarded-For": "6.6.6.6" },
}));
const hit = await ask("/fh/shop/hit?c=1"), other = await ask("/fh/demo/hit");
console.log(JSON.stringify([hit.status, hit.headers.get("Set-Cookie"), other.status]));
"""


def test_a_hit_through_the_worker_has_the_cookie_and_the_visitor_s_address(tmp_path: Path) -> None:
    node = shutil.which(
        "node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    )
    if node is None:
        pytest.skip(NO_NODE)
    door = Door(tmp_path)
    worker = OPERATING.partition("### Cloudflare")[2].partition("```js\n")[2].partition("```")[0]
    with serving(trusting(door, make_shop("https://www.shop.example"))) as server:
        local = worker.replace("https://c.shop.example", f"http://127.0.0.1:{server.port}")
        (tmp_path / "worker.mjs").write_text(local)
        (tmp_path / "ask.mjs").write_text(WORKER_IS_ASKED)
        command = [node, "ask.mjs", BODY.decode()]
        told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    status, cookie, other = json.loads(told.stdout)
    assert (status, other) == (204, 404)
    assert cookie.startswith("fh_shop=")
    assert "Domain" not in cookie
    assert [hit.ip for hit in door.hits()] == ["203.0.113.9"]


def cookies_of(page: Page) -> list[tuple[str, str, bool]]:
    """Name, host and whether no script can read it."""
    kept = page.context.cookies()
    return [(one["name"], one["domain"], one["httpOnly"]) for one in kept]
