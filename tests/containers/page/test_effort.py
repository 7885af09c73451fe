"""Which patterns a browser may think about for long: each was asked of Chromium's engine with the
texts that are worst for it. What is quick took it a fifth of a second at most, of 2,048 characters.
"""

from __future__ import annotations

import pytest

from server.containers.page.patterns import LONG, javascript

QUICK = [
    r".*checkout.*",
    r"checkout.*done",
    r"^.*a.*b$",
    r"^https?://[^/]+/[a-z]+/\d+/[^?]+\?",
    r"^/(?:fr|en)/.*/(?:cart|basket)/.*\.html$",
    r"\/(product|category)\/.*-(sale|promo).*",
    r"[?&]utm_source=google(&|$)",
    r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$",
    r"^\s*\w+\s*=\s*\w+\s*;$",
    r"^.{1,255}$",
    r"a+b+c+",
    r"[*+]+a*",
    r"(a*)(a*)",
    r"[a-f]+ [a-f]+ж[a-f]+",
]
SLOW = [
    r".*.*x",
    r".*a.*b$",
    r"a.*b.*c",
    r"^.*a.*b.*c",
    r"^.*a.*b|c",
    r"A*a*b",
    r"[^b]aa*a{3,}x",
    r".{0,200}.{0,200}x",
    r"\x{e9}*[\x{e8}-\x{ea}]*x",
    "^" + "a?" * 30 + "a" * 30,
    "^" + "(a|aa)" * 40 + "x",
]


@pytest.mark.parametrize("pattern", QUICK)
def test_what_is_quick_is_taken(pattern: str) -> None:
    assert javascript(pattern)


@pytest.mark.parametrize("pattern", SLOW)
def test_what_may_be_read_in_too_many_ways_is_not(pattern: str) -> None:
    with pytest.raises(ValueError, match=LONG[:20]):
        javascript(pattern)
