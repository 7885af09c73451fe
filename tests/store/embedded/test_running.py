from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import pytest
from starlette.datastructures import Headers

from server.store.embedded.errors import StoreError
from server.store.embedded.request import Call, read_call
from server.store.embedded.running import MAX_WAITING, PLACES, Running
from server.store.embedded.users import Passwords

PASSWORDS = Passwords(freehold="f", analyst="a")


def call(query_id: str, user: str = "freehold") -> Call:
    query = {"user": user, "password": user[0], "query_id": query_id}
    return read_call("POST", query, Headers(), PASSWORDS)


async def hold(running: Running, one: Call, until: asyncio.Event) -> None:
    async with running.place(one):
        await until.wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_analysts_fill_their_own_places_only() -> None:
    async def scenario() -> None:
        running, end = Running(), asyncio.Event()
        wanted: list[Coroutine[None, None, None]] = [
            hold(running, call(f"a{number}", "analyst"), end)
            for number in range(PLACES["analyst"] + MAX_WAITING)
        ]
        tasks = [asyncio.create_task(each) for each in wanted]
        await settle()
        with pytest.raises(StoreError) as refused:
            await hold(running, call("one too many", "analyst"), end)
        assert refused.value.code == 202
        async with running.place(call("writer")):
            end.set()
        await asyncio.gather(*tasks)
        assert running.all() == []

    asyncio.run(scenario())


def test_a_query_id_in_use_is_refused_until_its_query_has_ended() -> None:
    async def scenario() -> None:
        running = Running()
        async with running.place(call("x")):
            with pytest.raises(StoreError) as refused:
                async with running.place(call("x")):
                    pass
            assert refused.value.code == 216
            running.query(call("x")).has_ended = True
            async with running.place(call("x")):
                assert not running.query(call("x")).has_ended
        assert running.all() == []

    asyncio.run(scenario())


def test_what_is_urgent_does_not_wait() -> None:
    async def scenario() -> None:
        running, end = Running(), asyncio.Event()
        tasks = [
            asyncio.create_task(hold(running, call(f"w{number}"), end))
            for number in range(PLACES["freehold"] + 3)
        ]
        await settle()
        async with asyncio.timeout(1), running.place(call("kill"), is_urgent=True):
            end.set()
        await asyncio.gather(*tasks)

    asyncio.run(scenario())


def test_what_is_killed_before_it_begins_does_not_begin() -> None:
    async def scenario() -> None:
        running, stopped = Running(), []
        async with running.place(call("x")):
            query = running.query(call("x"))
            query.when_killed(lambda: stopped.append(True))
            query.kill()
            assert (query.is_over, stopped) == (True, [True])
            with pytest.raises(StoreError) as refused:
                query.check_alive()
            assert refused.value.code == 394

    asyncio.run(scenario())
