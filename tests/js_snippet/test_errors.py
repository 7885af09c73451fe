"""JavaScript errors of the page, `observe: errors`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser

BROKEN = """
<script>
  addEventListener('error', (event) => event.preventDefault());
  addEventListener('unhandledrejection', (event) => event.preventDefault());
  for (let n = 0; n < 3; n++) setTimeout(() => { throw Error('no /cart?token=secret here') });
  setTimeout(() => Promise.reject(Error('late')));
  setTimeout(() => Promise.reject({get message() { throw 0 }}));
  for (let n = 0; n < 9; n++) setTimeout(() => { throw 'e' + n });
  setTimeout(() => freehold('event', 'end'), 100);
</script>"""


def test_different_errors_are_told_a_few_times_and_without_secrets(
    page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "errors", page_views=False)
    page.goto(recorder.page(BROKEN, head=recorder.snippet.replace("async=!0", "async=!1")))
    recorder.until("end")
    page.evaluate("setTimeout(() => Promise.reject('no reason'))")
    page.evaluate("freehold('event', 'last')")
    recorder.until("last")
    told = [event["props"] for event in recorder.until("last") if event["name"] == "exception"]
    assert len(told) <= 5
    assert all(one["fatal"] is False and "secret" not in str(one) for one in told)


def test_an_error_says_where_it_happened(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "errors", page_views=False)
    page.goto(recorder.page("<script>onerror = () => true</script>"))
    page.wait_for_function("!freehold.q")
    page.evaluate(
        "dispatchEvent(new ErrorEvent('error', {message: 'Uncaught Error: x?a=1',"
        " filename: 'https://cdn.example/a.js?v=2', lineno: 7}))"
    )
    assert recorder.told("exception") == [
        {
            "description": "Uncaught Error: x",
            "fatal": False,
            "script": "https://cdn.example/a.js",
            "line": 7,
        }
    ]
