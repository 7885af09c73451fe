"""The recipes of docs/operating.md do what they say, with the real programs in front."""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from playwright.sync_api import Page

from server.collector.collector import Collector
from server.collector.door import MAX_BODY_BYTES
from server.collector.script import snippet
from server.collector.site import make_site
from server.containers.model import Container, Cookie, CookieMode
from server.journal import Shed
from tests.browser import chromium
from tests.collector.doors import BODY, KEYS, Door, reserve_for
from tests.collector.serving import serving
from tests.embedded_store import free_port
from tests.fronts import connect, program
from tests.fronts.caddy import behind_cloudflare, caddy_before
from tests.fronts.nginx import nginx_before, sub_domain_before
from tests.fronts.worker import recipe, worker_before, workerd
from tests.running import wait_for

NO_NODE = "no Node is here; make test installs it"
CLIENT = "127.0.0.9"
"""Another address than that of the server in front, which the collector trusts."""
SPOOFED = {"X-Forwarded-For": "6.6.6.6", "CF-Connecting-IP": "6.6.6.7", "X-Real-IP": "6.6.6.8",
           "Forwarded": "for=6.6.6.9"}  # fmt: skip


class Front(Struct, frozen=True, kw_only=True):
    """A web server, and how the collector is reached through it."""

    name: str
    before: Callable[..., AbstractContextManager[None]]
    scheme: str
    host: str
    path: str = "/fh"
    opened: str = ""
    """The host that a browser opens, which has to find this machine by it."""
    missing: str = ""
    """Why it cannot be tried here."""


def make_front(name: str, **more: Any) -> Front:
    missing = "" if program(name) else f"no {name} is here; as root on Debian: make servers"
    return Front(name=name, missing=missing, **more)


NGINX = make_front("nginx", before=nginx_before, scheme="http",
              host="www.shop.example", opened="www.localhost")  # fmt: skip
NGINX_ALONE = make_front("nginx", before=sub_domain_before, scheme="https",
                    host="c.shop.example", path="")  # fmt: skip
CADDY = make_front("caddy", before=caddy_before, scheme="https",
              host="shop.example", opened="shop.example")  # fmt: skip
CADDY_ALONE = replace(CADDY, host="c.shop.example", path="")
WORKER = Front(name="workerd", before=worker_before, scheme="http", host="shop.example",
               missing="" if workerd() else "no workerd is here: make worker")  # fmt: skip
SITES = [NGINX, CADDY, WORKER]
FRONTS = [*SITES, NGINX_ALONE, CADDY_ALONE]


def each(fronts: list[Front]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "front", fronts, ids=[f"{one.name}-{one.host}" for one in fronts]
    )


class Fronted:
    """A collector behind a web server."""

    def __init__(self, front: Front, door: Door) -> None:
        self.front, self.door, self.port = front, door, free_port()
        self.origin = f"https://{front.host}"
        self.site = f"{front.scheme}://{front.opened}:{self.port}"
        self.shop = make_shop(self.origin, self.site)

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        """The answer and its body, asked of the host from CLIENT, who lies about its address."""
        host, is_tls = self.front.host, self.front.scheme == "https"
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        told = {"Host": host, **SPOOFED, **given}
        if self.front is WORKER:
            told["CF-Connecting-IP"] = CLIENT  # by Cloudflare, whatever a client says
        connection = HTTPConnection(host)
        connection.sock = connect(self.port, host, client=CLIENT, is_tls=is_tls)
        connection.request(method, self.front.path + path, body, told)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def hit(self, body: bytes = BODY, **headers: str) -> HTTPResponse:
        """The answer to a hit of a page of the site."""
        told = {"Origin": self.origin, "Content-Type": "text/plain", **headers}
        return self.ask("POST", "/shop/hit?c=1", body, **told)[0]


def make_shop(*sites: str) -> Container:
    """The container of the recipes, which sets its cookie without being asked."""
    return Container(id="shop", sites=list(sites), cookie=Cookie(mode=CookieMode.ALWAYS))


def trusting(door: Door, shop: Container, *networks: str) -> Collector:
    """A collector with this container, which believes a proxy on this machine."""
    trusted = tuple(map(ipaddress.ip_network, ("127.0.0.1/32", *networks)))
    return replace(door.collector, trusted=trusted, sites={"shop": make_site(shop, KEYS)})


@contextmanager
def fronting(
    front: Front, folder: Path, *, trusted: Sequence[str] = (), reserve_bytes: int = 0
) -> Iterator[Fronted]:
    if front.missing or sys.platform != "linux":
        pytest.skip(front.missing or "a second loopback address is Linux's")
    made = Fronted(front, Door(folder, reserve_bytes=reserve_bytes))
    page = f"<!doctype html>{snippet(made.shop, origin='/fh')}<h1>Shop</h1>"
    (folder / "front" / "www").mkdir(parents=True)
    (folder / "front" / "www" / "index.html").write_text(page)
    with (
        serving(trusting(made.door, made.shop, *trusted)) as server,
        front.before(server.port, folder / "front", port=made.port),
    ):
        yield made


@pytest.fixture
def fronted(front: Front, tmp_path: Path) -> Iterator[Fronted]:
    with fronting(front, tmp_path) as made:
        yield made


