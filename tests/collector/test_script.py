"""Tests of server/collector/script.py; what the JavaScript does is tested in tests/js_snippet."""

from __future__ import annotations

import gzip
import json
import re

import brotli
import pytest
from msgspec.structs import replace

from server.collector.script import FEATURES, PERMISSIONS, policy, snippet, tag_script
from server.containers.model import (
    Consent,
    ConsentMode,
    Container,
    Cookie,
    CookieMode,
    Links,
    Observe,
    PageTag,
    Paths,
)
from server.resources import resource

SHOP = Container(id="shop", sites=["self"])


def config(container: Container, hit_path: str = "/shop/hit") -> bytes:
    """The argument that the tag is called with."""
    return tag_script(container, hit_path=hit_path).body.rpartition(b"}(")[2].removesuffix(b");")


def test_what_runs_in_the_page_is_served_only_where_something_does() -> None:
    html = "</script><!--<script>"
    tag = PageTag(type="html", html=html, fires_on=["all_pages"], enabled=True)
    bodies = [
        tag_script(replace(SHOP, page_tags=tags), hit_path="/shop/hit").body
        for tags in ({}, {"off": replace(tag, enabled=False)}, {"on": tag})
    ]
    plain, off, on = bodies
    assert plain == off
    assert b"createContextualFragment" in on
    assert b"<" not in on.rpartition(b"}(")[2]


def test_the_script_ends_with_its_configuration() -> None:
    silent = Container(id="shop", sites=["self"], consent=Consent(gpc=False, opt_out=False))
    assert (
        config(silent)
        == b'{"name":"freehold","key":"freehold.shop.","hit":"hit","cookie":{"granted":1}}'
    )


def test_vendors_are_asked_for_where_tags_need_their_consent() -> None:
    script = tag_script(SHOP, hit_path="/shop/hit", vendors=[25, 755])
    assert b'"vendors":[25,755]' in script.body
    assert b'"vendors"' not in config(SHOP)


def test_waiting_allows_no_cookie_without_a_grant() -> None:
    always, waiting = Cookie(mode=CookieMode.ALWAYS), Consent(mode=ConsentMode.WAIT)
    container = Container(id="shop", sites=["self"], cookie=always, consent=waiting)
    assert b'"cookie":{"granted":1}' in config(container)


@pytest.mark.parametrize(
    ("hit_path", "relative"),
    [("/shop/hit", "hit"), ("/shop/in/h1", "in/h1"), ("/h", "../h"), ("/eu/x", "../eu/x")],
)
def test_hits_go_to_a_path_relative_to_the_script(hit_path: str, relative: str) -> None:
    assert f'"hit":"{relative}"'.encode() in config(SHOP, hit_path)


def test_each_cookie_mode_has_its_permissions() -> None:
    assert set(PERMISSIONS) == set(CookieMode)
    container = Container(id="shop", sites=["self"], cookie=Cookie(mode=CookieMode.NEVER))
    assert b'"cookie":{}' in config(container)


def test_the_same_container_makes_the_same_bytes() -> None:
    script = tag_script(SHOP, hit_path="/shop/hit")
    assert script == tag_script(SHOP, hit_path="/shop/hit")
    assert gzip.decompress(script.gzip) == script.body
    assert brotli.decompress(script.brotli) == script.body
    assert script.body.isascii()
    assert script.etag.startswith('W/"')


def test_another_container_has_another_etag() -> None:
    other = Container(id="other", sites=["self"])
    first, second = (tag_script(each, hit_path="/x/hit") for each in (SHOP, other))
    assert first.etag != second.etag


def test_a_feature_is_there_when_the_container_observes_it() -> None:
    silent = Container(id="shop", sites=["self"], observe=Observe(page_views=False))
    assert b"persisted" in tag_script(SHOP, hit_path="/shop/hit").body
    assert b"persisted" not in tag_script(silent, hit_path="/shop/hit").body


