"""Batches, against a real partner: what shares a request, and how one to blame is found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from server.clock import now_ms
from server.delivery import Mixed, Refused, Request, Resend, Response, Retry
from server.destinations.contract import Destination, Message, Sending, judge_status
from server.pipeline.forwarder.partner import Partner
from server.pipeline.forwarder.ready import Ending, Ready
from server.pipeline.forwarder.send import Outlet, Sender
from server.pipeline.forwarder.tokens import Tokens
from server.pipeline.forwarder.tried import Tried
from tests.partner import Asked, LocalPartner, Says
from tests.pipeline.forwarder.bulk import BULK, ready
from tests.pipeline.forwarder.owed import HERE


def send(
    batch: list[Ready],
    *,
    may: bool = True,
    again: Callable[[Ready], Ready | Ending] = lambda ready: ready,
) -> tuple[list[Ending], list[Tried]]:
    noted: list[Tried] = []

    async def once() -> list[Ending]:
        async with Partner(HERE) as partner:

            def note(tried: Tried, _: Sequence[Ready]) -> Tried:
                noted.append(tried)
                return tried

            sender = Sender(
                Outlet(partner=partner, tokens=Tokens(partner, now=now_ms)),
                may=lambda: may,
                note=note,
                again=lambda some: [again(one) for one in some],
                now=now_ms,
            )
            return await sender.send(batch)

    return asyncio.run(once()), noted


def words(endings: list[Ending]) -> list[tuple[int, str, str, int]]:
    return [(one.job.delivery.event.off, one.outcome, one.reason, one.batch) for one in endings]


def test_a_batch_is_one_request_and_each_event_has_its_ending(partner: LocalPartner) -> None:
    endings, noted = send([ready(number, partner.url) for number in (1, 3)])
    assert [asked.json() for asked in partner.asked] == [[1, 3]]
    assert words(endings) == [(1, "delivered", "", 2), (3, "delivered", "", 2)]
    assert [tried.status for tried in noted] == [204]


def test_a_refused_batch_is_halved_until_the_one_to_blame_is_alone(
    partner: LocalPartner,
) -> None:
    def answer(asked: Asked) -> Says:
        return Says(status=400, body=b"five!") if 5 in asked.json() else Says()

    partner.always = answer
    endings, _ = send([ready(number, partner.url) for number in (1, 3, 5, 7)])
    assert [asked.json() for asked in partner.asked] == [[1, 3, 5, 7], [1, 3], [5, 7], [5], [7]]
    assert words(endings) == [
        (1, "delivered", "", 2),
        (3, "delivered", "", 2),
        (5, "refused", "http_400", 1),
        (7, "delivered", "", 1),
    ]
    assert endings[2].detail == "five!"


def judged(judgement: Mixed) -> Destination:
    """A partner whose first answer means this, and every later one what its status says."""
    judgements = iter([judgement])
    return replace(BULK, judge=lambda answer: next(judgements, None) or judge_status(answer))


def test_an_answer_that_tells_of_single_events_ends_each_for_itself(partner: LocalPartner) -> None:
    kind = judged(Mixed({0: Refused("bad"), 2: Retry("busy")}))
    endings, noted = send([ready(number, partner.url, kind) for number in (1, 3, 5, 7)])
    assert words(endings) == [
        (1, "refused", "bad", 4),
        (3, "delivered", "", 4),
        (5, "retry", "busy", 4),
        (7, "delivered", "", 4),
    ]
    assert (len(partner.asked), len(noted)) == (1, 1)


def test_those_that_a_partner_did_not_look_at_go_again_without_the_one_to_blame(
    partner: LocalPartner,
) -> None:
    kind = judged(Mixed({1: Refused("bad")}, Resend()))
    endings, _ = send([ready(number, partner.url, kind) for number in (1, 3, 5)])
    assert [asked.json() for asked in partner.asked] == [[1, 3, 5], [1, 5]]
    assert sorted(words(endings)) == [
        (1, "delivered", "", 2),
        (3, "refused", "bad", 3),
        (5, "delivered", "", 2),
    ]


def test_a_request_in_which_nobody_is_to_blame_by_name_is_halved(partner: LocalPartner) -> None:
    kind = judged(Mixed({}, Resend()))
    endings, _ = send([ready(number, partner.url, kind) for number in (1, 3)])
    assert [asked.json() for asked in partner.asked] == [[1, 3], [1], [3]]
    assert {one.outcome for one in endings} == {"delivered"}
    alone, _ = send([ready(1, partner.url, judged(Mixed({}, Resend("resend", "why"))))])
    assert (words(alone), alone[0].detail) == ([(1, "retry", "resend", 1)], "why")


def test_a_request_that_grew_too_large_is_halved_before_it_is_sent(
    partner: LocalPartner,
) -> None:
    numbers = [10**12 + number for number in (1, 3, 5, 7)]
    endings, _ = send([ready(number, partner.url) for number in numbers])
    assert [asked.json() for asked in partner.asked] == [numbers[:2], numbers[2:]]
    assert {one.outcome for one in endings} == {"delivered"}


def test_a_failure_is_no_one_s_fault_and_nothing_is_halved(partner: LocalPartner) -> None:
    partner.answers.append(Says(status=500))
    endings, _ = send([ready(number, partner.url) for number in (1, 3)])
    assert words(endings) == [(1, "retry", "http_500", 2), (3, "retry", "http_500", 2)]
    assert len(partner.asked) == 1


def test_nothing_is_sent_when_the_lane_may_not(partner: LocalPartner) -> None:
    endings, noted = send([ready(1, partner.url)], may=False)
    assert (words(endings), noted, partner.asked) == ([(1, "untried", "", 1)], [], [])


def test_a_destination_s_own_bugs_cost_the_event_or_come_again(partner: LocalPartner) -> None:
    def explode(_: Sequence[Sending], __: Sequence[Message]) -> Request:
        raise ZeroDivisionError

    def puzzle(_: Response) -> Retry:
        raise KeyError("code")

    broken = replace(BULK, wrap=explode)
    endings, _ = send([ready(1, partner.url, broken)])
    assert words(endings) == [(1, "refused", "unexpected", 1)]
    puzzled = replace(BULK, judge=puzzle)
    endings, _ = send([ready(1, partner.url, puzzled)])
    assert words(endings) == [(1, "retry", "unexpected", 1)]


def test_what_the_body_asks_for_counts_before_the_header(partner: LocalPartner) -> None:
    def patient(_: Response) -> Retry:
        return Retry("busy", "", after_s=7)

    partner.answers.append(Says(status=503, headers={"Retry-After": "99"}))
    kind = replace(BULK, judge=patient)
    endings, _ = send([ready(1, partner.url, kind)])
    assert endings[0].after_s == 7


def test_an_echoed_secret_is_not_told(partner: LocalPartner) -> None:
    partner.answers.append(Says(status=400, body=b"bad key s3cr3t"))
    one = ready(1, partner.url)
    known = replace(one, used={"KEY": "s3cr3t"})
    endings, noted = send([known])
    assert endings[0].detail == "bad key $secret.KEY"
    assert noted[0].outcome == Refused("http_400", "bad key $secret.KEY")


def test_who_takes_consent_back_while_the_batch_waits_is_not_in_it(partner: LocalPartner) -> None:
    def changed(one: Ready) -> Ready | Ending:
        if one.job.delivery.event.off == 3:
            return Ending(job=one.job, outcome="withheld", reason="withdrawn:ad_storage")
        return one

    endings, _ = send([ready(number, partner.url) for number in (1, 3, 5)], again=changed)
    assert [asked.json() for asked in partner.asked] == [[1, 5]]
    assert sorted(words(endings)) == [
        (1, "delivered", "", 2),
        (3, "withheld", "withdrawn:ad_storage", 1),
        (5, "delivered", "", 2),
    ]


def with_tokens(partner: LocalPartner, *good: str) -> Destination:
    """A partner that gives out one token after the other, and takes those that are good."""
    tokens = iter(("t0ken-1", "t0ken-2", "t0ken-3"))

    def answer(asked: Asked) -> Says:
        if asked.path == "/token":
            return Says(status=200, body=json.dumps({"access_token": next(tokens)}).encode())
        said = asked.headers["authorization"].removeprefix("Bearer ")
        return Says() if said in good else Says(status=401, body=f"bad {said}".encode())

    partner.always = answer
    return replace(BULK, access=lambda config, now: Request(url=f"{config.url}/token"))


def test_a_token_that_is_taken_no_more_is_replaced_within_the_attempt(
    partner: LocalPartner,
) -> None:
    kind = with_tokens(partner, "t0ken-2")
    endings, noted = send([ready(number, partner.url, kind) for number in (1, 3)])
    assert [asked.path for asked in partner.asked] == ["/token", "/", "/token", "/"]
    assert words(endings) == [(1, "delivered", "", 2), (3, "delivered", "", 2)]
    assert len(noted) == 1


def test_two_tokens_that_are_not_taken_are_our_credentials_and_are_not_told(
    partner: LocalPartner,
) -> None:
    endings, _ = send([ready(1, partner.url, with_tokens(partner))])
    assert words(endings) == [(1, "paused", "credentials", 1)]
    assert endings[0].detail == "bad $secret.ACCESS_TOKEN"
    assert len(partner.asked) == 4


def test_without_a_token_nothing_is_sent(partner: LocalPartner) -> None:
    kind = with_tokens(partner)
    partner.answers.append(Says(status=400, body=b'{"error":"invalid_grant"}'))
    endings, _ = send([ready(1, partner.url, kind)])
    assert words(endings) == [(1, "paused", "credentials", 1)]
    assert [asked.path for asked in partner.asked] == ["/token"]
    assert endings[0].sent is None
