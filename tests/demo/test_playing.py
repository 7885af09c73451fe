from __future__ import annotations

import json
from typing import Any

import pytest

from server.demo.partners.contract import Asked
from server.demo.playing import Played, Stage
from server.demo.trouble import Trouble, Troubles

NOW = 1_795_000_000_000


def play(stage: Stage, count: int = 1, path: str = "/orders") -> Played:
    body = json.dumps([{"id": f"e-{number}"} for number in range(count)]).encode()
    return stage.play(Asked(path=path, body=body, now=NOW))


def troubled(**words: Any) -> Stage:
    return Stage(Troubles(Trouble(**words)))


@pytest.mark.parametrize(
    ("kind", "status", "taken"),
    [
        ("error", 503, 0),
        ("throttle", 429, 0),
        ("revoked", 401, 0),
        ("hang", 204, 0),
        ("reset", 204, 0),
        ("lost", 204, 2),
        ("slow", 204, 2),
        ("partial", 400, 0),
    ],
)
def test_a_trouble_decides_what_is_said_and_what_is_taken(
    kind: str, status: int, taken: int
) -> None:
    stage = troubled(kind=kind)
    played = play(stage, 2)
    assert (played.answer.status, played.taken, stage.taken.count("webhook")) == (
        status, taken, taken,
    )  # fmt: skip
    [standing] = stage.standings()
    assert (standing.requests, standing.troubled, standing.faulty) == (1, 1, 0)


def test_throttled_and_revoked_are_said_in_the_partner_s_own_way() -> None:
    for kind, code in (("throttle", 4), ("revoked", 190)):
        played = play(troubled(kind=kind), path="/v24.0/1/events")
        assert (played.answer.status, json.loads(played.answer.body)["error"]["code"]) == (
            400,
            code,
        )


def test_a_retry_after_is_sent_as_it_was_written() -> None:
    for kind in ("error", "throttle"):
        played = play(troubled(kind=kind, retry_after="soon"))
        assert played.answer.headers["retry-after"] == "soon"


def test_a_partner_that_takes_some_takes_the_others() -> None:
    stage = troubled(kind="partial", every=4)
    events = [
        {"event": "PageView", "event_time": NOW // 1000, "event_id": f"e-{number}", "user": {}}
        for number in range(40)
    ]
    body = {"event_source": "web", "event_source_id": "P", "data": events}
    path, headers = "/open_api/v1.3/event/track/", {"access-token": "x"}
    asked = Asked(path=path, headers=headers, body=json.dumps(body).encode(), now=NOW)
    played = stage.play(asked)
    answer = json.loads(played.answer.body)
    failed = {one["order_in_batch"] for one in answer["data"]["failed_events"]}
    assert answer["code"] == 20001
    assert 0 < len(failed) < 40
    assert stage.taken.ids("tiktok") == {f"e-{n}" for n in range(40) if n not in failed}
    assert stage.play(asked).answer == played.answer
