"""What `?c=` says, by the container's cookie mode and what the page declared."""

from __future__ import annotations

import re
import threading

import pytest
from playwright.sync_api import BrowserContext, Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Answer, Recorder, make_container
from tests.running import ROOT

pytestmark = pytest.mark.browser

SAID = (
    "<script>const said = new URLSearchParams(location.search).get('said');"
    "if (said) freehold('consent', {analytics_storage: said})</script>"
)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (CookieMode.CONSENT, {"": 0, "unset": 0, "granted": 1, "denied": 0}),
        (CookieMode.EXEMPT, {"": 1, "unset": 1, "granted": 1, "denied": 2}),
        (CookieMode.ALWAYS, {"": 1, "unset": 1, "granted": 1, "denied": 2}),
        (CookieMode.NEVER, {"": 0, "unset": 0, "granted": 0, "denied": 0}),
    ],
)
def test_the_cookie_is_allowed_by_mode_and_consent(
    page: Page, recorder: Recorder, mode: CookieMode, expected: dict[str, int]
) -> None:
    recorder.container = make_container(mode)
    url = recorder.page(SAID)
    allowed = {}
    for count, said in enumerate(expected, start=1):
        page.goto(f"{url}?said={said}")
        allowed[said] = int(recorder.wait(count)[-1].path.partition("?c=")[2])
    assert allowed == expected


def test_consent_given_later_counts_from_the_next_hit(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.CONSENT)
    page.goto(recorder.page())
    recorder.wait(1)
    page.evaluate(
        """() => {
          freehold('consent', {ad_storage: 'denied'});
          freehold('consent', {analytics_storage: 'granted'}, {source: 'banner', version: '2'});
          freehold('event', 'after');
        }"""
    )
    first, second = recorder.wait(2)

    assert (first.path, second.path) == ("/shop/hit?c=0", "/shop/hit?c=1")
    assert second.body["consent"] == {
        "source": "banner",
        "version": "2",
        "purposes": {"analytics_storage": "granted", "ad_storage": "denied"},
    }


def test_consent_withdrawn_counts_at_once(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page())
    recorder.wait(1)
    page.evaluate("freehold('event', 'last'); freehold('consent', {analytics_storage: 'denied'})")
    first, second = recorder.wait(2)
    assert (first.path, second.path) == ("/shop/hit?c=1", "/shop/hit?c=2")
    assert second.body["consent"]["source"] == "api"


@pytest.mark.parametrize("mode", [CookieMode.EXEMPT, CookieMode.ALWAYS])
def test_a_first_refusal_ends_at_once_a_cookie_that_needed_no_answer(
    page: Page, recorder: Recorder, mode: CookieMode
) -> None:
    recorder.container = make_container(mode)
    page.goto(recorder.page())
    recorder.wait(1)
    page.evaluate("freehold('consent', {analytics_storage: 'denied', ad_storage: 'denied'})")
    first, second = recorder.wait(2)
    assert (first.path, second.path) == ("/shop/hit?c=1", "/shop/hit?c=2")
    assert second.names == ["consent_update"]


def test_an_answer_that_changes_after_it_was_sent_is_told_at_once(
    page: Page, recorder: Recorder
) -> None:
    page.goto(recorder.page("<script>freehold('consent', {ad_storage: 'granted'})</script>"))
    recorder.wait(1)
    page.evaluate("freehold('consent', {ad_storage: 'denied'}, {source: 'banner'})")
    recorder.wait(2)
    page.evaluate("freehold('consent', {ad_storage: 'granted'})")
    hits = recorder.wait(3)

    assert [hit.names for hit in hits] == [["page_view"], ["consent_update"], ["consent_update"]]
    assert [hit.body["page"]["seq"] for hit in hits] == [1, 2, 3]
    answers = [hit.body["consent"]["purposes"]["ad_storage"] for hit in hits]
    assert answers == ["granted", "denied", "granted"]
    assert hits[1].body["consent"]["source"] == "banner"


def test_analytics_withdrawn_is_told_without_permission_for_the_cookie(
    page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(CookieMode.CONSENT)
    granted = "<script>freehold('consent', {analytics_storage: 'granted'})</script>"
    page.goto(recorder.page(granted))
    recorder.wait(1)
    page.evaluate(
        """() => {
          freehold('consent', {ad_storage: 'denied'});
          freehold('consent', {analytics_storage: 'denied'});
          freehold('consent', {ad_storage: 'granted'});
        }"""
    )
    page.evaluate("freehold('event', 'end')")
    assert [event["name"] for event in recorder.until("end")] == [
        "page_view",
        "consent_update",
        "end",
    ]
    first, *others = recorder.hits
    assert first.path == "/shop/hit?c=1"
    assert {hit.path for hit in others} == {"/shop/hit?c=2"}


def test_what_was_seen_before_consent_leaves_without_it(page: Page, recorder: Recorder) -> None:
    hold = threading.Event()
    recorder.container = make_container(CookieMode.CONSENT)
    recorder.answer(Answer(hold=hold))
    page.goto(recorder.page("<script>freehold('consent', {analytics_storage: 'denied'})</script>"))
    recorder.wait(1)
    page.evaluate(
        """() => {
          freehold('event', 'before');
          freehold('consent', {analytics_storage: 'granted'});
          freehold('event', 'after');
        }"""
    )
    hold.set()
    recorder.until("after")
    seen = {
        event["name"]: (hit.path[-1], hit.body["consent"]["purposes"]["analytics_storage"])
        for hit in recorder.hits
        for event in hit.body["events"]
    }
    assert seen == {
        "page_view": ("0", "denied"),
        "before": ("0", "denied"),
        "consent_update": ("1", "granted"),
        "after": ("1", "granted"),
    }


def test_a_first_answer_and_one_that_nobody_was_told_make_no_event(
    page: Page, recorder: Recorder
) -> None:
    page.goto(
        recorder.page(
            """<script>
              freehold('consent', {analytics_storage: 'denied', ad_storage: 'denied'});
              freehold('consent', {ad_storage: 'granted'});
            </script>"""
        )
    )
    recorder.wait(1)
    page.evaluate("freehold('consent', {ad_storage: 'granted', ad_user_data: 'denied'})")
    page.evaluate("freehold('event', 'end')")
    assert [event["name"] for event in recorder.until("end")] == ["page_view", "end"]


def test_a_page_may_tell_its_other_tabs_of_a_refusal(
    context: BrowserContext, recorder: Recorder
) -> None:
    guide = (ROOT / "js_snippet" / "README.md").read_text(encoding="utf-8")
    [ours] = re.findall(
        r"const tabs = new BroadcastChannel.*?tabs\.postMessage\(.*?\);", guide, re.S
    )
    listens, tells = ours.split("// where your page hears")[0], ours.rpartition("\n")[2]
    recorder.container = make_container(CookieMode.CONSENT)
    grant = "freehold('consent', {analytics_storage: 'granted', ad_storage: 'granted'});"
    url = recorder.page(f"<script>{grant} {listens}</script>")
    told, other = context.new_page(), context.new_page()
    for count, tab in enumerate((told, other), 1):
        tab.goto(url)
        recorder.until("page_view", count)
    told.evaluate(tells)
    recorder.until("consent_update")
    last = recorder.hits[-1]
    assert last.path == "/shop/hit?c=2"
    denied = {"analytics_storage": "denied", "ad_storage": "denied"}
    assert last.body["consent"]["purposes"] == denied
    assert last.body["page"]["id"] == recorder.hits[1].body["page"]["id"]
