"""What consent platforms tell, `consent: from:`, by stand-ins for their documented interfaces."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from playwright.sync_api import Page

from server.containers.model import Consent, ConsentMode, CookieMode
from tests.js_snippet.cmps import CHOICE, STAND_INS, stand_in
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser

UNSET = {"purposes": {"analytics_storage": "unset"}}
ADS = ("ad_storage", "ad_user_data", "ad_personalization")
CATEGORIES: dict[str, dict[str, Any]] = {
    "trustcommander": {"2": ["analytics_storage"], "5": list(ADS)},
}


def listen(recorder: Recorder, name: str, mode: ConsentMode = ConsentMode.COOKIELESS) -> str:
    """The platform that the container listens to from now on."""
    cmp = name.partition(" ")[0]
    said = {"from": [cmp], "categories": CATEGORIES.get(name, {}), "mode": mode}
    consent = msgspec.convert(said, Consent)
    recorder.container = replace(make_container(CookieMode.CONSENT), consent=consent)
    return cmp


def expected(name: str, analytics: str, ads: str) -> dict[str, str]:
    """The purposes of an answer; the TCF's ad_storage is its purpose 1, which is granted here."""
    purposes = {"analytics_storage": analytics, **dict.fromkeys(ADS, ads)}
    if name in ("tcf", "didomi"):
        purposes["ad_storage"] = "granted"
    return purposes


@pytest.mark.parametrize("name", STAND_INS)
def test_an_answer_and_its_change_are_heard(page: Page, recorder: Recorder, name: str) -> None:
    cmp = listen(recorder, name)
    page.goto(recorder.page(head=stand_in(name) + recorder.snippet))
    assert recorder.wait(1)[0].body["consent"] == UNSET
    page.wait_for_function("!freehold.q")
    page.evaluate("choose(true, false).then(() => freehold('event', 'after'))")
    recorder.until("after")
    hit = recorder.hits[-1]
    assert hit.path == "/shop/hit?c=1"
    assert hit.body["consent"]["source"].partition(":")[0] == cmp
    assert hit.body["consent"]["purposes"] == expected(name, "granted", "denied")
    page.evaluate("choose(false, false)")
    recorder.until("consent_update")
    hit = recorder.hits[-1]
    assert hit.path == "/shop/hit?c=2"
    assert hit.body["consent"]["purposes"] == expected(name, "denied", "denied")


@pytest.mark.parametrize("name", STAND_INS)
def test_an_answer_of_before_counts_for_the_page_view(
    page: Page, recorder: Recorder, name: str
) -> None:
    listen(recorder, name, ConsentMode.WAIT)
    page.goto(recorder.page(head=stand_in(name, CHOICE) + recorder.snippet))
    (hit,) = recorder.wait(1)
    assert (hit.path, hit.names) == ("/shop/hit?c=1", ["page_view"])
    assert hit.body["consent"]["purposes"] == expected(name, "granted", "denied")


def test_the_tcf_tells_of_its_version_its_platform_and_the_vendors_that_are_asked_for(
    page: Page, recorder: Recorder
) -> None:
    listen(recorder, "tcf", ConsentMode.WAIT)
    recorder.vendors = [1, 755]
    page.goto(recorder.page(stand_in("tcf", "[true, false, true]")))  # behind: it is looked for
    consent = recorder.wait(1)[0].body["consent"]
    assert (consent["source"], consent["version"]) == ("tcf:31", "5")
    assert "CQxyz.abc" not in str(consent)
    vendors = {"tcf:1": "granted", "tcf:755": "granted"}
    assert consent["purposes"] == expected("tcf", "granted", "denied") | vendors

    page.evaluate("freehold('consent', {ad_storage: 'denied'}, {source: 'page'})")
    page.evaluate("freehold('event', 'other')")
    recorder.until("other")
    assert recorder.hits[-1].body["consent"]["purposes"]["tcf:755"] == "granted"


def test_a_vendor_alone_that_is_refused_is_a_change_of_consent(
    page: Page, recorder: Recorder
) -> None:
    listen(recorder, "tcf", ConsentMode.WAIT)
    recorder.vendors = [755]
    page.goto(recorder.page(head=stand_in("tcf", "[true, true, true]") + recorder.snippet))
    recorder.wait(1)
    page.evaluate("choose(true, true)")  # and not the vendor any more
    recorder.until("consent_update")
    purposes = recorder.hits[-1].body["consent"]["purposes"]
    assert purposes == expected("tcf", "granted", "granted") | {"tcf:755": "denied"}


@pytest.mark.parametrize("before", ["granted", "unset"])
def test_a_vendor_that_is_refused_after_somebody_else_granted_is_a_change_too(
    page: Page, recorder: Recorder, before: str
) -> None:
    listen(recorder, "tcf")
    recorder.vendors = [755]
    page.goto(recorder.page(head=stand_in("tcf") + recorder.snippet))
    recorder.wait(1)
    purposes = dict.fromkeys(("analytics_storage", *ADS), before)
    page.evaluate("(purposes) => freehold('consent', purposes, {source: 'gtag'})", purposes)
    page.evaluate("freehold('event', 'early')")
    recorder.until("early")
    page.evaluate("choose(true, true).then(() => freehold('event', 'late'))")
    events = recorder.until("late")
    assert ("consent_update" in [event["name"] for event in events]) == (before == "granted")
    assert recorder.hits[-1].body["consent"]["purposes"]["tcf:755"] == "denied"


def test_axeptio_tells_in_the_words_of_consent_mode_too(page: Page, recorder: Recorder) -> None:
    listen(recorder, "axeptio", ConsentMode.WAIT)
    mode = "{analytics_storage: 'granted', ad_storage: 'denied'}"
    say = f"heard({{$$completed: true, $$googleConsentMode: {mode}}})"
    sdk = f"{{on: (_, heard) => {say}}}"
    script = f"<script>window._axcb = []; _axcb.push = (use) => use({sdk})</script>"
    page.goto(recorder.page(head=script + recorder.snippet))
    consent = recorder.wait(1)[0].body["consent"]
    assert consent["purposes"] == {"analytics_storage": "granted", "ad_storage": "denied"}


def test_only_what_is_named_is_served(recorder: Recorder) -> None:
    listen(recorder, "klaro")
    assert b"getManager" in recorder.tag()
    assert b"__tcfapi" not in recorder.tag()
    recorder.container = make_container()
    assert b"getManager" not in recorder.tag()
