"""A strict Content-Security-Policy: what `freehold container snippet --csp` prints is enough."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page

from server.cli import main
from server.collector.script import FEATURES
from server.containers.model import CookieMode
from tests.js_snippet.page_tags import FIRED, telling, with_page_tags
from tests.js_snippet.recorder import Recorder, make_container
from tests.js_snippet.waiting import until
from tests.running import ROOT

pytestmark = pytest.mark.browser

PIXEL = """new Promise((done) => {
  const pixel = new Image();
  pixel.onload = pixel.onerror = done;
  pixel.src = '/shop/hit.gif?name=open';
}).then(() => 1)"""
FOREIGN = "<script>window.foreign = 1</script>"
QUEUE = "(window.freehold = function () { freehold.q.push([Date.now(), arguments]) }).q = []"
"""As the guide gives it."""


def printed(recorder: Recorder, folder: Path) -> str:
    """The lines, for a container as the recorder's is."""
    (folder / "shop.yaml").write_text("id: shop\nsites: [self]\n")
    asked = ["container", "snippet", "shop", "--origin", recorder.origin, "--csp"]
    env = {"FREEHOLD_CONTAINERS": str(folder), "FREEHOLD_DATA": str(folder / "data")}
    return CliRunner().invoke(main, asked, env=env, catch_exceptions=False).output


@pytest.mark.parametrize("beside", ["", " 'strict-dynamic'"])
def test_with_the_printed_lines_hits_arrive_and_nothing_is_violated(
    browser: Browser, recorder: Recorder, tmp_path: Path, beside: str
) -> None:
    lines = printed(recorder, tmp_path).replace(";", f"{beside};", 1)
    policy = f"<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; {lines}\">"
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    page.goto(recorder.page(FOREIGN, head=policy + recorder.snippet))
    recorder.wait(1)
    page.evaluate("freehold('event', 'after')")
    assert [hit.names for hit in recorder.wait(2)] == [["page_view"], ["after"]]
    assert page.evaluate(PIXEL) == 1
    assert page.evaluate("window.foreign") is None
    violations = [line for line in said if "Content Security Policy" in line]
    assert len(violations) == 1, violations  # the foreign script's own
    context.close()


def test_where_types_are_to_be_trusted_a_script_element_is_enough(
    page: Page, recorder: Recorder
) -> None:
    rules = "script-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
    policy = f'<meta http-equiv=Content-Security-Policy content="{rules}">'
    features = [name for name in FEATURES if name != "page_views"]
    recorder.container = make_container(CookieMode.ALWAYS, *features)
    assert QUEUE in (ROOT / "js_snippet" / "README.md").read_text(encoding="utf-8")
    recorder.pages["/queue.js"] = ("text/javascript", f"{QUEUE}; freehold('event', 'before')")
    head = f"{policy}<script src=/queue.js></script><script async src=/shop/tag.js></script>"
    page.goto(recorder.page(head=head))
    recorder.until("before")
    recorder.until("page_view")
    page.evaluate("freehold('event', 'after')")
    recorder.until("after")


def test_where_types_are_to_be_trusted_the_page_s_policy_lets_in_snippet_and_page_tags(
    page: Page, recorder: Recorder
) -> None:
    guide = (ROOT / "js_snippet" / "README.md").read_text(encoding="utf-8")
    [ours] = re.findall(r"trustedTypes\.createPolicy\('default', .*?^}\);", guide, re.M | re.S)
    ours = ours.replace("https://t.example.com/", f"{recorder.origin}/")
    recorder.container = with_page_tags({"ours": telling("ours")})
    rules = "script-src 'nonce-n'; require-trusted-types-for 'script'; trusted-types default"
    head = f"""<meta http-equiv=Content-Security-Policy content="{rules}">
        <script nonce=n>{ours}</script>"""
    page.goto(recorder.page(head=head + recorder.snippet.replace("<script>", "<script nonce=n>")))
    page.evaluate("freehold('event', 'before')")
    until(page, f"({FIRED}) == 'ours before'")
    other = (
        "String(trustedTypes.defaultPolicy.createHTML('<p>', 'TrustedHTML', 'Element innerHTML'))"
    )
    assert page.evaluate(other) == ""
