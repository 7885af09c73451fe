from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.containers.model import Container, PageTag
from server.identity import KeyRing
from server.studio.preview import (
    PURPOSE,
    Preview,
    first_page,
    preview_link,
    read_preview,
    sign_preview,
    what_goes_out,
)
from tests.samples import NOON

KEYS = KeyRing(("a-key-of-at-least-thirty-two-characters",))
SIGNER = KEYS.signer("shop", PURPOSE)
PREVIEW = Preview(base=7, until=NOON // 1000 * 1000 + 60_000)
TOKEN = sign_preview(PREVIEW, SIGNER)


def test_a_token_says_what_was_signed_until_it_is_over() -> None:
    assert read_preview(TOKEN, signer=SIGNER, now=NOON) == PREVIEW
    assert read_preview(TOKEN, signer=SIGNER, now=PREVIEW.until - 1) == PREVIEW
    assert read_preview(TOKEN, signer=SIGNER, now=PREVIEW.until) is None
    sends = replace(PREVIEW, mode="send")
    assert read_preview(sign_preview(sends, SIGNER), signer=SIGNER, now=NOON) == sends


@pytest.mark.parametrize(
    "signer",
    [
        KEYS.signer("blog", PURPOSE),
        KEYS.signer("shop"),
        KeyRing(("another-key-of-more-than-thirty-two-chars",)).signer("shop", PURPOSE),
    ],
    ids=["another container", "another purpose", "another key"],
)
def test_a_token_of_something_else_is_none(signer: object) -> None:
    assert read_preview(TOKEN, signer=signer, now=NOON) is None  # type: ignore[arg-type]


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_an_altered_token_is_none(at: int, char: str) -> None:
    altered = TOKEN[:at] + char + TOKEN[at + 1 :]
    if altered != TOKEN:
        assert read_preview(altered, signer=SIGNER, now=NOON) is None


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert read_preview(text, signer=SIGNER, now=NOON) is None


def test_a_link_carries_token_and_page() -> None:
    to = "https://shop.example/p?a=1&b=ü#x"
    link = preview_link("shop", TOKEN, origin="https://t.shop.example/fh/", to=to)
    parts = urlsplit(link)
    assert link.startswith("https://t.shop.example/fh/shop/preview?")
    assert parse_qs(parts.query) == {"token": [TOKEN], "to": [to]}


def test_it_begins_with_a_page_of_the_first_site() -> None:
    own, other = ("https://t.example", Container(id="demo", sites=["self"])), "https://a.example"
    assert first_page(own[1], own[0]) == "https://t.example/demo/"
    assert first_page(Container(id="shop", sites=[other, "self"]), own[0]) == "https://a.example/"


def test_page_tags_run_in_a_preview_which_says_so() -> None:
    def tag(*, enabled: bool) -> PageTag:
        return PageTag(type="html", html="<p>", fires_on=["all_pages"], enabled=enabled)

    shop = Container(id="shop", sites=["self"], page_tags={"off": tag(enabled=False)})
    assert what_goes_out(shop, "look") == "Nothing is sent to partners."
    chat = replace(shop, page_tags={"chat": tag(enabled=True), "off": tag(enabled=False)})
    said = "Nothing is sent to partners. Page tags run in that browser: chat."
    assert what_goes_out(chat, "look") == said
    assert what_goes_out(chat, "look", runs_page_tags=False).endswith("PAGE_TAGS=off forbids it.")
    assert what_goes_out(shop, "send") == "Partners get what it sends."
