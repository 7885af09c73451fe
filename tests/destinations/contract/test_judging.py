from __future__ import annotations

import pytest

from server.delivery import Response
from server.destinations.contract import MAX_DETAIL_CHARS, document, text_of


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1]", b"nonsense", b"[" * 5000, b'"\xff"'])
def test_an_answer_that_is_no_object_is_an_empty_one(body: bytes) -> None:
    assert document(Response(status=200, body=body)) == {}


def test_an_answer_s_text_is_read_whatever_its_bytes_are() -> None:
    assert document(Response(status=200, body=b'{"code":0}')) == {"code": 0}
    assert text_of(Response(status=200, body=b"a\xffb")) == "a\ufffdb"
    assert len(text_of(Response(status=200, body=b"x" * 99_999))) == MAX_DETAIL_CHARS
