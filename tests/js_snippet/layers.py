"""A page with a data layer, for the tests of the bridge to it."""

from __future__ import annotations

from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.recorder import Recorder, make_container

LAYER = """<script>
  window.dataLayer = window.dataLayer || [];
  function gtag() { dataLayer.push(arguments) }
  %s
</script>"""


def open_page(
    page: Page,
    recorder: Recorder,
    before: str = "",
    mode: CookieMode = CookieMode.ALWAYS,
    *,
    page_views: bool = True,
) -> None:
    """A page whose data layer has a history when the tag arrives."""
    recorder.container = make_container(mode, "data_layer", page_views=page_views)
    page.goto(recorder.page(head=LAYER % before + recorder.snippet))
    page.wait_for_function("!freehold.q")
