from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime

import pytest

from server.errors import StoreUnavailable
from server.telemetry.logs import LEFT_OUT, set_up_log

FORGED = "x\n2026-01-01 ERROR all is lost\x1b[2J\u2028"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(kind: str) -> str:
    """What a log has after a line with foreign text and two errors."""
    stream = io.StringIO()
    set_up_log(kind, stream)
    log = logging.getLogger("server.shop")
    log.warning("refused: %s", FORGED, extra={"worker": "w0", "hits": 3})
    for error in (ValueError("ann@shop.example"), StoreUnavailable("no answer")):
        try:
            raise error
        except (ValueError, StoreUnavailable):
            log.exception("nobody foresaw this")
    log.debug("too small to tell")
    return stream.getvalue()


def test_text_from_outside_begins_no_line_and_moves_no_cursor() -> None:
    first, *rest = logged("text").splitlines()
    assert first.endswith(r"server.shop: refused: x\x0a2026-01-01 ERROR all is lost\x1b[2J\x2028")
    assert rest[0].endswith("nobody foresaw this")


def test_an_error_tells_where_it_was_and_quotes_nobody() -> None:
    text = logged("text")
    assert "test_logs.py" in text
    assert f"ValueError: {LEFT_OUT}" in text
    assert "StoreUnavailable: no answer" in text
    assert "ann@shop.example" not in text


def test_json_is_one_object_a_line() -> None:
    first, second, third = (json.loads(line) for line in logged("json").splitlines())
    assert datetime.fromisoformat(first.pop("time")).tzinfo is not None
    assert first.pop("process") > 0
    assert first == {
        "level": "WARNING",
        "logger": "server.shop",
        "message": r"refused: x\x0a2026-01-01 ERROR all is lost\x1b[2J\x2028",
        "fields": {"worker": "w0", "hits": 3},
    }
    assert second["error"].endswith(f"ValueError: {LEFT_OUT}")
    assert third["error"].endswith("StoreUnavailable: no answer")
