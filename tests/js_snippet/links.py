"""For the tests of what is counted, and taken along, when a link is clicked."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.js_snippet.recorder import Recorder

STAY = """<script>
  for (const type of ['click', 'auxclick']) {
    addEventListener(type, (event) => event.preventDefault());
  }
</script>"""
"""The test's page is not left, whatever is clicked."""

TOKENS = """{
  window.tokens = 0;
  const {fetch} = window;
  window.fetch = async (...asked) => {
    const answer = await fetch(...asked), text = answer.text.bind(answer);
    answer.text = async () => {
      const told = await text();
      setTimeout(() => window.tokens++);
      return told;
    };
    return answer;
  };
}"""
"""Counts the answers about links that the tag has read, once it has them."""


def collect(page: Page, recorder: Recorder) -> list[dict[str, Any]]:
    """What was counted so far, page views apart: name and props of each event.

    Ends with an event of its own, so that what was not counted is not only late.
    """
    page.evaluate("freehold('event', 'end')")
    *seen, _ = recorder.until("end")
    return [{"name": event["name"], **event.get("props", {})} for event in seen]