@each(FRONTS)
def test_a_hit_has_the_cookie_and_the_visitor_s_address(fronted: Fronted) -> None:
    answer = fronted.hit()
    assert answer.status == 204
    assert answer.getheader("Access-Control-Allow-Origin") == fronted.origin
    cookie = answer.getheader("Set-Cookie", "")
    assert cookie.startswith("fh_shop=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")  # and of this host alone
    fronted.door.now += 5_000
    again = fronted.hit(Cookie=cookie.partition(";")[0])
    assert (again.status, again.getheader("Set-Cookie")) == (204, None)
    first, second = fronted.door.hits()
    assert first.ip == second.ip == CLIENT
    assert first.visitor is not None
    assert second.visitor is not None
    assert first.visitor.visitor_id == second.visitor.visitor_id


@pytest.mark.parametrize("front", [NGINX, CADDY], ids=["nginx", "caddy"])
def test_behind_a_content_network_the_address_is_the_one_that_it_wrote(
    front: Front, tmp_path: Path
) -> None:
    network = f"{CLIENT}/32"
    if front is CADDY:
        told = partial(caddy_before, text=behind_cloudflare(network))
        front = replace(front, before=told)
    with fronting(front, tmp_path, trusted=[network]) as made:
        assert made.hit(X_Forwarded_For="6.6.6.6, 203.0.113.9").status == 204
        assert [hit.ip for hit in made.door.hits()] == ["203.0.113.9"]


@each(SITES)
def test_what_the_collector_says_arrives_as_it_is(fronted: Fronted) -> None:
    tag, script = fronted.ask("GET", "/shop/tag.js")
    assert tag.status == 200
    assert tag.getheader("Cache-Control", "").startswith("public, max-age=300")
    assert script == make_site(fronted.shop, KEYS).script.body
    pixel, image = fronted.ask("GET", "/shop/hit.gif?name=open&c=1")
    assert (pixel.status, pixel.getheader("Content-Type"), image[:3]) == (200, "image/gif", b"GIF")
    longest = b64encode(BODY + b" " * (5_250 - len(BODY))).decode()  # as the tag sends it
    pixel, again = fronted.ask("GET", f"/shop/hit.gif?c=1&hit={longest}", Origin=fronted.origin)
    assert (pixel.status, len(longest), again) == (200, 7_000, image)
    assert fronted.hit(Origin="https://other.example").getheader("X-Freehold-Error") == "origin"
    assert fronted.ask("OPTIONS", "/shop/hit", Origin=fronted.origin)[0].status == 204
    largest = BODY + b" " * (MAX_BODY_BYTES - len(BODY))
    assert fronted.hit(largest).status == 204
    assert fronted.hit(largest + b" ").status == 413
    assert [len(hit.body) for hit in fronted.door.hits()][1:] == [5_250, MAX_BODY_BYTES]


@each(SITES)
def test_a_hit_that_has_to_come_again_is_told_when(front: Front, tmp_path: Path) -> None:
    with fronting(front, tmp_path, reserve_bytes=reserve_for(Shed.ORDINARY, tmp_path)) as made:
        answer = made.hit()
    assert (answer.status, answer.getheader("X-Freehold-Error")) == (503, "disk_short")
    assert int(answer.getheader("Retry-After", "0")) > 0


@each(FRONTS)
def test_nothing_else_of_the_collector_is_shown(fronted: Fronted) -> None:
    assert fronted.ask("GET", "/shop/tag.js")[0].status == 200
    for path in ("/", "/readyz", "/asks/tag.js", "/shop/../readyz", "/shop/%2e%2e/readyz",
                 "/shop/..%2freadyz", "//readyz", "/../readyz", "/../demo/"):  # fmt: skip
        assert fronted.ask("GET", path)[0].status in (400, 404), path
    assert fronted.door.hits() == []


@pytest.mark.browser
@each([NGINX, CADDY])
def test_the_pasted_snippet_sends_its_page_view(fronted: Fronted) -> None:
    found_by = f"--host-resolver-rules=MAP {fronted.front.opened} 127.0.0.1"
    with chromium(found_by, "--ignore-certificate-errors") as browser:
        page = browser.new_page()
        page.goto(f"{fronted.site}/")
        wait_for(lambda: bool(cookies_of(page)), "a cookie")
        [cookie] = cookies_of(page)
    assert cookie == ("fh_shop", fronted.front.opened, True, fronted.front.scheme == "https")
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
    with serving(trusting(door, make_shop("https://www.shop.example"))) as server:
        local = recipe().replace("https://c.shop.example", f"http://127.0.0.1:{server.port}")
        (tmp_path / "worker.mjs").write_text(local)
        (tmp_path / "ask.mjs").write_text(WORKER_IS_ASKED)
        command = [node, "ask.mjs", BODY.decode()]
        told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    status, cookie, other = json.loads(told.stdout)
    assert (status, other) == (204, 404)
    assert cookie.startswith("fh_shop=")
    assert "Domain" not in cookie
    assert [hit.ip for hit in door.hits()] == ["203.0.113.9"]


def cookies_of(page: Page) -> list[tuple[str, str, bool, bool]]:
    """Name, host, whether no script can read it, and whether it goes over TLS alone."""
    kept = page.context.cookies()
    return [(one["name"], one["domain"], one["httpOnly"], one["secure"]) for one in kept]
