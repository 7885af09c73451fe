from __future__ import annotations

import gzip

import brotli
import pytest

from server.collector import tag
from server.collector.answers import Answer
from server.collector.asked import Asked, first_of
from server.collector.script import tag_script
from server.containers.model import Container

SCRIPT = tag_script(Container(id="shop", sites=["self"]), hit_path="/shop/hit")


def served(*headers: tuple[bytes, bytes]) -> Answer:
    asked = Asked(headers=[*headers], fields=first_of([*headers]), query=b"", peer="")
    return tag.serve(SCRIPT, asked)


def test_a_browser_gets_the_smallest_encoding_that_it_takes() -> None:
    smallest = served((b"accept-encoding", b"gzip, deflate, br, zstd"))
    older = served((b"accept-encoding", b"gzip, deflate"))
    assert b"content-encoding: br\r\n" in smallest.head
    assert brotli.decompress(smallest.body) == SCRIPT.body
    assert b"content-encoding: gzip\r\n" in older.head
    assert gzip.decompress(older.body) == SCRIPT.body
    assert b"content-encoding" not in served().head
    assert len(smallest.body) < len(older.body) < len(served().body)


def test_a_browser_that_has_it_is_told_so() -> None:
    answer = served((b"if-none-match", f'W/"other", {SCRIPT.etag}'.encode()))
    assert (answer.status, answer.body) == (304, b"")
    assert b"etag: " + SCRIPT.etag.encode() in answer.head
    assert served((b"if-none-match", b'"other"')).status == 200


@pytest.mark.parametrize(
    ("accepted", "is_taken"),
    [
        ("br", True),
        ("gzip;q=1.0, BR; q=0.5", True),
        ("gzip, br;q=0", False),
        ("br; q=0.00", False),
        ("brotli", False),
        ("", False),
    ],
)
def test_an_encoding_is_taken_when_it_is_named_and_not_refused(
    accepted: str, is_taken: bool
) -> None:
    assert tag.takes(accepted, "br") is is_taken
