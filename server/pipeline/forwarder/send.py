"""A batch of one tag becomes a request, and the answer what came of each event in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from server.delivery import Denied, Refused, Request, Resend, Retry
from server.pipeline.forwarder.batch import build, is_too_large, sent
from server.pipeline.forwarder.partner import Answer, Partner
from server.pipeline.forwarder.ready import Ending, Ready
from server.pipeline.forwarder.tokens import NO_TOKEN, Tokens
from server.pipeline.forwarder.tried import Tried, ending, judge

_Got = TypeVar("_Got")
_INTERRUPTED = Retry("interrupted", "the pipeline was stopped before the answer")


class Outlet(Struct, frozen=True, kw_only=True):
    """What all lanes share: partners, and the tokens that let us in."""

    partner: Partner
    tokens: Tokens


class Sender:
    """Sends for one lane. `may` says whether to go on, `again` screens a batch anew, `note` is told
    each request's outcome and returns what it means."""

    def __init__(
        self,
        outlet: Outlet,
        *,
        may: Callable[[], bool],
        note: Callable[[Tried, Sequence[Ready]], Tried],
        again: Callable[[Sequence[Ready]], list[Ready | Ending]],
        now: Callable[[], int],
    ) -> None:
        self._partner = outlet.partner
        self._tokens = outlet.tokens
        self._may = may
        self._note = note
        self._again = again
        self._now = now
        self._asks: set[asyncio.Future[object]] = set()

    async def send(self, batch: Sequence[Ready]) -> list[Ending]:
        """What came of each; a refused batch is halved until the one to blame is alone. Each is
        screened again: it may have waited for its turn while its visitor's consent ended."""
        if not self._may():
            return [Ending(job=ready.job, outcome="untried", order=ready.order) for ready in batch]
        screened = self._again(batch)
        gone = [one for one in screened if isinstance(one, Ending)]
        batch = [one for one in screened if isinstance(one, Ready)]
        return [*gone, *await self._request(batch)] if batch else gone

    def interrupt(self) -> None:
        """Ends what is under way; it will be tried again."""
        for ask in self._asks:
            ask.cancel()

    async def _request(self, batch: Sequence[Ready]) -> list[Ending]:
        tried = await self._try(batch)
        if tried is None:
            return await self._halves(batch)
        if isinstance(tried.outcome, Refused) and len(batch) > 1 and not tried.parts:
            return await self._halves(batch)
        if isinstance(tried.outcome, Resend):
            return await self._without(batch, tried)
        return [ending(ready, tried, place, len(batch)) for place, ready in enumerate(batch)]

    async def _without(self, batch: Sequence[Ready], tried: Tried) -> list[Ending]:
        """Those to blame have their endings; the others are sent again at once."""
        told = [place for place in range(len(batch)) if place in tried.parts]
        if not told:  # nobody is to blame by name: found by halves, or it is tried again later
            if len(batch) > 1:
                return await self._halves(batch)
            tried = replace(tried, outcome=Retry("resend", tried.outcome.detail))
            return [ending(batch[0], tried, 0, 1)]
        others = [ready for place, ready in enumerate(batch) if place not in tried.parts]
        endings = [ending(batch[place], tried, place, len(batch)) for place in told]
        return [*endings, *(await self.send(others) if others else ())]

    async def _halves(self, batch: Sequence[Ready]) -> list[Ending]:
        middle = len(batch) // 2
        return [*await self.send(batch[:middle]), *await self.send(batch[middle:])]

    async def _try(self, batch: Sequence[Ready]) -> Tried | None:
        """None: the batch is too large. With a token that the partner takes no more, once again
        with another one."""
        first = batch[0]
        token = await self._token(first)
        tried = await self._once(batch, token)
        is_old = tried is not None and tried.status == 401 and isinstance(tried.outcome, Denied)
        if token and is_old:
            assert isinstance(token, str)
            self._tokens.forget(first.destination, first.sending.config, token)
            tried = await self._once(batch, await self._token(first))
        return tried and self._note(tried, batch)

    async def _once(self, batch: Sequence[Ready], token: str | NO_TOKEN) -> Tried | None:
        first = batch[0]
        if not isinstance(token, str):
            return judge(token, first, first.used, began=time.monotonic(), now=self._now())
        request = build(batch, token, now=self._now())
        if isinstance(request, Refused):
            return judge(request, first, first.used, began=time.monotonic(), now=self._now())
        if is_too_large(request, batch):
            return None
        began = time.monotonic()
        answer = await self._ask(request)
        used = {**first.used, "ACCESS_TOKEN": token} if token else first.used
        tried = judge(answer, first, used, began=began, now=self._now())
        return replace(tried, sent=sent(batch, request))

    async def _token(self, first: Ready) -> str | NO_TOKEN:
        return await self._unless_stopped(self._tokens.get(first.destination, first.sending.config))

    async def _ask(self, request: Request) -> Answer:
        return await self._unless_stopped(self._partner.ask(request))

    async def _unless_stopped(self, wanted: Awaitable[_Got]) -> _Got | Retry:
        """What is waited for, or that it was not to be."""
        ask = asyncio.ensure_future(wanted)
        self._asks.add(ask)  # type: ignore[arg-type]
        try:
            await asyncio.wait((ask,))
        finally:
            self._asks.discard(ask)
        return _INTERRUPTED if ask.cancelled() else ask.result()
