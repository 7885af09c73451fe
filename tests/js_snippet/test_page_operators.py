"""The page's operators and the server's are the same: asked of the same values, in Chromium."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from server.containers.match import compile_trigger
from server.containers.model import Container
from server.containers.scope import Scope
from server.containers.sources import Runtime
from server.containers.variables import compile_variables
from server.dialects.values import texts
from server.enrich.personal import clean_url
from server.model import Event
from tests.containers.page.cases import CASES, drawn
from tests.js_snippet.page_tags import FIRED, telling, with_page_tags
from tests.js_snippet.recorder import Recorder
from tests.samples import event as sample_event

pytestmark = pytest.mark.browser


def fired_in(page: Page, count: int) -> set[str]:
    """The names of what fired, once all that were asked had their turn."""
    page.wait_for_function("(window.fired || []).some((one) => one.startsWith('last '))")
    return {one.split()[0] for one in page.evaluate(FIRED)} - {"last"}


def asking(conditions: dict[str, dict[str, Any]], **more: Any) -> Container:
    """A container in which each condition is a trigger, and a tag of the same name."""
    triggers = {name: {"when": [one]} for name, one in conditions.items()}
    tags = {name: telling(name, fires_on=[name]) for name in conditions}
    last = {"last": telling("last", priority=-1)}
    return with_page_tags({**tags, **last}, triggers=triggers, **more)


def held(container: Container, event: Event) -> set[str]:
    """What the server says."""
    ready = compile_variables(container.variables, Runtime())
    scope = Scope(event, variables=len(container.variables))
    triggers = {n: compile_trigger(n, one, ready.reads) for n, one in container.triggers.items()}
    return {name for name, trigger in triggers.items() if trigger.holds(scope)}


def test_values_are_judged_as_on_the_server(page: Page, recorder: Recorder) -> None:
    cases = [(value, operator) for value, operator, _ in CASES] + drawn(400, seed=7)
    conditions = {
        f"c{number}": {"value": f"{{{{ event.props.c{number} }}}}", **operator}
        for number, (_, operator) in enumerate(cases)
    }
    recorder.container = asking(conditions)
    page.goto(recorder.page())
    props = {f"c{n}": value for n, (value, _) in enumerate(cases) if value is not None}
    page.evaluate("(props) => freehold('event', 'asked', props)", props)
    [sent] = [one for hit in recorder.wait(1) for one in hit.body["events"]]
    fired = fired_in(page, len(cases))
    assert fired == held(recorder.container, sample_event(props=texts(sent["props"])))
    assert {f"c{n}" for n, (_, _, holds) in enumerate(CASES) if holds} <= fired


ADDRESSES = [
    "https://www.shop.example/",
    "https://www.shop.example/fr/a.html?size=4&q=x%20y#top",
    "https://shop.example:8443/fr/b?x=/fr/#/route/c?y=1",
    "http://shop.example/a/b.tar.gz/#!/cart",
    "https://shop.example/a.b/c?d.e",
    "https://www.www.example/?",
    "about:blank",
    "",
]
LOOKS = {
    "url": "event.url", "path": "event.path", "host": "event.host", "referrer": "event.referrer",
    "title": "event.title", "name": "event.name", "language": "event.language",
}  # fmt: skip
PARTS = ("href", "scheme", "host", "path", "extension", "query", "fragment")
WORDS = (
    "https://www.shop.example/",
    "/",
    "/fr/",
    "www",
    "html",
    "shop.example",
    "gz",
    "#",
    "=",
    "a",
)


def test_addresses_are_taken_apart_as_on_the_server(page: Page, recorder: Recorder) -> None:
    variables = {f"url_{part}": {"type": "url", "part": part} for part in PARTS}
    variables |= {f"from_{part}": {"type": "referrer", "part": part} for part in PARTS[:4]}
    looks = {**LOOKS, **{name: name for name in variables}}
    conditions = {
        f"{name}-{number}-{word}": {"value": f"{{{{ {look} }}}}", word: text}
        for name, look in looks.items()
        for number, text in enumerate(WORDS)
        for word in ("equals", "contains", "ends_with")
    }
    recorder.container = asking(conditions, variables=variables)
    page.goto(recorder.page())
    for number, url in enumerate(ADDRESSES):
        said = {"url": url, "referrer": ADDRESSES[-number], "title": "a"}
        page.evaluate("(said) => { freehold('event', '/', {}, said); window.fired = [] }", said)
        [sent] = [one for hit in recorder.wait(number + 1)[number:] for one in hit.body["events"]]
        fired = fired_in(page, len(conditions))
        assert fired == held(recorder.container, cleaned(sent, "en-GB")), url


def cleaned(sent: dict[str, Any], language: str) -> Event:
    """The event as the collector gets it ready for its tags."""
    url, host, path, query = clean_url(sent["url"])
    referrer = clean_url(sent["referrer"].partition("#")[0]).url
    return sample_event(
        name=sent["name"], title=sent["title"], referrer=referrer, language=language,
        url=url, host=host, path=path, query=query,
    )  # fmt: skip
