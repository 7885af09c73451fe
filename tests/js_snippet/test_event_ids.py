"""Each event made is announced to the page with its id, so that a pixel can send the same one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Answer, Recorder, make_container

pytestmark = pytest.mark.browser

LISTEN = """<script>
  window.heard = [];
  addEventListener('freehold', ({detail}) => heard.push(detail));
</script>"""


def test_the_page_can_read_the_id_of_each_event(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "data_layer")
    early = "<script>freehold('event', 'early'); dataLayer = [{event: 'past'}]</script>"
    page.goto(recorder.page(early, head=LISTEN + recorder.snippet))
    recorder.wait(1)
    page.evaluate(
        """() => {
          freehold('event', 'late');
          freehold('event', 'own', {}, {id: 'order-7'});
          dataLayer.push({event: 'pushed', event_id: 'order-8'}, {event: 'end'});
        }"""
    )
    sent = [{"name": event["name"], "id": event["id"]} for event in recorder.until("end")]

    assert page.evaluate("heard") == sent
    ids = [event["id"] if event["name"] in {"own", "pushed"} else "" for event in sent]
    names = ["page_view", "early", "past", "late", "own", "pushed", "end"]
    assert [event["name"] for event in sent] == names
    assert ids == ["", "", "", "", "order-7", "order-8", ""]


def test_an_id_among_the_props_is_the_one_to_share(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "data_layer")
    page.goto(recorder.page(head=LISTEN + recorder.snippet))
    recorder.wait(1)
    page.evaluate(
        """() => {
          freehold('event', 'own', {event_id: 7});
          const event_id = 'order-8';
          dataLayer.push({event: 'cart', event_id}, {event: 'order', event_id});
          freehold('event', 'end');
        }"""
    )
    sent = {event["name"]: event for event in recorder.until("end")}
    heard = {detail["name"]: detail["id"] for detail in page.evaluate("heard")}
    assert (heard["own"], heard["cart"], heard["order"]) == (7, "order-8", "order-8")
    assert sent["own"]["props"] == {"event_id": 7}
    assert sent["cart"]["id"] == "order-8" != sent["order"]["id"]
    assert sent["order"]["props"] == {"event_id": "order-8"}


def test_a_resend_and_an_event_that_is_dropped_are_not_announced(
    page: Page, recorder: Recorder
) -> None:
    recorder.hurry()
    recorder.answer(Answer(status=503))
    page.goto(recorder.page(head=LISTEN + recorder.snippet))
    recorder.wait(2)
    page.evaluate("freehold('event', 'huge', {text: 'x'.repeat(60_000)})")
    assert page.evaluate("heard.map(({name}) => name)") == ["page_view"]


def test_a_listener_may_make_events_and_may_fail(own_page: Page, recorder: Recorder) -> None:
    listener = """<script>
      window.failed = [];
      onerror = (text) => { failed.push(text); return true };
      addEventListener('freehold', ({detail: {name}}) => {
        if (name == 'a') freehold('event', 'of the listener');
        throw Error('of the listener');
      });
    </script>"""
    early = "<script>freehold('event', 'a'); freehold('event', 'end')</script>"
    own_page.goto(recorder.page(early, head=listener + recorder.snippet))
    names = [event["name"] for event in recorder.until("end")]
    assert names == ["page_view", "a", "of the listener", "end"]
    assert len(own_page.evaluate("failed")) == 4
