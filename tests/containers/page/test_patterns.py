"""RE2 in a browser's words; that both find the same, test_page_operators asks of Chromium."""

from __future__ import annotations

import pytest

from server.containers.page.patterns import SLOW, javascript

TRANSLATED = {
    r"^/fr/(a|b)?.*\.html$": r"^/fr/(?:a|b)?[^\n]*\.html$",
    r"\d{4}-\w+\s": r"[0-9]{4}-[0-9A-Za-z_]+[\t\n\f\r ]",
    r"\D\W\S": r"[^0-9][^0-9A-Za-z_][^\t\n\f\r ]",
    r"[\w-]+[]a][^-x-]": r"[0-9A-Za-z_\-]+[\]a][^\-x\-]",
    r"\x41\x{1F600}\-\n": r"\u{41}\u{1F600}-\n",
    r"a{,2}}": r"a\{,2\}\}",
    r"(?:ab)+\b": r"(?:ab)+\b",
    r"(\d{2})+": r"(?:[0-9]{2})+",
}


@pytest.mark.parametrize(("pattern", "expected"), TRANSLATED.items())
def test_what_is_written_otherwise_is_translated(pattern: str, expected: str) -> None:
    assert javascript(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        (r"(?i)shoes", "`ignore_case`"),
        (r"(?P<name>a)", "of groups only"),
        (r"\pN", "RE2's alone"),
        (r"\Aa\z", "RE2's alone"),
        (r"\Qa.b\E", "RE2's alone"),
        (r"[[:alpha:]]", "RE2's alone"),
        (r"[^\S]", "something else to browsers"),
        (r"(a+)+$", "forever"),
        (r"(a|aa)*$", "forever"),
        (r"((a?b)c){2,}", "forever"),
        (r"a.*b.*c", "too many ways"),
        (r"^*a", "repeats a place"),
        (r"a\b+", "repeats a place"),
    ],
)
def test_what_a_browser_lacks_or_may_choke_on_is_refused(pattern: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        javascript(pattern)


def test_what_may_be_missing_is_no_repetition() -> None:
    assert javascript("(a+)?") == "(?:a+)?"
    with pytest.raises(ValueError, match=SLOW):
        javascript("((a+)?)*")
