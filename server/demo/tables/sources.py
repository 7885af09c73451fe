"""Ways into the demo shop: what the referrer says, what stands in the landing address."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode


class Source(NamedTuple):
    """One way in; `zeal` scales how far its visitors go."""

    weight: int
    referrer: str
    landings: tuple[str, ...]
    zeal: float
    query: str = ""
    click_id: str = ""
    """The parameter that carries the click's own id."""


def _utm(source: str, medium: str, campaign: str, term: str = "") -> str:
    words = {"source": source, "medium": medium, "campaign": campaign, "term": term}
    return urlencode({f"utm_{key}": word for key, word in words.items() if word})


_HOME = ("/demo/",)
_SHELVES = ("/demo/c/stoneware", "/demo/c/linen", "/demo/c/wood")
_CUP, _JUG = "/demo/p/breakfast-cup", "/demo/p/water-jug"
_TOWEL, _NAPKINS = "/demo/p/tea-towel", "/demo/p/napkins"

_GOOGLE = "https://www.google.com/"
_FACEBOOK = "https://l.facebook.com/"
_INSTAGRAM = "https://l.instagram.com/"
_BRAND = _utm("google", "cpc", "brand", "kiln and loom")
_CUPS = _utm("google", "cpc", "stoneware", "handmade cup")
_AUTUMN = _utm("facebook", "paid_social", "autumn-table")
_BACK = _utm("facebook", "paid_social", "come-back")
_POUR = _utm("tiktok", "paid_social", "pour-test")
_LETTER = _utm("newsletter", "email", "september")

SOURCES = (
    Source(26, _GOOGLE, (*_HOME, *_HOME, *_SHELVES, _CUP, "/demo/p/oak-board"), 1.0),
    Source(8, _GOOGLE, _HOME, 1.9, _BRAND, "gclid"),
    Source(8, _GOOGLE, ("/demo/c/stoneware", _CUP), 1.4, _CUPS, "gclid"),
    Source(12, _FACEBOOK, ("/demo/c/linen", _NAPKINS), 0.8, _AUTUMN, "fbclid"),
    Source(6, _INSTAGRAM, (*_HOME, "/demo/p/soup-bowl"), 0.6),
    Source(4, "https://www.tiktok.com/", (_JUG,), 0.35, _POUR, "ttclid"),
    Source(3, "https://www.pinterest.com/", ("/demo/p/kitchen-apron", "/demo/c/linen"), 0.8),
    Source(8, "", ("/demo/c/linen", _TOWEL, *_HOME), 1.3, _LETTER),
    Source(4, "https://journal.slow-kitchen.example/ten-cups", (_CUP,), 1.3),
    Source(3, "https://www.tableware-guide.example/", ("/demo/c/stoneware", *_HOME), 1.2),
    Source(3, "https://chatgpt.com/", ("/demo/p/salt-box", *_HOME), 1.5, "utm_source=chatgpt.com"),
    Source(1, "https://www.perplexity.ai/", ("/demo/c/wood",), 1.3),
    Source(2, "https://www.bing.com/", (*_HOME, "/demo/c/wood"), 1.0),
    Source(2, "https://duckduckgo.com/", _HOME, 1.0),
    Source(13, "", _HOME, 1.1),
)

RETURNS = (
    Source(42, "", (*_HOME, _CUP, "/demo/c/stoneware"), 1.8),
    Source(22, "", ("/demo/c/linen", _TOWEL), 1.7, _LETTER),
    Source(24, _GOOGLE, _HOME, 1.6),
    Source(12, _FACEBOOK, (_NAPKINS, _JUG), 1.4, _BACK, "fbclid"),
)
"""How those come who know the shop."""
