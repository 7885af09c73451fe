from __future__ import annotations

from pathlib import Path

import pytest

from server.credentials import Secrets
from server.delivery import Delivered, Denied, Outcome, Retry
from server.pipeline.forwarder.gate import Gate
from server.pipeline.forwarder.ready import Ending, Ready
from server.pipeline.forwarder.screen import screen
from server.pipeline.forwarder.tried import Tried
from server.pipeline.queue import Job
from tests.pipeline.forwarder.owed import Forwarding, owed


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def environ() -> dict[str, str]:
    return {"FREEHOLD_SECRET_KEY": "old"}


@pytest.fixture
def gate(clock: Clock, environ: dict[str, str], tmp_path: Path) -> Gate:
    return Gate("tag.shop.hook", Secrets(environ, tmp_path), clock=clock)


def ready(forwarding: Forwarding) -> Ready:
    forwarding.environ["FREEHOLD_SECRET_KEY"] = "old"
    settings = {"headers": {"X-Key": "$secret.KEY"}}
    job = Job(delivery=owed(1, "https://partner.example", settings=settings))
    [found] = screen([job], forwarding.screen())
    assert isinstance(found, Ready)
    return found


def tried(outcome: Outcome, after_s: float | None = None) -> Tried:
    return Tried(outcome=outcome, status=0, began=0.0, duration_ms=1, after_s=after_s)


def test_a_partner_that_does_not_answer_closes_it_for_a_while(
    gate: Gate, clock: Clock, forwarding: Forwarding
) -> None:
    one = ready(forwarding)
    for _ in range(5):
        assert gate.is_open()
        gate.note(tried(Retry("timeout", "no answer")), one)
    assert (gate.is_open(), gate.reason, gate.detail) == (
        False,
        "not_answering",
        "timeout: no answer",
    )
    clock.now += 5
    assert (gate.is_open(), gate.is_probing) == (True, True)
    gate.note(tried(Delivered()), one)
    assert (gate.is_open(), gate.is_probing, gate.reason) == (True, False, "")


def test_a_partner_that_asks_to_wait_is_not_asked_before(
    gate: Gate, clock: Clock, forwarding: Forwarding
) -> None:
    gate.note(tried(Retry("http_429", ""), after_s=30), ready(forwarding))
    gate.note(tried(Retry("http_429", ""), after_s=10), ready(forwarding))
    clock.now += 29
    assert (gate.is_open(), gate.reason) == (False, "asked_to_wait")
    clock.now += 1
    assert gate.is_open()


def test_refused_credentials_are_tried_again_after_a_minute_then_two(
    gate: Gate, clock: Clock, forwarding: Forwarding
) -> None:
    for pause in (60, 120, 240, 480, 900, 900):
        gate.note(tried(Denied("credentials", "401")), ready(forwarding))
        clock.now += pause - 1
        assert not gate.is_open()
        clock.now += 1
        assert (gate.is_open(), gate.is_probing) == (True, True)


def test_who_hurries_it_asks_again_at_once_with_one_request(
    gate: Gate, clock: Clock, forwarding: Forwarding
) -> None:
    one = ready(forwarding)
    for _ in range(5):
        gate.note(tried(Retry("timeout", "no answer")), one)
    gate.hurry()
    assert (gate.is_open(), gate.is_probing, gate.eased(), gate.eased()) == (
        True,
        True,
        True,
        False,
    )
    gate.note(tried(Retry("timeout", "no answer")), one)
    assert not gate.is_open()
    clock.now += 5
    assert gate.is_open()


def test_who_hurries_it_has_refused_credentials_tried_at_once(
    gate: Gate, clock: Clock, forwarding: Forwarding
) -> None:
    for _ in range(4):
        gate.note(tried(Denied("credentials", "401")), ready(forwarding))
        gate.hurry()
        assert (gate.is_open(), gate.is_probing, gate.eased()) == (True, True, True)
    gate.note(tried(Denied("credentials", "401")), ready(forwarding))
    clock.now += 59
    assert not gate.is_open()
    clock.now += 1
    assert gate.is_open()


def test_who_hurries_it_keeps_to_what_the_partner_asked_for_and_needs_the_secret(
    gate: Gate, clock: Clock, environ: dict[str, str], forwarding: Forwarding
) -> None:
    one = ready(forwarding)
    gate.note(tried(Retry("http_429", ""), after_s=30), one)
    gate.hurry()
    assert not gate.is_open()
    clock.now += 30
    assert gate.is_open()
    del environ["FREEHOLD_SECRET_KEY"]
    gate.miss(Ending(job=one.job, outcome="paused", reason="secret_missing", detail="KEY"))
    gate.hurry()
    assert not gate.is_open()


def test_a_changed_secret_opens_it_at_once(
    gate: Gate, environ: dict[str, str], forwarding: Forwarding
) -> None:
    gate.note(tried(Denied("credentials", "401")), ready(forwarding))
    assert not gate.is_open()
    environ["FREEHOLD_SECRET_KEY"] = "new"
    assert gate.is_open()


def test_a_missing_secret_keeps_it_closed_until_it_is_there(
    gate: Gate, environ: dict[str, str], forwarding: Forwarding
) -> None:
    del environ["FREEHOLD_SECRET_KEY"]
    job = ready(forwarding).job
    gate.miss(Ending(job=job, outcome="paused", reason="secret_missing", detail="the secret KEY"))
    assert (gate.is_open(), gate.reason, gate.detail) == (
        False,
        "secret_missing",
        "the secret KEY",
    )
    environ["FREEHOLD_SECRET_KEY"] = "there"
    assert gate.is_open()
