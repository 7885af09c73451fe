from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest

from server.clock import now_ms
from server.demo.playing import Stage
from server.demo.recorder import make_recorder
from server.demo.trouble import Script, Trouble
from tests.demo.serving import serve


def ask(url: str, event_id: str, seconds: float = 5) -> tuple[int, bytes]:
    """Status and body."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=seconds)
    try:
        connection.request("POST", "/orders", body=json.dumps({"id": event_id}))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_answers_leave_late_byte_by_byte_or_not_at_all() -> None:
    stage = Stage()

    def play(trouble: Trouble) -> None:
        stage.troubles.set(Script(troubles=[trouble]), now=now_ms())

    with serve(make_recorder(events=list, now=now_ms, stage=stage)) as url:
        play(Trouble(kind="slow", seconds=0.1))
        assert ask(url, "slow") == (200, b" " * 20)
        play(Trouble(kind="reset"))
        with pytest.raises(ConnectionResetError):
            ask(url, "reset")
        play(Trouble(kind="lost"))
        with pytest.raises(ConnectionResetError):
            ask(url, "lost")
        play(Trouble(kind="hang"))
        with pytest.raises(TimeoutError):
            ask(url, "hang", seconds=0.2)
        play(Trouble(kind="hang", seconds=0.05))
        with pytest.raises(ConnectionResetError):
            ask(url, "hang")
    assert stage.taken.ids("webhook") == {"slow", "lost"}
