"""`set`, `identify` and `reset`: `observe: commands`, on unless a container says otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser


def told(page: Page, recorder: Recorder, script: str) -> list[dict[str, Any]]:
    """What each event of a script has of its own: props and user, by name."""
    recorder.container = make_container(CookieMode.ALWAYS, page_views=False)
    page.goto(recorder.page())
    page.wait_for_function("!freehold.q")
    page.evaluate(f"() => {{ {script}; freehold('event', 'end') }}")
    return [
        {key: event[key] for key in ("name", "props", "user") if key in event}
        for event in recorder.until("end")
    ]


def test_what_was_set_goes_with_every_later_event(page: Page, recorder: Recorder) -> None:
    script = """
        freehold('event', 'before');
        freehold('set', {plan: 'gold', seats: 3});
        freehold('event', 'own', {seats: 4});
        freehold('page');
        freehold('set', {plan: null, list: {a: null, b: 1}})"""
    assert told(page, recorder, script) == [
        {"name": "before"},
        {"name": "own", "props": {"plan": "gold", "seats": 4}},
        {"name": "page_view", "props": {"plan": "gold", "seats": 3}},
        {"name": "end", "props": {"seats": 3, "list": {"b": 1}}},
    ]


def test_what_cannot_be_sent_is_not_set_and_spoils_no_event(page: Page, recorder: Recorder) -> None:
    script = """
        const circle = {}; circle.circle = circle;
        const mine = {n: {n: 1}};
        freehold('set', mine); mine.n = circle;
        freehold('set', circle); freehold('set', {big: 1n}); freehold('set');
        freehold('set', {long: 'x'.repeat(9000)});
        freehold('set', {get x() { throw Error('x') }})"""
    assert told(page, recorder, script) == [{"name": "end", "props": {"n": {"n": 1}}}]


def test_identify_is_user_in_two_words(page: Page, recorder: Recorder) -> None:
    script = """
        freehold('user', {email: 'bob@example.com'});
        freehold('identify', 'u1', {email: 'ann@example.com'});
        freehold('event', 'known');
        freehold('identify', 42)"""
    assert told(page, recorder, script) == [
        {"name": "known", "user": {"id": "u1", "email": "ann@example.com"}},
        {"name": "end", "user": {"id": "42"}},
    ]


def test_reset_forgets_the_user_and_what_was_set(page: Page, recorder: Recorder) -> None:
    script = """
        freehold('set', {plan: 'gold'});
        freehold('identify', 'u1');
        freehold('event', 'log_out');
        freehold('reset')"""
    known, end = told(page, recorder, script)
    assert known == {"name": "log_out", "props": {"plan": "gold"}, "user": {"id": "u1"}}
    assert end == {"name": "end"}


def test_a_container_can_do_without_them(page: Page, recorder: Recorder) -> None:
    recorder.container = make_container(page_views=False, commands=False)
    page.goto(recorder.page("<script>freehold('set', {a: 1}); freehold('event', 'end')</script>"))
    assert "props" not in recorder.until("end")[0]
