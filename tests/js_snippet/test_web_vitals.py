"""How fast a page was, `observe: web_vitals`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import HIDE, Recorder, make_container

pytestmark = pytest.mark.browser

MEASURED = """() => Promise.all(['paint', 'largest-contentful-paint', 'layout-shift'].map(
  (type) => new Promise((done) =>
    new PerformanceObserver(() => done(type)).observe({ type, buffered: true }))))"""
"""Waits until the browser has told what the page's observers ask for."""


def test_vitals_are_told_once_when_the_page_is_left(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "web_vitals")
    page.goto(recorder.page("<h1>Cups</h1><button>x</button><p>moves</p>"))
    recorder.wait(1)
    page.evaluate(
        """async () => {
          const p = document.querySelector('p');
          for (let n = 0; n < 3; n++) {
            p.style.marginTop = 150 * (n + 1) + 'px';
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
          }
        }"""
    )
    page.locator("button").click()
    page.evaluate(MEASURED)
    page.goto("about:blank")
    [vitals] = recorder.told("web_vitals")
    assert vitals.keys() >= {"ttfb", "fcp", "lcp", "cls"}
    assert 0 <= vitals["ttfb"] <= vitals["fcp"] <= vitals["lcp"] < 30_000
    assert 0 < vitals["cls"] < 5


def test_vitals_are_told_once_when_the_tab_goes_into_the_background(
    own_page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "web_vitals")
    own_page.goto(recorder.page("<h1>Cups</h1>"))
    recorder.wait(1)
    own_page.evaluate(MEASURED.replace(", 'layout-shift'", ""))
    own_page.evaluate(HIDE)
    [vitals] = recorder.told("web_vitals")
    assert vitals.keys() >= {"ttfb", "fcp", "lcp"}
    own_page.goto("about:blank")
    own_page.goto(recorder.page())
    assert len(recorder.told("page_view", 2)) == 2
    assert len(recorder.told("web_vitals")) == 1
