from __future__ import annotations

from pathlib import Path

import pytest

from server.collector.site import make_site
from server.collector.used_links import UsedLinks
from server.containers.model import Container, Cookie, CookieMode, Links, Paths
from server.identity import KeyRing

KEYS = KeyRing(("a-key-of-at-least-thirty-two-characters",))


@pytest.mark.parametrize(
    ("mode", "asked", "refused", "silent"),
    [
        (CookieMode.CONSENT, True, False, False),
        (CookieMode.EXEMPT, True, False, True),
        (CookieMode.ALWAYS, True, False, True),
        (CookieMode.NEVER, False, False, False),
    ],
)
def test_the_mode_and_the_hit_decide_together(
    mode: CookieMode, asked: bool, refused: bool, silent: bool
) -> None:
    site = make_site(Container(id="demo", sites=["self"], cookie=Cookie(mode=mode)), KEYS)
    assert [site.may_identify(choice) for choice in ("1", "0", "")] == [asked, refused, silent]


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("https://www.shop.example", True),
        ("http://127.0.0.1:8000", True),
        ("https://127.0.0.1:8000", True),
        ("http://www.shop.example", False),
        ("https://www.shop.example.evil.example", False),
        ("https://WWW.shop.example", False),
        ("https://www.shop.example/", False),
        ("null", False),
        ("", False),
        ("http://127.0.0.1:9000", False),
    ],
)
def test_origins_are_matched_exactly(origin: str, is_allowed: bool) -> None:
    site = make_site(Container(id="demo", sites=["https://www.shop.example", "self"]), KEYS)
    assert site.allows(origin.encode(), b"127.0.0.1:8000") is is_allowed


def test_the_collectors_own_pages_are_not_allowed_unless_named() -> None:
    site = make_site(Container(id="demo", sites=["https://www.shop.example"]), KEYS)
    assert not site.allows(b"http://127.0.0.1:8000", b"127.0.0.1:8000")


def test_cookies_that_its_destinations_read_are_kept_beside_those_it_names() -> None:
    container = Container(id="demo", sites=["self"], keep_cookies=["own", "_ga"])
    assert make_site(container, KEYS, read=["_ga", "_fbp"]).kept_cookies == ("own", "_ga", "_fbp")


def test_links_have_a_path_where_the_container_lists_sites(tmp_path: Path) -> None:
    used = UsedLinks(tmp_path)
    plain = Container(id="demo", sites=["self"])
    brand = Links(domains=["shop.example"])
    linked = Container(id="demo", sites=["self"], links=brand, paths=Paths(link="go"))
    assert make_site(plain, KEYS, used=used).linker is None
    assert "link" not in make_site(plain, KEYS, used=used).leaves
    assert make_site(linked, KEYS, used=used).leaves["go"] == "link"
