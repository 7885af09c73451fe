"""How hits travel: one at a time, resent until answered, and out of a page that goes away."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest
from playwright.sync_api import Page

from tests.js_snippet.recorder import HIDE, KEPT, Answer, Recorder, make_container

pytestmark = pytest.mark.browser


def send(page: Page, *names: str) -> None:
    """Events of one task each, as clicks would make them."""
    for name in names:
        page.evaluate("name => freehold('event', name)", name)


def test_events_wait_for_the_first_answer_and_go_together(page: Page, recorder: Recorder) -> None:
    hold = threading.Event()
    recorder.answer(Answer(hold=hold))
    page.goto(recorder.page())
    recorder.wait(1)
    send(page, "a", "b", "c")
    page.wait_for_timeout(100)
    assert len(recorder.hits) == 1

    hold.set()
    first, second = recorder.wait(2)
    assert second.names == ["a", "b", "c"]
    assert (first.cookie, second.cookie) == ("", "fh_shop=somebody")


@pytest.mark.parametrize("status", [500, 408, 200, 0])
def test_what_was_not_answered_is_resent_and_says_so(
    page: Page, recorder: Recorder, status: int
) -> None:
    recorder.answer(Answer(status=status, body=b"<html>garbage"))
    page.goto(recorder.page("<script>freehold('event', 'a')</script>"))
    first, second = recorder.wait(2)

    assert (first.tries, second.tries) == ([0, 0], [1, 1])
    assert 0.4 < second.at - first.at < 8
    for event in (*first.body["events"], *second.body["events"]):
        del event["try"]
    del first.body["sent_at"], second.body["sent_at"]
    assert first.body == second.body


def test_a_collector_that_was_off_gets_everything_in_order(page: Page, recorder: Recorder) -> None:
    recorder.hurry()
    page.goto(recorder.page())
    recorder.wait(1)
    recorder.stop()
    send(page, "a")
    page.wait_for_timeout(100)
    send(page, "b", "c")
    recorder.start()
    hits = recorder.wait(3)

    assert [hit.names for hit in hits[1:]] == [["a"], ["b", "c"]]
    assert [hit.body["page"]["seq"] for hit in hits] == [1, 2, 3]
    assert hits[1].tries[0] >= 1


def test_a_flapping_collector_gets_each_event(page: Page, recorder: Recorder) -> None:
    recorder.hurry()
    broken = Answer(status=503, headers={"Retry-After": "0"})
    recorder.answer(Answer(), broken, Answer(), Answer(status=0), Answer())
    page.goto(recorder.page())
    recorder.wait(1)
    send(page, "a")
    recorder.wait(3)
    send(page, "b")
    hits = recorder.wait(5)
    assert [hit.names[0] for hit in hits] == ["page_view"] + ["a"] * 2 + ["b"] * 2
    assert len({event for hit in hits for event in hit.ids}) == 3


def test_retry_after_is_honoured(page: Page, recorder: Recorder) -> None:
    recorder.answer(Answer(status=503, headers={"Retry-After": "2"}))
    page.goto(recorder.page())
    send(page, "meanwhile")
    first, second = recorder.wait(2)[:2]
    assert 2 <= second.at - first.at < 8


@pytest.mark.parametrize("status", [400, 404, 413])
def test_what_is_refused_is_given_up(page: Page, recorder: Recorder, status: int) -> None:
    recorder.answer(Answer(status=status))
    page.goto(recorder.page())
    recorder.wait(1)
    send(page, "next")
    assert recorder.wait(2)[1].names == ["next"]
    page.wait_for_function(KEPT + " == 0")


def test_pauses_double_up_to_a_minute(own_page: Page, recorder: Recorder) -> None:
    recorder.answer(*[Answer(status=500)] * 100)
    own_page.clock.install()
    own_page.add_init_script(
        "const {fetch} = window; window.answers = 0;"
        "window.fetch = (...args) => fetch(...args).finally(() => { answers++ })"
    )
    own_page.goto(recorder.page())
    recorder.wait(1)
    for _ in range(8):
        count = len(recorder.hits)
        while len(recorder.hits) == count:
            while own_page.evaluate("answers") < count:
                time.sleep(0.01)
            own_page.clock.run_for(1000)
            time.sleep(0.05)
    sent = [hit.body["sent_at"] / 1000 for hit in recorder.hits]
    pauses = [after - before for before, after in pairwise(sent)][:8]
    assert all(shorter <= 2 * longer + 3 for shorter, longer in pairwise(pauses))
    assert pauses[0] <= 5
    assert 28 <= pauses[-1] <= 70


def test_an_answer_that_never_comes_is_not_waited_for(page: Page, recorder: Recorder) -> None:
    recorder.hurry()
    hold = threading.Event()
    recorder.answer(Answer(hold=hold))
    page.goto(recorder.page())
    first, second = recorder.wait(2)
    hold.set()
    assert (first.ids, first.tries, second.tries) == (second.ids, [0], [1])


def test_a_thousand_events_in_one_task_arrive_in_hits_of_a_hundred(
    page: Page, recorder: Recorder
) -> None:
    recorder.container = make_container(page_views=False)
    page.goto(recorder.page())
    page.evaluate("for (let n = 0; n < 1000; n++) freehold('event', 'tick', {n})")
    hits = recorder.wait(10)

    events = [event for hit in hits for event in hit.body["events"]]
    assert [len(hit.body["events"]) for hit in hits] == [100] * 10
    assert [event["props"]["n"] for event in events] == list(range(1000))
    assert len({event["id"] for event in events}) == 1000


def test_hits_stay_within_what_keepalive_requests_share(page: Page, recorder: Recorder) -> None:
    recorder.hurry()
    recorder.container = make_container(page_views=False)
    page.goto(recorder.page())
    page.evaluate(
        """for (const size of [4, 4, 4, 4, 4, 25, 28, 40, 1])
             freehold('event', 'e' + size, {text: 'é'.repeat(size * 1000)})"""
    )
    hits = recorder.wait(5)
    names = [hit.names for hit in hits]
    assert names == [["e4"] * 3, ["e4"] * 2, ["e25"], ["e28"], ["e1"]]  # e40 fits into no hit
    assert max(hit.size for hit in hits) < 60_000


def test_closing_the_page_right_after_an_event_delivers_it(
    own_page: Page, recorder: Recorder
) -> None:
    own_page.goto(recorder.page())
    recorder.wait(1)
    send(own_page, "bye")
    own_page.close()
    assert recorder.wait(2)[1].names == ["bye"]


def test_a_page_that_is_hidden_sends_what_waits(own_page: Page, recorder: Recorder) -> None:
    hold = threading.Event()
    recorder.answer(Answer(hold=hold))
    own_page.goto(recorder.page())
    recorder.wait(1)
    send(own_page, "waiting")
    own_page.evaluate(HIDE)
    send(own_page, "while hidden")
    hits = recorder.wait(3)
    hold.set()
    assert sorted(hit.names for hit in hits[1:]) == [["waiting"], ["while hidden"]]


def test_leaving_by_a_link_delivers_the_click(page: Page, recorder: Recorder) -> None:
    hold = threading.Event()
    recorder.answer(Answer(hold=hold))
    recorder.page("thanks", path="/elsewhere", head="")
    page.goto(recorder.page("<a href=/elsewhere onclick=\"freehold('event', 'click')\">Go</a>"))
    recorder.wait(1)
    page.click("a")
    hits = recorder.wait(2)
    hold.set()
    assert hits[1].names == ["click"]


def test_an_event_of_pagehide_is_delivered(page: Page, recorder: Recorder) -> None:
    recorder.page("thanks", path="/elsewhere", head="")
    page.goto(
        recorder.page("<script>onpagehide = () => freehold('event', 'time_on_page')</script>")
    )
    recorder.wait(1)
    page.goto(recorder.origin + "/elsewhere")
    assert recorder.wait(2)[1].names == ["time_on_page"]


def test_what_finds_no_room_among_what_outlives_the_page_goes_all_the_same(
    own_page: Page, recorder: Recorder
) -> None:
    own_page.add_init_script(
        "const {fetch} = window; window.answers = 0; window.fetch = (url, how) => {"
        " sessionStorage.how = (sessionStorage.how || '') + how.keepalive + ' ';"
        " return fetch(url, how).finally(() => { answers++ }) }"
    )
    recorder.page("thanks", path="/elsewhere", head="")
    big = "for (let n = 0; n < 4; n++) freehold('event', 'big', {text: 'x'.repeat(25000)})"
    own_page.goto(recorder.page(f"<script>onpagehide = () => {{ {big} }}</script>"))
    own_page.wait_for_function("answers == 1")
    own_page.goto(recorder.origin + "/elsewhere")
    sent = own_page.evaluate("sessionStorage.how").split()
    assert sent == ["true", "true", "true", "false", "false"]


def test_without_fetch_a_beacon_goes(own_page: Page, recorder: Recorder) -> None:
    own_page.add_init_script("delete window.fetch")
    own_page.goto(recorder.page())
    recorder.wait(1)
    send(own_page, "a")
    second = recorder.wait(2)[1]
    assert (second.names, second.content_type) == (["a"], "text/plain;charset=UTF-8")
    assert second.cookie == "fh_shop=somebody"
    own_page.wait_for_function(KEPT + " == 0")


def test_a_collector_on_another_origin_gets_its_cookie(page: Page, recorder: Recorder) -> None:
    with Recorder() as site:
        page.goto(site.page(head=recorder.snippet))
        recorder.wait(1)
        send(page, "a")
        first, second = recorder.wait(2)
        assert (first.origin, second.cookie) == (site.origin, "fh_shop=somebody")
        assert site.hits == []


def test_behind_a_path_prefix_hits_go_beside_the_script(page: Page, recorder: Recorder) -> None:
    page.goto(recorder.page(head="<script async src=/metrics/shop/tag.js?v=2></script>"))
    assert recorder.wait(1)[0].path == "/metrics/shop/hit?c=1"
