"""A shop on which nothing that the tag needs has a famous name."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext

from tests.js_snippet.waiting import until
from tests.running import Running
from tests.shop.visiting import asked_by, has, named, rows_until, started

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("hosts")]

SHOP = "https://own.example/demo"


def test_under_its_own_names_all_is_counted_and_can_be_refused(
    freehold: Running, visitor: BrowserContext
) -> None:
    asked = asked_by(visitor)
    page = visitor.new_page()
    page.goto(f"{SHOP}/")
    started(page, "kiln")
    page.get_by_role("button", name="Accept all").click()
    with page.expect_response("**/demo/fire?c=1"):
        page.evaluate("kiln('event', 'fired', {degrees: 1240})")
    page.goto(f"{SHOP}/p/breakfast-cup")
    started(page, "kiln")
    assert page.evaluate("typeof freehold") == "undefined"
    assert [one["name"] for one in visitor.cookies()] == ["visit"]
    found = rows_until(freehold, has("fired", "view_item"), "glaze")
    page.evaluate("kiln.optOut()")
    until(page, "localStorage['out.freehold.glaze.'] == 2")
    assert [one["name"] for one in visitor.cookies()] == ["fh_optout_glaze"]
    assert named(found, "fired")[0]["nums"] == {"degrees": 1240}
    assert len({row["visitor"] for row in found if row["answer"] == "granted"}) == 1
    names = {urlsplit(url).path.rpartition("/")[2] for url in asked}
    assert {"cup.js", "fire"} <= names
    assert not names & {"tag.js", "hit", "link"}
