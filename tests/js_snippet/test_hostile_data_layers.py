"""Data layers at their worst: nothing is thrown, and nothing of the rest is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.layers import open_page
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser

ENTRIES = """
  null, undefined, 1, 'text', true, Symbol('s'), 10n, [], () => {}, new Date(), document.body,
  {event: null}, {event: {}}, {event: ''}, {event: 'gtm.click'},
  {get event() { throw Error('event') }},
  new Proxy({}, {get() { throw Error('get') }, ownKeys() { throw Error('keys') }}),
  {event: 'getter', get bad() { throw Error('bad') }, good: 1},
  {event: 'circle', ...circle},
  {event: 'json', toJSON() { throw Error('json') }, inner: {toJSON() { throw Error() }, n: 1}},
  JSON.parse('{"event": "proto", "__proto__": {"x": 1}, "constructor": 1, "toString": "t"}'),
  {event: 'odd', nan: NaN, big: 10n, symbol: Symbol('s'), map: new Map(), html: document.body},
  {event: 'wide', list: Array(1e5).fill(1)},
  {event: 'lone', text: '\\ud83d'}
"""


def test_a_hostile_entry_harms_neither_the_page_nor_the_others(
    page: Page, recorder: Recorder
) -> None:
    push = f"""const circle = {{n: 1}}; circle.self = circle; circle.list = [circle];
      for (const entry of [{ENTRIES}]) dataLayer.push(entry);
      gtag('event', {{}}); gtag('event', 'bad', null); gtag('consent'); gtag('consent', 'update');
      gtag('consent', 'update', {{get ad_storage() {{ throw Error('x') }}}}); gtag('set', null);
      gtag('consent', 'update', {{ad_storage: ['granted'], ad_user_data: {{}}}});"""
    open_page(page, recorder, push)
    recorder.wait(1)
    page.evaluate(f"() => {{ {push}; freehold('event', 'right') }}")
    events = recorder.until("right")
    props = {event["name"]: event.get("props", {}) for event in events}
    del props["circle"], props["page_view"]

    names = ["getter", "circle", "json", "proto", "odd", "wide", "lone", "bad"]
    assert [event["name"] for event in events] == ["page_view", *names, *names, "right"]
    assert len(props.pop("wide")["list"]) == 4998  # the other two values are its name and itself
    assert props == {
        "getter": {"good": 1},
        "json": {"inner": {"n": 1}},
        "proto": {"__proto__": {"x": 1}, "constructor": 1, "toString": "t"},
        "odd": {},
        "lone": {"text": "\N{REPLACEMENT CHARACTER}"},
        "bad": {},
        "right": {},
    }
    assert recorder.hits[-1].body["consent"]["purposes"]["ad_storage"] == "granted"


def test_ten_thousand_pushes_are_taken_within_the_outboxs_bounds(
    page: Page, recorder: Recorder
) -> None:
    flood = "for (let n = 0; n < 10_000; n++) dataLayer.push({event: 'tick', n})"
    open_page(page, recorder, flood)
    events = [event for hit in recorder.wait(100) for event in hit.body["events"]]
    assert [event["props"]["n"] for event in events[1:]] == list(range(9_900))
    assert page.evaluate("dataLayer.length") == 10_000


def test_pushes_are_heard_where_lists_are_frozen_and_others_may_wrap_them(
    page: Page, recorder: Recorder
) -> None:
    open_page(page, recorder, "Object.freeze(Array.prototype); dataLayer.push({event: 'first'})")
    page.evaluate("""() => {
      dataLayer.push({event: 'second', n: [1]});
      const { push } = dataLayer;
      dataLayer.push = (...entries) => push.apply(dataLayer, entries);
      dataLayer.push({event: 'third'}, {event: 'last'});
    }""")
    names = [event["name"] for event in recorder.until("last")]
    assert names == ["page_view", "first", "second", "third", "last"]
    assert page.evaluate("[dataLayer.length, Object.keys(dataLayer).length]") == [4, 4]


FIXED = {
    "may be assigned": "{value: Array.prototype.push, writable: true}",
    "goes by a setter": """{configurable: true, get() { return this.own || Array.prototype.push },
        set(push) { this.own = push }}""",
}


@pytest.mark.parametrize("push", FIXED.values(), ids=FIXED)
def test_pushes_are_heard_where_the_list_s_own_push_is_not_to_be_defined(
    page: Page, recorder: Recorder, push: str
) -> None:
    open_page(page, recorder, f"Object.defineProperty(dataLayer, 'push', {push})")
    page.evaluate("dataLayer.push({event: 'second'})")
    assert [event["name"] for event in recorder.until("second")] == ["page_view", "second"]
    assert page.evaluate("dataLayer.length") == 1
    assert page.evaluate("'own' in dataLayer") == ("setter" in push or "set(" in push)


STRANGE = {
    "null": "window.dataLayer = null",
    "text": "window.dataLayer = 'text'",
    "an object": "window.dataLayer = {push() { return 'theirs' }}",
    "an element": "document.write('<p id=dataLayer>')",
    "a getter that throws": """Object.defineProperty(window, 'dataLayer',
        {get() { throw Error('theirs') }})""",
    "frozen": "window.dataLayer = Object.freeze([{event: 'a'}])",
    "an index that throws": """window.dataLayer = [1, 2];
        Object.defineProperty(dataLayer, 0, {get() { throw Error('theirs') }})""",
    "without push": "window.dataLayer = [{event: 'a'}]; dataLayer.push = null",
}


@pytest.mark.parametrize("damage", STRANGE.values(), ids=STRANGE)
def test_a_strange_data_layer_costs_nothing_else(
    page: Page, recorder: Recorder, damage: str
) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, "data_layer")
    page.goto(recorder.page(head=f"<script>{damage}</script>{recorder.snippet}"))
    assert recorder.wait(1)[0].names[0] == "page_view"
    page.evaluate("freehold('event', 'right')")
    assert recorder.until("right")
