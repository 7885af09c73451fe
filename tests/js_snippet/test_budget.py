"""What a page pays: bytes of gzip as they are really served, held by js_snippet/budget.json.

A feature's ceiling is for what it adds to the tag that only counts page views; `usual` is what a
container gets that says nothing of consent, with single-page applications.
"""

from __future__ import annotations

import gzip
import json
from typing import get_args

import pytest
from msgspec.structs import replace

from server.collector import script
from server.collector.script import snippet, tag_script
from server.containers.model import Consent, ConsentMode, CookieMode, Links, PageTag
from server.containers.model.site import Cmp, Shim
from server.resources import resource
from tests.js_snippet.recorder import make_container

LONGEST_ID = "a" * 32
SILENT = Consent(gpc=False, opt_out=False)
FEATURES = [name for name in script.FEATURES if name != "page_views"]
USUAL = ("commands", "history")


def budget() -> dict[str, int]:
    ceilings: dict[str, int] = json.loads(resource("js_snippet", "budget.json").read_text())
    return ceilings


def size(*features: str, consent: Consent = SILENT, mode: CookieMode = CookieMode.CONSENT) -> int:
    """Bytes of the tag as served."""
    switches = dict.fromkeys(FEATURES, False) | dict.fromkeys(features, True)
    container = make_container(mode, name=LONGEST_ID, **switches)
    container = replace(container, consent=consent)
    return len(tag_script(container, hit_path=f"/{LONGEST_ID}/hit").gzip)


def test_the_snippet_fits() -> None:
    container = make_container(name=LONGEST_ID)
    html = snippet(container, origin="https://measurement.example-shop.com")
    assert len(gzip.compress(html.encode(), 9)) <= budget()["loader"]


def test_the_tag_with_page_views_fits() -> None:
    assert size() <= budget()["core"]


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_fits(name: str) -> None:
    assert 0 < size(name) - size() <= budget()[name]


def test_core_fits_with_pages_of_single_page_applications() -> None:
    assert size("history") <= budget()["core"]


def test_what_a_container_gets_that_says_nothing_fits() -> None:
    assert size("history") < size(*USUAL, consent=Consent()) <= budget()["usual"]


def test_waiting_for_an_answer_fits() -> None:
    waiting = size(consent=Consent(gpc=False, opt_out=False, mode=ConsentMode.WAIT))
    assert 0 < waiting - size() <= budget()["wait"]


def test_the_pixel_fits() -> None:
    container = make_container(CookieMode.CONSENT, name=LONGEST_ID, commands=False)
    container = replace(container, consent=SILENT, pixel=True)
    served = len(tag_script(container, hit_path=f"/{LONGEST_ID}/hit").gzip)
    assert 0 < served - size() <= budget()["pixel"]


@pytest.mark.parametrize("mode", [CookieMode.EXEMPT, CookieMode.ALWAYS])
def test_a_cookie_without_an_answer_fits(mode: CookieMode) -> None:
    assert 0 < size(mode=mode) - size() <= budget()["unasked"]


@pytest.mark.parametrize("name", get_args(Cmp))
def test_a_consent_platform_fits(name: Cmp) -> None:
    assert (
        0 < size(consent=Consent(gpc=False, opt_out=False, cmps=[name])) - size() <= budget()[name]
    )


@pytest.mark.parametrize("name", get_args(Shim))
def test_a_shim_fits(name: Shim) -> None:
    shimmed = make_container(CookieMode.CONSENT, shims=[name], name=LONGEST_ID, commands=False)
    container = replace(shimmed, consent=SILENT)
    served = len(tag_script(container, hit_path=f"/{LONGEST_ID}/hit").gzip)
    assert 0 < served - size() <= budget()[name]


def test_links_to_other_domains_fit() -> None:
    container = replace(
        make_container(CookieMode.CONSENT, name=LONGEST_ID, commands=False),
        consent=SILENT,
        links=Links(domains=["shop.example", "other.example"]),
    )
    served = len(tag_script(container, hit_path=f"/{LONGEST_ID}/hit").gzip)
    assert 0 < served - size() <= budget()["links"]


def test_a_page_tag_fits() -> None:
    container = make_container(CookieMode.CONSENT, name=LONGEST_ID, commands=False)
    tag = PageTag(type="image", src="https://px.example/", fires_on=["all_pages"], enabled=True)
    container = replace(container, consent=SILENT, page_tags={"px": tag})
    served = len(tag_script(container, hit_path=f"/{LONGEST_ID}/hit").gzip)
    assert 0 < served - size() <= budget()["page_tags"]


def test_everything_fits_together() -> None:
    everything = Consent(mode=ConsentMode.WAIT, cmps=["tcf"])
    assert size(*FEATURES, consent=everything) <= budget()["all"]


def test_everything_fits_together_with_links_and_a_page_tag() -> None:
    tag = PageTag(type="image", src="https://px.example/", fires_on=["all_pages"], enabled=True)
    container = replace(
        make_container(CookieMode.CONSENT, name=LONGEST_ID, **dict.fromkeys(FEATURES, True)),
        consent=Consent(mode=ConsentMode.WAIT, cmps=["tcf"]),
        links=Links(domains=["shop.example", "other.example"]),
        page_tags={"px": tag},
    )
    served = len(tag_script(container, hit_path=f"/{LONGEST_ID}/hit").gzip)
    assert size(*FEATURES) < served <= budget()["all_with_links_and_a_page_tag"]


def test_every_ceiling_is_of_something_that_is_served() -> None:
    assert set(budget()) == {
        "loader",
        "core",
        "usual",
        "unasked",
        "wait",
        "pixel",
        "all",
        "all_with_links_and_a_page_tag",
        "links",
        "page_tags",
        *get_args(Cmp),
        *get_args(Shim),
        *FEATURES,
    }


def test_every_consent_platform_has_a_file() -> None:
    files = {path.name for path in resource("js_snippet", "built", "cmps").iterdir()}
    assert files == {f"{name}.js" for name in get_args(Cmp)}


def test_every_feature_file_can_be_switched_on() -> None:
    files = {path.name for path in resource("js_snippet", "built", "features").iterdir()}
    assert files == {f"{name}.js" for name in script.FEATURES}
