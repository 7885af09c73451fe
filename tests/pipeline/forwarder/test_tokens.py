"""Against a real partner: access tokens that are asked for, kept, lost and refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import msgspec
import pytest
from msgspec.structs import replace

from server.delivery import Denied, Refused, Request, Retry
from server.destinations import DESTINATIONS
from server.destinations.contract import Destination
from server.pipeline.forwarder.partner import Partner
from server.pipeline.forwarder.tokens import NO_TOKEN, Tokens
from tests.partner import LocalPartner, Says
from tests.pipeline.forwarder.bulk import BULK, Config
from tests.pipeline.forwarder.owed import HERE

NOW = 1_760_000_000_000
Got = str | Retry | Refused | Denied


class Clock:
    now = NOW

    def __call__(self) -> int:
        return self.now


def granted(token: str, **more: object) -> Says:
    return Says(status=200, body=json.dumps({"access_token": token, **more}).encode())


def oauth(partner: LocalPartner) -> tuple[Destination, Config]:
    def access(config: Config, now: int) -> Request:
        return Request(url=f"{config.url}/token", body=str(now).encode())

    return replace(BULK, access=access), Config(url=partner.url)


def run(clock: Clock, steps: Callable[[Tokens], Awaitable[list[Got]]]) -> list[Got]:
    async def once() -> list[Got]:
        async with Partner(HERE) as socket:
            return await steps(Tokens(socket, now=clock))

    return asyncio.run(once())


def test_a_destination_without_tokens_asks_nobody(partner: LocalPartner) -> None:
    async def steps(tokens: Tokens) -> list[Got]:
        return [await tokens.get(BULK, Config(url=partner.url))]

    assert (run(Clock(), steps), partner.asked) == ([""], [])


def test_those_who_need_it_at_the_same_time_ask_once(partner: LocalPartner) -> None:
    kind, config = oauth(partner)
    partner.answers += [granted("one", expires_in=3600)]

    async def steps(tokens: Tokens) -> list[Got]:
        return [*await asyncio.gather(*(tokens.get(kind, config) for _ in range(20)))]

    assert run(Clock(), steps) == ["one"] * 20
    assert [asked.body for asked in partner.asked] == [str(NOW).encode()]


def test_it_is_kept_until_shortly_before_its_end(partner: LocalPartner) -> None:
    kind, config = oauth(partner)
    partner.answers += [granted("one", expires_in="600"), granted("two"), granted("three")]
    clock = Clock()

    async def steps(tokens: Tokens) -> list[Got]:
        found = []
        for moment in (0, 539_000, 541_000, 541_000 + 269_000, 541_000 + 271_000):
            clock.now = NOW + moment
            found.append(await tokens.get(kind, config))
        return found

    assert run(clock, steps) == ["one", "one", "two", "two", "three"]


def test_each_account_has_its_own(partner: LocalPartner) -> None:
    kind, config = oauth(partner)
    other = Config(url=f"{partner.url}/other")
    partner.answers += [granted("one"), granted("two")]

    async def steps(tokens: Tokens) -> list[Got]:
        return [await tokens.get(kind, one) for one in (config, other, config)]

    assert run(Clock(), steps) == ["one", "two", "one"]


def test_one_that_is_taken_no_more_is_asked_for_anew_and_only_that_one(
    partner: LocalPartner,
) -> None:
    kind, config = oauth(partner)
    partner.answers += [granted("one"), granted("two")]

    async def steps(tokens: Tokens) -> list[Got]:
        found = [await tokens.get(kind, config)]
        for gone in ("one", "one"):  # the second to say so comes late
            tokens.forget(kind, config, gone)
            found.append(await tokens.get(kind, config))
        return found

    assert run(Clock(), steps) == ["one", "two", "two"]


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        (
            Says(status=400, body=b'{"error":"invalid_grant"}'),
            Denied("credentials", 'no access token, HTTP 400: {"error":"invalid_grant"}'),
        ),
        (Says(status=401), Denied("credentials", "no access token, HTTP 401: ")),
        (
            Says(status=429, headers={"Retry-After": "7"}, body=b"slow down"),
            Retry("token_http_429", "slow down", 7.0),
        ),
        (Says(status=503), Retry("token_http_503")),
        (Says(status=200, body=b"<html>"), Retry("bad_token", "the answer holds no access token")),
        (granted(""), Retry("bad_token", "the access token is empty")),
        (Says(status=0), Retry("broken_answer", "ServerDisconnectedError")),
    ],
)
def test_why_there_is_none_is_said(partner: LocalPartner, says: Says, expected: NO_TOKEN) -> None:
    kind, config = oauth(partner)
    partner.answers.append(says)

    async def steps(tokens: Tokens) -> list[Got]:
        return [await tokens.get(kind, config)]

    assert run(Clock(), steps) == [expected]


def test_a_key_that_is_none_is_a_bad_secret(partner: LocalPartner) -> None:
    def access(_: Config, __: int) -> Request:
        raise ValueError("no PEM")

    kind, config = replace(BULK, access=access), Config(url=partner.url)

    async def steps(tokens: Tokens) -> list[Got]:
        return [await tokens.get(kind, config)]

    assert run(Clock(), steps) == [Denied("bad_secret", "no token can be asked for: no PEM")]


def test_what_an_event_says_asks_for_no_token_of_its_own(partner: LocalPartner) -> None:
    kind = DESTINATIONS["google_data_manager"]
    configs = [
        msgspec.convert(
            {
                "customer_id": "1234567890",
                "conversion_action_id": "9",
                "client_id": "c",
                "client_secret": secret,
                "refresh_token": "r",
                "params": {"conversionValue": value},
                "token_endpoint": partner.url,
            },
            kind.config,
        )
        for secret, value in (("s", 1), ("s", 2), ("t", 2))
    ]
    partner.answers += [granted("one"), granted("two")]

    async def steps(tokens: Tokens) -> list[Got]:
        return [await tokens.get(kind, config) for config in configs]

    assert run(Clock(), steps) == ["one", "one", "two"]
    assert [asked.body for asked in partner.asked] == [
        b"grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=r",
        b"grant_type=refresh_token&client_id=c&client_secret=t&refresh_token=r",
    ]
