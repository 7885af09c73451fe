"""Before an answer: `consent.mode: wait`, gtag's `wait_for_update`, Global Privacy Control."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page

from server.containers.model import Consent, ConsentMode, CookieMode
from tests.js_snippet.layers import LAYER
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser

PRIVATE = "<script>Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})</script>"
ADS = ("ad_storage", "ad_user_data", "ad_personalization")


def wait_in(recorder: Recorder, mode: CookieMode, *features: str) -> None:
    waiting = Consent(mode=ConsentMode.WAIT)
    recorder.container = replace(make_container(mode, *features), consent=waiting)


@pytest.mark.parametrize("mode", [CookieMode.CONSENT, CookieMode.EXEMPT])
def test_what_waited_for_a_grant_goes_in_its_order_with_its_own_times(
    page: Page, recorder: Recorder, mode: CookieMode
) -> None:
    wait_in(recorder, mode)
    page.goto(recorder.page())
    page.wait_for_function("!freehold.q")
    page.evaluate("freehold('event', 'one', {step: 1}); freehold('page'); freehold('event', 'two')")
    # Left, which nothing gets out of the tag, and back.
    page.evaluate(
        "for (const type of ['pagehide', 'visibilitychange']) dispatchEvent(new Event(type))"
    )
    asked = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    kept = page.evaluate("Object.keys(localStorage).length")
    assert ([name for name in asked if "/hit" in name], kept, recorder.hits) == ([], 0, [])

    answered = page.evaluate(
        "() => { const now = Date.now(); freehold('consent', {analytics_storage: 'granted'});"
        " freehold('event', 'three'); return now }"
    )
    events = recorder.until("three")
    assert [event["name"] for event in events] == ["page_view", "one", "page_view", "two", "three"]
    times = [event["at"] for event in events]
    assert times == sorted(times)
    assert times[3] <= answered
    assert {hit.path for hit in recorder.hits} == {"/shop/hit?c=1"}


def test_what_waited_is_dropped_with_a_refusal_and_a_revocation_is_still_told(
    page: Page, recorder: Recorder
) -> None:
    wait_in(recorder, CookieMode.CONSENT)
    page.goto(recorder.page())
    page.wait_for_function("!freehold.q")
    page.evaluate("freehold('consent', {analytics_storage: 'denied'}); freehold('event', 'no')")
    page.evaluate("freehold('consent', {analytics_storage: 'granted'}); freehold('event', 'yes')")
    recorder.until("yes")
    page.evaluate("freehold('event', 'late'); freehold('consent', {analytics_storage: 'denied'})")
    page.evaluate("freehold('event', 'no')")
    recorder.until("consent_update")
    page.evaluate("freehold('consent', {analytics_storage: 'granted'})")
    page.evaluate("freehold('event', 'end')")
    recorder.until("end")
    seen = [(hit.path[-1], name) for hit in recorder.hits for name in hit.names]
    assert [what for what in seen if what[1] != "late"] == [
        ("1", "yes"),
        ("2", "consent_update"),
        ("1", "consent_update"),
        ("1", "end"),
    ]


def test_a_default_of_gtag_is_no_answer_and_an_update_is_one(
    page: Page, recorder: Recorder
) -> None:
    wait_in(recorder, CookieMode.CONSENT, "data_layer")
    said = "gtag('consent', 'default', {ad_storage: 'denied', analytics_storage: 'denied'});"
    page.goto(recorder.page(head=LAYER % said + recorder.snippet))
    page.wait_for_function("!freehold.q")
    page.evaluate("gtag('consent', 'update', {analytics_storage: 'granted'})")
    (hit,) = recorder.wait(1)
    assert (hit.path, hit.names) == ("/shop/hit?c=1", ["page_view"])
    assert hit.body["consent"]["purposes"] == {"analytics_storage": "granted"}


def test_wait_for_update_holds_the_first_hit_until_the_update(
    page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(CookieMode.CONSENT, "data_layer")
    said = "gtag('consent', 'default', {analytics_storage: 'denied', wait_for_update: 9000});"
    page.goto(recorder.page(head=LAYER % said + recorder.snippet))
    page.wait_for_function("!freehold.q")
    page.evaluate("gtag('consent', 'update', {analytics_storage: 'granted'})")
    (hit,) = recorder.wait(1)
    assert (hit.path, hit.names) == ("/shop/hit?c=1", ["page_view"])


def test_wait_for_update_ends_when_the_page_is_left(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.CONSENT, "data_layer")
    said = "gtag('consent', 'default', {analytics_storage: 'denied', wait_for_update: 9000});"
    page.goto(recorder.page(head=LAYER % said + recorder.snippet))
    page.wait_for_function("!freehold.q")
    page.goto("about:blank")
    (hit,) = recorder.wait(1)
    assert (hit.path, hit.names) == ("/shop/hit?c=0", ["page_view"])


@pytest.mark.parametrize("counts", [True, False])
def test_global_privacy_control_refuses_ads_whatever_the_page_says(
    page: Page, recorder: Recorder, counts: bool
) -> None:
    recorder.container = replace(make_container(), consent=Consent(gpc=counts))
    page.goto(recorder.page(head=PRIVATE + recorder.snippet))
    first = recorder.wait(1)[0].body["consent"]
    page.evaluate(
        "freehold('consent', {ad_storage: 'granted', analytics_storage: 'granted'});"
        " freehold('event', 'next')"
    )
    second = recorder.wait(2)[1].body["consent"]["purposes"]
    refused = dict.fromkeys(ADS, "denied")
    if counts:
        assert first == {"purposes": {"analytics_storage": "unset", **refused}, "source": "gpc"}
        assert second == {"analytics_storage": "granted", **refused}
    else:
        assert first == {"purposes": {"analytics_storage": "unset"}}
        assert second == {"analytics_storage": "granted", "ad_storage": "granted"}
