from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from server.collector.script import snippet
from server.containers.model import Container
from server.demo.catalogue import PRODUCTS
from server.demo.shop import RECORDER, money, shop_routes
from tests.browser import chromium
from tests.demo.serving import serve

SNIPPET = snippet(Container(id="demo", sites=["self"]), origin="")
ROUTES = shop_routes(SNIPPET)
CLIENT = TestClient(Starlette(routes=ROUTES))
PATHS = [route.path for route in ROUTES]
PAGES = [path for path in PATHS if "." not in path]


class Tags(HTMLParser):
    """Every element of a page, with its attributes, and what stands in script and style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self._open in {"script", "style"}:
            self.inline += data.strip()


def tags(path: str) -> Tags:
    return Tags(CLIENT.get(path).text)


def test_the_shop_has_its_pages_and_files() -> None:
    products = [f"/demo/p/{product.slug}" for product in PRODUCTS]
    assert list(PATHS) == [
        "/demo/", "/demo/c/stoneware", "/demo/c/linen", "/demo/c/wood", *products,
        "/demo/search", "/demo/cart", "/demo/checkout", "/demo/thank-you", "/demo/delivery",
        "/demo/broken",
        "/demo/shop.css", "/demo/shop.js", "/demo/sent.js", "/demo/consent.js",
        "/demo/icon.svg", "/demo/wheel.webm", "/demo/sizes.pdf",
    ]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_resolves(path: str) -> None:
    outside = set()
    for _, attributes in tags(path).found:
        link = attributes.get("href") or attributes.get("src")
        if link is None or link == "#main":
            continue
        url = urljoin(f"http://testserver{path}", link)
        if url.startswith("http://testserver/"):
            assert CLIENT.get(url).status_code == 200, link
        else:
            outside.add(url)
    carrier = {"https://www.example.com/"} if path == "/demo/delivery" else set()
    assert outside == {RECORDER} | carrier


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_nothing_that_its_policy_forbids(path: str) -> None:
    page = tags(path)
    names = {name for _, attributes in page.found for name in attributes}
    assert f"<script>{page.inline}</script>" == SNIPPET
    assert {name for name in names if name.startswith("on") or name == "style"} == set()
    sources = [a.get("src") for tag, a in page.found if tag in {"img", "iframe"}]
    assert all(source and source.startswith("/demo/") for source in sources)


def test_every_answer_carries_the_strict_headers() -> None:
    for path in PATHS:
        headers = CLIENT.get(path).headers
        policy, _, scripts = headers["content-security-policy"].partition("; script-src ")
        assert policy == (
            "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'"
        )
        assert bool(scripts) is (path in PAGES)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-cache"


def test_each_answer_lets_its_snippet_in_by_a_nonce_of_its_own() -> None:
    nonces = set()
    for _ in range(3):
        answer = CLIENT.get("/demo/")
        [nonce] = re.findall(r'<script nonce="([\w-]{22})">', answer.text)
        policy = answer.headers["content-security-policy"]
        assert policy.endswith(f"; script-src 'self' 'nonce-{nonce}'")
        nonces.add(nonce)
    assert len(nonces) == 3


def test_files_come_with_their_types() -> None:
    kinds = {path: CLIENT.get(path).headers["content-type"].partition(";")[0] for path in PATHS}
    assert {kinds[path] for path in PAGES} == {"text/html"}
    assert kinds["/demo/sizes.pdf"] == "application/pdf"
    assert kinds["/demo/shop.js"] == "text/javascript"
    assert kinds["/demo/icon.svg"] == "image/svg+xml"


def test_text_is_escaped_and_the_recorder_s_address_is_the_operator_s() -> None:
    client = TestClient(Starlette(routes=shop_routes("", recorder='http://[::1]:9/?a="b&c"')))
    html = client.get("/demo/").text
    assert "Kiln &amp; Loom</title>" in html
    assert 'href="http://[::1]:9/?a=&#34;b&amp;c&#34;"' in html


def test_the_data_layer_is_made_before_the_tag_comes() -> None:
    for path in PAGES:
        scripts = [attributes for tag, attributes in tags(path).found if tag == "script"]
        assert [list(one) for one in scripts] == [["src"], ["src"], ["src"], ["nonce"]]
        own = [one["src"] for one in scripts[:3]]
        assert own == ["/demo/shop.js", "/demo/sent.js", "/demo/consent.js"]


def test_an_unknown_product_is_not_there() -> None:
    assert CLIENT.get("/demo/p/nothing").status_code == 404
    assert CLIENT.get("/demo/../shop.py").status_code == 404
    assert CLIENT.post("/demo/").status_code == 405


def test_money_has_two_places() -> None:
    assert [money(1450), money(8000)] == ["€14.50", "€80.00"]


# In Chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """The shop beside a tag that does nothing, so that the data layer stays as it was pushed."""

    async def tag(_: Request) -> Response:
        return Response("", media_type="text/javascript")

    with serve(Starlette(routes=[*ROUTES, Route("/demo/tag.js", tag)])) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor's page; nothing may be said in its console."""
    context = browser.new_context()
    noise: list[str] = []
    context.on("weberror", lambda error: noise.append(str(error.error)))
    context.on("console", lambda line: noise.append(line.text))
    yield context.new_page()
    context.close()
    assert noise == []


