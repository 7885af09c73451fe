"""Which queries run: places for them, and the ids under which clients know them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from server.store.embedded.errors import (
    QUERY_WAS_CANCELLED,
    QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING,
    TOO_MANY_SIMULTANEOUS_QUERIES,
    refusal,
)
from server.store.embedded.request import Call
from server.store.embedded.users import ANALYST, FREEHOLD

# Each user has places of his own, so analysts cannot keep the loader out. On two cores, more than a
# few analysts' queries at once only slow each other down.
PLACES = {FREEHOLD.name: 12, ANALYST.name: 4}
URGENT_PLACES = 4
MAX_WAITING = 64


class Query:
    """A call from its arrival to its end; flags are set in one thread and read in others."""

    def __init__(self, call: Call) -> None:
        self.names = {
            "query_id": call.query_id,
            "log_comment": call.settings.get("log_comment", call.query_id),
        }
        self.mark = call.mark
        self.has_begun = False
        self.has_ended = False
        self._killed = False
        self._when_killed: Callable[[], None] = _nothing

    def kill(self) -> None:
        """It will not begin, nor take more data; what the engine does, the engine has to stop."""
        self._killed = True
        self._when_killed()

    @property
    def is_over(self) -> bool:
        """Of one that was killed: it does not run and will not."""
        return self.has_ended or not self.has_begun

    def when_killed(self, stop: Callable[[], None]) -> None:
        self._when_killed = stop

    def check_alive(self) -> None:
        """Before each step; raises StoreError if it was killed."""
        self.has_begun = True
        if self._killed:
            raise refusal(QUERY_WAS_CANCELLED, "Query was cancelled")


class Running:
    def __init__(self) -> None:
        self._places = {name: asyncio.Semaphore(count) for name, count in PLACES.items()}
        self._urgent = asyncio.Semaphore(URGENT_PLACES)
        self._waiting = dict.fromkeys(PLACES, 0)
        self._queries: dict[str, Query] = {}

    @property
    def places(self) -> int:
        return sum(PLACES.values()) + URGENT_PLACES

    def query(self, call: Call) -> Query:
        return self._queries[call.query_id]

    def all(self) -> list[Query]:
        return list(self._queries.values())

    @asynccontextmanager
    async def place(self, call: Call, *, is_urgent: bool = False) -> AsyncIterator[None]:
        """Waits for a place; refuses when too many wait, or when the query id is in use.

        KILL is urgent: it must not wait for those that it ends.
        """
        name = call.user.name
        if self._waiting[name] >= MAX_WAITING:
            raise refusal(
                TOO_MANY_SIMULTANEOUS_QUERIES,
                f"Too many simultaneous queries: {PLACES[name]} of {name} run, {MAX_WAITING} wait",
            )
        other = self._queries.get(call.query_id)
        if other is not None and not other.has_ended:
            raise refusal(
                QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING,
                f"Query with id = {call.query_id} is already running",
            )
        query = self._queries[call.query_id] = Query(call)
        try:
            async with self._urgent if is_urgent else self._waited_for(name):
                yield
        finally:
            # The client may have its answer, and have used the id again, before we come here.
            if self._queries.get(call.query_id) is query:
                del self._queries[call.query_id]

    @asynccontextmanager
    async def _waited_for(self, name: str) -> AsyncIterator[None]:
        self._waiting[name] += 1
        try:
            await self._places[name].acquire()
        finally:
            self._waiting[name] -= 1
        try:
            yield
        finally:
            self._places[name].release()


def _nothing() -> None:
    pass