def test_what_two_features_need_is_there_once() -> None:
    observe = Observe(outbound_links=True, downloads=True)
    both = Container(id="shop", sites=["self"], observe=observe)
    assert tag_script(both, hit_path="/shop/hit").body.count(b"auxclick") == 1
    assert b"auxclick" not in tag_script(SHOP, hit_path="/shop/hit").body


def test_the_data_layer_knows_whether_the_tag_counts_pages_itself() -> None:
    both = Container(id="shop", sites=["self"], observe=Observe(data_layer=True))
    alone = Container(id="shop", sites=["self"], observe=Observe(data_layer=True, page_views=False))
    assert config(both).endswith(b',"page_views":1}')
    assert b"page_views" not in config(alone)


@pytest.mark.parametrize("name", FEATURES)
def test_whatever_can_be_observed_has_a_file(name: str) -> None:
    assert resource("js_snippet", "built", "features", f"{name}.js").is_file()


def test_nothing_in_the_script_can_end_a_script_element() -> None:
    body = tag_script(SHOP, hit_path="/</script><b>\u2028/hit").body
    assert b"</script" not in body
    assert b"\\u003c/script>" in body
    assert b"\\u2028" in body


def test_the_snippet_is_one_element_that_names_the_tag() -> None:
    html = snippet(SHOP, origin="https://t.example.com/metrics/")
    assert html.startswith("<script>!function(")
    assert html.endswith('"https://t.example.com/metrics/shop/tag.js");</script>')
    assert html.count("<") == 2


def test_the_policy_names_what_the_container_is_served_as() -> None:
    named = Container(id="shop", sites=["self"], paths=Paths(tag="a.js", hit="b"))
    script, connect, image = policy(named, origin="https://www.example.com/fh/")
    assert re.fullmatch(
        r"script-src 'sha256-[\w+/]{43}=' https://www\.example\.com/fh/shop/a\.js;", script
    )
    assert connect == "connect-src https://www.example.com/fh/shop/;"
    assert image == "img-src https://www.example.com/fh/shop/b.gif;"


def test_the_policy_lets_in_what_page_tags_load() -> None:
    def tag(kind: str, src: str, *, enabled: bool = True) -> PageTag:
        return PageTag(type=kind, src=src, enabled=enabled, fires_on=["all_pages"])  # type: ignore[arg-type]

    tags = {
        "chat": tag("script", "https://chat.example/widget.js?page={{ event.url }}"),
        "more": tag("script", "https://chat.example/more.js"),
        "pixel": tag("image", "https://px.example:8443/i.gif"),
        "later": tag("image", "https://off.example/i.gif", enabled=False),
    }
    script, _, image = policy(replace(SHOP, page_tags=tags), origin="https://t.example.com")
    assert script.endswith(" https://t.example.com/shop/tag.js https://chat.example;")
    assert image == "img-src https://t.example.com/shop/hit.gif https://px.example:8443;"


def test_a_strange_origin_cannot_leave_the_snippet() -> None:
    html = snippet(SHOP, origin='https://x"</script><script>alert(1)')
    assert html.count("</script>") == 1
    assert '"https://x\\"\\u003c/script>' in html


def test_links_to_other_domains_know_hosts_by_one_pattern_and_their_own_path() -> None:
    domains = Links(domains=["cups.example", "a.co.uk"])
    plain = replace(SHOP, observe=Observe(outbound_links=True))
    linked = replace(plain, links=domains, paths=Paths(link="go"))
    found = re.search(rb'"links":("[^"]+"),"link":"go\?c=1"', config(linked))
    assert found is not None
    pattern = re.compile(json.loads(found[1]))
    hosts = ["cups.example", "www.cups.example", "b.a.co.uk", "a-co.uk", "badcups.example", "co.uk"]
    assert [bool(pattern.search(host)) for host in hosts] == [True, True, True, False, False, False]
    finder = resource("js_snippet", "built", "links.js").read_bytes().strip()
    for container in (plain, linked, replace(SHOP, links=domains)):
        assert tag_script(container, hit_path="/shop/hit").body.count(finder) == 1
    assert finder not in tag_script(SHOP, hit_path="/shop/hit").body
