from __future__ import annotations

from server.collector.asked import Asked, first_of

HEADERS = [(b"a", b"1"), (b"b", b"2"), (b"a", b"\xe9")]
ASKED = Asked(headers=HEADERS, fields=first_of(HEADERS), query=b"", peer="")


def test_of_two_headers_the_first_counts_unless_all_are_asked_for() -> None:
    assert ASKED.text(b"a") == "1"
    assert ASKED.every(b"a") == "1,\xe9"


def test_a_header_that_is_missing_is_empty() -> None:
    assert (ASKED.text(b"c"), ASKED.every(b"c")) == ("", "")
