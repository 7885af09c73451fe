from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient

from server.collector.app import make_app
from server.collector.hit_protocol import hit_paths
from server.collector.site import make_site, with_draft
from server.containers.model import Container, Cookie, CookieMode, Observe, Paths
from server.studio.preview import LASTS_MS, PURPOSE, Preview, preview_link, sign_preview
from tests.collector.doors import KEYS, SHOP, Door
from tests.samples import NOON

DRAFTED = "https://new.shop.example"
PAGE = f"{SHOP}/cups?a=b"
PREVIEW = Preview(base=7, until=NOON + LASTS_MS)


class Browser:
    """One browser at a collector whose container `shop` is at version 7 and has a draft."""

    def __init__(self, folder: Path) -> None:
        self.door = Door(folder)
        self.sites: dict[str, object] = self.door.collector.sites  # type: ignore[assignment]
        always = Cookie(mode=CookieMode.ALWAYS)
        draft = Container(
            id="shop", sites=[SHOP, DRAFTED], cookie=always, observe=Observe(history=True),
            keep_cookies=["_ga"],
        )  # fmt: skip
        self.live = make_site(Container(id="shop", version=7, sites=[SHOP], cookie=always), KEYS)
        self.draft = make_site(draft, KEYS)
        self.serve(self.live.container.version)
        self.client = TestClient(make_app(self.door.collector), base_url="https://t.shop.example")

    def serve(self, version: int, *, has_draft: bool = True) -> None:
        container = replace(self.live.container, version=version)
        draft = self.draft if has_draft else None
        self.sites["shop"] = replace(self.live, container=container, draft=draft)

    def open(self, to: str = PAGE, preview: Preview = PREVIEW, name: str = "shop"):  # type: ignore[no-untyped-def]
        token = sign_preview(preview, KEYS.signer(name, PURPOSE))
        link = preview_link("shop", token, origin="", to=to)
        return self.client.get(link, follow_redirects=False)

    def post(self) -> int:
        body = json.dumps({"v": 1, "events": [{"name": "page_view"}]})
        answer = self.client.post("/shop/hit", content=body, headers={"Cookie": self.cookies()})
        return int(answer.status_code)

    def cookies(self) -> str:
        held = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        return f"{held}; _ga=GA1.1.2.3"

    def previews(self) -> list[str]:
        return [hit.preview for hit in self.door.hits()]


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(tmp_path)


def test_a_link_sets_a_cookie_and_goes_on_to_the_page(browser: Browser) -> None:
    answer = browser.open()
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("fh_preview_shop=7.")
    assert cookie.endswith("Max-Age=3600; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["clear-site-data"] == '"cache"'


def test_with_the_cookie_the_tag_and_the_hits_are_the_draft_s(browser: Browser) -> None:
    plain = browser.client.get("/shop/tag.js")
    assert browser.post() == 204
    browser.open()
    drafted = browser.client.get("/shop/tag.js", headers={"If-None-Match": '"x"'})
    assert drafted.headers["cache-control"] == "private, no-store"
    assert drafted.content == browser.draft.script.body != plain.content
    assert browser.post() == 204
    browser.open(preview=replace(PREVIEW, mode="send"))
    assert browser.post() == 204
    assert browser.previews() == ["", "look", "send"]
    assert [dict(hit.cookies) for hit in browser.door.hits()] == [
        {},
        {"_ga": "GA1.1.2.3"},
        {"_ga": "GA1.1.2.3"},
    ]


def test_the_bare_path_ends_it(browser: Browser) -> None:
    browser.open()
    ended = browser.client.get("/shop/preview")
    assert "is over in this browser" in ended.text
    assert "Max-Age=0" in ended.headers["set-cookie"]
    assert browser.client.get("/shop/tag.js").headers["cache-control"].startswith("public")
    browser.post()
    assert browser.previews() == [""]


def test_it_ends_by_its_time(browser: Browser) -> None:
    browser.open()
    browser.door.now += LASTS_MS
    browser.post()
    assert browser.previews() == [""]
    assert browser.open().status_code == 403


def test_it_ends_when_a_version_is_published_that_its_maker_had_not_seen(
    browser: Browser,
) -> None:
    browser.open()
    browser.serve(8)
    browser.post()
    assert browser.previews() == [""]
    answer = browser.open()
    assert (answer.status_code, answer.headers["x-freehold-error"]) == (403, "preview")
    assert "version 8 was published since" in answer.text


def test_without_its_draft_there_is_no_preview(browser: Browser) -> None:
    browser.open()
    browser.serve(7, has_draft=False)
    browser.post()
    assert browser.previews() == [""]
    assert "the draft is not here yet" in browser.open().text


def test_a_token_of_another_container_or_an_altered_one_is_refused(browser: Browser) -> None:
    assert browser.open(name="asks").status_code == 403
    for token in ("7.99999999999.look.abc", "x", "é", "." * 300, "\x00"):
        answer = browser.client.get("/shop/preview", params={"token": token, "to": PAGE})
        assert answer.status_code == 403
        browser.client.cookies.set("fh_preview_shop", token.encode("ascii", "ignore").decode())
        assert browser.post() == 204
        browser.client.cookies.clear()
    assert set(browser.previews()) == {""}


@pytest.mark.parametrize("to", [PAGE, f"{DRAFTED}/", SHOP, f"{SHOP}/a\tb".replace("\t", "%09")])
def test_it_goes_on_to_pages_of_the_container_alone(browser: Browser, to: str) -> None:
    assert browser.open(to).headers["location"] == to


@pytest.mark.parametrize(
    "to",
    ["", "/cups", "//evil.example/", "https://evil.example/", "javascript:alert(1)",
     f"{SHOP}.evil.example/", f"{SHOP}@evil.example/", f"{SHOP}\\@evil.example/",
     f"https://evil.example\\@{SHOP.removeprefix('https://')}/", f" {SHOP}/", f"{SHOP}/\r\nX: y",
     f"{SHOP}/é", f"{SHOP}:444/", "http://www.shop.example/", "https://[::1", f"{SHOP}/\x00",
     "https://t.shop.example/"],
)  # fmt: skip
def test_it_goes_on_to_nobody_else(browser: Browser, to: str) -> None:
    answer = browser.open(to)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "is not a page of one of the container's sites" in answer.json()["error"]


@pytest.mark.parametrize("query", ["a=1&" * 500, "token=%ff%00&to=%ff", "token", "&&&", "%"])
def test_no_query_is_a_500(browser: Browser, query: str) -> None:
    assert browser.client.get(f"/shop/preview?{query}").status_code in (200, 400, 403)


def test_a_draft_with_other_paths_gets_its_hits_too(tmp_path: Path) -> None:
    paths = Paths(tag="a.js", hit="b")
    plain = make_site(Container(id="shop", sites=[SHOP]), KEYS)
    draft = make_site(Container(id="shop", sites=[SHOP], paths=paths), KEYS)
    both = with_draft(plain, draft)
    assert set(hit_paths({"shop": plain})) == {b"/shop/hit"}
    assert set(hit_paths({"shop": both})) == {b"/shop/hit", b"/shop/b"}
    assert both.leaves["b.gif"] == "hit.gif"
    assert with_draft(plain, None) == plain
