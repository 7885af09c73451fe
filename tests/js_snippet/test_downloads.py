"""Clicks on links to files, `observe: downloads`: the event `file_download`, as in GA4."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from server.containers.model import CookieMode
from tests.js_snippet.links import STAY, collect
from tests.js_snippet.recorder import Recorder, make_container

pytestmark = pytest.mark.browser

GUIDE = "https://files.example/docs/Guide.PDF?token=secret#page=2"


def click_all(page: Page, recorder: Recorder, links: str, *features: str) -> None:
    recorder.container = make_container(CookieMode.ALWAYS, *features, page_views=False)
    page.goto(recorder.page(STAY + links))
    page.wait_for_function("!freehold.q")
    page.evaluate("[...document.links].forEach((link) => link.click())")


def test_a_download_is_the_documented_event(page: Page, recorder: Recorder) -> None:
    click_all(
        page, recorder, "<a class=file href=/docs/price%20list.XLSX?v=2>Prices</a>", "downloads"
    )
    assert collect(page, recorder) == [
        {
            "name": "file_download",
            "file_name": "/docs/price%20list.XLSX",
            "file_extension": "xlsx",
            "link_url": f"{recorder.origin}/docs/price%20list.XLSX",
            "link_text": "Prices",
            "link_classes": "file",
        }
    ]


def test_the_files_of_ga4_are_downloads_and_nothing_else(page: Page, recorder: Recorder) -> None:
    files = "pdf xls xlsx doc docx txt rtf csv exe key pps ppt pptx 7z pkg rar gz zip avi mov mp4"
    files += " mpg mpeg wmv mid midi mp3 wav wma"
    others = ["a.html", "pdf", "a.pdfx", "a.pdf/", "a?file=b.pdf", "a#b.pdf", "a.png"]
    links = [f"a.{extension}" for extension in files.split()] + others
    click_all(page, recorder, " ".join(f"<a href=/{link}>x</a>" for link in links), "downloads")
    assert [event["file_extension"] for event in collect(page, recorder)] == files.split()


@pytest.mark.parametrize(
    ("features", "name"),
    [
        (["downloads", "outbound_links"], "file_download"),
        (["downloads"], "file_download"),
        (["outbound_links"], "click"),
    ],
    ids=["both", "downloads", "outbound links"],
)
def test_a_file_on_another_host_counts_once(
    page: Page, recorder: Recorder, features: list[str], name: str
) -> None:
    click_all(page, recorder, f"<a href='{GUIDE}'>Guide</a>", *features)
    (event,) = collect(page, recorder)
    assert (event["name"], event["link_url"]) == (name, "https://files.example/docs/Guide.PDF")