def layer(page: Page) -> list[Any]:
    """The data layer, with gtag's calls as lists."""
    text = page.evaluate(
        "JSON.stringify(dataLayer.map((one) => one && 'length' in one ? [...one] : one))"
    )
    entries: list[Any] = json.loads(text)
    return entries


def events(page: Page) -> list[Any]:
    """The e-commerce events; before each, the one before was cleared."""
    found = [entry for entry in layer(page) if isinstance(entry, dict)]
    assert found[::2] == [{"ecommerce": None}] * (len(found) // 2)
    return found[1::2]


def answers(*granted: str) -> dict[str, str]:
    purposes = ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")
    return {purpose: "granted" if purpose in granted else "denied" for purpose in purposes}


DEFAULT = ["consent", "default", {**answers(), "wait_for_update": 500}]
CUP, BOWL = PRODUCTS[0], PRODUCTS[1]


def ecommerce(value: float, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"currency": "EUR", "value": value, "items": list(items), **more}


@pytest.mark.browser
def test_the_whole_way_to_an_order_is_pushed_as_a_shop_does_it(shop: str, page: Page) -> None:
    page.goto(f"{shop}/demo/")
    page.get_by_role("button", name="Refuse").click()
    page.get_by_role("navigation").get_by_role("link", name="Stoneware").click()
    page.wait_for_load_state()
    assert events(page) == [
        {
            "event": "view_item_list",
            "ecommerce": {
                "currency": "EUR",
                "item_list_id": "stoneware",
                "item_list_name": "Stoneware",
                "items": [p.item(index=i) for i, p in enumerate(PRODUCTS[:3])],
            },
        }
    ]
    page.get_by_role("link", name="Breakfast cup").click()
    page.get_by_label("Quantity").select_option("2")
    page.get_by_role("button", name="Add to cart").click()
    assert events(page) == [
        {"event": "view_item", "ecommerce": ecommerce(24, CUP.item())},
        {"event": "add_to_cart", "ecommerce": ecommerce(48, CUP.item(quantity=2))},
    ]
    page.get_by_role("link", name="See the cart").click()
    page.wait_for_load_state()
    cups = CUP.item(quantity=2)
    assert events(page) == [{"event": "view_cart", "ecommerce": ecommerce(48, cups)}]
    page.goto(f"{shop}/demo/p/soup-bowl")
    page.get_by_role("button", name="Add to cart").click()
    page.goto(f"{shop}/demo/checkout")
    both = (cups, BOWL.item(index=1))
    assert events(page) == [{"event": "begin_checkout", "ecommerce": ecommerce(77, *both)}]
    assert page.locator("[data-total]").inner_text() == "€81.90"


def order(shop: str, page: Page) -> None:
    """Buys a soup bowl."""
    page.goto(f"{shop}/demo/p/soup-bowl")
    page.get_by_role("button", name="Accept all").click()
    page.get_by_role("button", name="Add to cart").click()
    page.goto(f"{shop}/demo/checkout")
    page.get_by_role("button", name="Fill in an example").click()
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url("**/thank-you")
    page.wait_for_load_state()


@pytest.mark.browser
def test_an_order_is_told_once_and_just_before_it_the_customer(shop: str, page: Page) -> None:
    order(shop, page)
    [purchase] = events(page)
    number = purchase["ecommerce"].pop("transaction_id")
    assert re.fullmatch(r"KL-[0-9A-Z]{8}", number)
    assert purchase == {
        "event": "purchase",
        "ecommerce": ecommerce(29, BOWL.item(), tax=4.83, shipping=4.9),
    }
    assert page.evaluate("freehold.q.map(([, words]) => [...words])") == [
        ["user", {
            "email": "customer@example.com", "phone": "+33 6 39 98 01 23", "first_name": "Demo",
            "last_name": "Customer", "street": "1 rue des Exemples", "postcode": "75001",
            "city": "Paris", "country": "FR",
        }],
    ]  # fmt: skip
    page.reload()
    assert events(page) == []
    assert page.get_by_text(number).is_visible()
    assert page.evaluate("sessionStorage.shop_order").count("example.com") == 0
    page.goto(f"{shop}/demo/cart")
    assert page.get_by_text("There is nothing in it yet.").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("button", "granted"),
    [
        ("Accept all", ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")),
        ("Only statistics", ("analytics_storage",)),
        ("Refuse", ()),
    ],
)
def test_a_choice_is_pushed_kept_and_can_be_changed(
    shop: str, page: Page, button: str, granted: tuple[str, ...]
) -> None:
    update = ["consent", "update", answers(*granted)]
    page.goto(f"{shop}/demo/")
    assert layer(page) == [DEFAULT]
    page.get_by_role("button", name=button).click()
    assert layer(page) == [DEFAULT, update]
    page.goto(f"{shop}/demo/delivery")
    assert layer(page) == [DEFAULT, update]
    banner = page.get_by_role("region", name="Cookies?")
    assert banner.is_hidden()
    page.get_by_role("button", name="Cookie choices").click()
    banner.get_by_role("button", name="Refuse").click()
    assert layer(page)[-1] == ["consent", "update", answers()]
    assert banner.is_hidden()


@pytest.mark.browser
def test_a_visitor_can_opt_out_and_in_again(shop: str, page: Page) -> None:
    page.goto(f"{shop}/demo/")
    for button in ("Do not count me", "Count me again"):
        page.get_by_role("button", name=button).click()
    assert page.evaluate("freehold.q.map(([, words]) => [...words])") == [["optOut"], ["optIn"]]
    assert page.get_by_role("status").inner_text() == "This browser is counted again."


@pytest.mark.browser
def test_the_cart_can_be_changed_and_its_sums_follow(shop: str, page: Page) -> None:
    page.goto(f"{shop}/demo/p/breakfast-cup")
    page.get_by_role("button", name="Refuse").click()
    page.get_by_role("button", name="Add to cart").click()
    page.goto(f"{shop}/demo/cart")
    more = page.get_by_role("button", name="One Breakfast cup more")
    totals = []
    for _ in range(3):
        totals.append(page.locator("[data-total]").inner_text())
        more.click()
    assert totals == ["€28.90", "€52.90", "€76.90"]
    assert page.locator("[data-total]").inner_text() == "€96.00"
    assert page.locator("[data-shipping]").inner_text() == "free"
    assert page.locator("[data-count]").inner_text() == "4"
    page.get_by_role("button", name="Remove Breakfast cup").click()
    assert page.get_by_text("There is nothing in it yet.").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_the_window(shop: str, browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    order(shop, page)
    for path in PAGES:
        page.goto(f"{shop}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
