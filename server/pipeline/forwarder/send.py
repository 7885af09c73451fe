"""A batch of one tag becomes a request, and the answer what came of each event in it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from server.credentials import scrub
from server.delivery import (
    Delivered,
    Denied,
    Mixed,
    Outcome,
    Refused,
    Request,
    Resend,
    Response,
    Retry,
)
from server.pipeline.forwarder.backoff import asked_s, bounded_s
from server.pipeline.forwarder.partner import Answer, Partner
from server.pipeline.forwarder.screen import Ending, Ready
from server.pipeline.queue import Job

log = logging.getLogger(__name__)


class Tried(Struct, frozen=True, kw_only=True):
    """One request that went out."""

    outcome: Outcome
    """What it came to, for all that `parts` does not name."""
    status: int
    duration_ms: int
    after_s: float | None
    parts: Mapping[int, Outcome] = field(default_factory=dict)
    """Of single events, by their place in the request."""


class Sender:
    """Sends for one lane. `may` says whether to go on, `again` screens a job anew, `note` is told
    each request's outcome and returns what it means."""

    def __init__(
        self,
        partner: Partner,
        *,
        may: Callable[[], bool],
        note: Callable[[Tried, Ready], Outcome],
        again: Callable[[Job], Ready | Ending],
        now: Callable[[], int],
    ) -> None:
        self._partner = partner
        self._may = may
        self._note = note
        self._again = again
        self._now = now
        self._asks: set[asyncio.Task[Answer]] = set()

    async def send(self, batch: Sequence[Ready]) -> list[Ending]:
        """What came of each; a refused batch is halved until the one to blame is alone. Each is
        screened again: it may have waited for its turn while its visitor's consent ended."""
        if not self._may():
            return [Ending(job=ready.job, outcome="untried") for ready in batch]
        screened = [self._again(ready.job) for ready in batch]
        gone = [one for one in screened if isinstance(one, Ending)]
        batch = [one for one in screened if isinstance(one, Ready)]
        return [*gone, *await self._request(batch)] if batch else gone

    async def _request(self, batch: Sequence[Ready]) -> list[Ending]:
        request = _build(batch)
        if isinstance(request, Request) and _is_too_large(request, batch):
            return await self._halves(batch)
        tried = await self._try(request, batch[0])
        if isinstance(tried.outcome, Refused) and len(batch) > 1 and not tried.parts:
            return await self._halves(batch)
        if isinstance(tried.outcome, Resend):
            return await self._without(batch, tried)
        return [_ending(ready, tried, place, len(batch)) for place, ready in enumerate(batch)]

    async def _without(self, batch: Sequence[Ready], tried: Tried) -> list[Ending]:
        """Those to blame have their endings; the others are sent again at once."""
        told = [place for place in range(len(batch)) if place in tried.parts]
        if not told:  # nobody is to blame by name: found by halves, or it is tried again later
            if len(batch) > 1:
                return await self._halves(batch)
            tried = replace(tried, outcome=Retry("resend", tried.outcome.detail))
            return [_ending(batch[0], tried, 0, 1)]
        others = [ready for place, ready in enumerate(batch) if place not in tried.parts]
        endings = [_ending(batch[place], tried, place, len(batch)) for place in told]
        return [*endings, *(await self.send(others) if others else ())]

    def interrupt(self) -> None:
        """Ends what is under way; it will be tried again."""
        for ask in self._asks:
            ask.cancel()

    async def _halves(self, batch: Sequence[Ready]) -> list[Ending]:
        middle = len(batch) // 2
        return [*await self.send(batch[:middle]), *await self.send(batch[middle:])]

    async def _try(self, request: Request | Refused, ready: Ready) -> Tried:
        if isinstance(request, Refused):
            return Tried(outcome=request, status=0, duration_ms=0, after_s=None)
        began = time.monotonic()
        answer = await self._ask(request)
        judged = _judge(answer, ready)
        mixed = judged if isinstance(judged, Mixed) else Mixed({}, judged)
        tried = Tried(
            outcome=_scrubbed(mixed.rest, ready.used),
            status=answer.status if isinstance(answer, Response) else 0,
            duration_ms=round((time.monotonic() - began) * 1000),
            after_s=self._after_s(answer, mixed.rest),
            parts={place: _scrubbed(part, ready.used) for place, part in mixed.parts.items()},
        )
        return replace(tried, outcome=self._note(tried, ready))

    async def _ask(self, request: Request) -> Answer:
        ask = asyncio.create_task(self._partner.ask(request))
        self._asks.add(ask)
        try:
            await asyncio.wait((ask,))
        finally:
            self._asks.discard(ask)
        if ask.cancelled():
            return Retry("interrupted", "the pipeline was stopped before the answer")
        return ask.result()

    def _after_s(self, answer: Answer, outcome: Outcome) -> float | None:
        """The pause that the partner asks for, by what its body says or else by `Retry-After`."""
        if not isinstance(outcome, Retry) or not isinstance(answer, Response):
            return None
        if outcome.after_s is not None:
            return bounded_s(outcome.after_s)
        return asked_s(answer.headers, now=self._now())


def batches(ready: Iterable[Ready]) -> Iterator[list[Ready]]:
    """Those that may share a request, in their order."""
    groups: dict[str, list[Ready]] = {}
    for one in ready:
        groups.setdefault(one.group, []).append(one)
    for group in groups.values():
        size = group[0].destination.max_events
        for start in range(0, len(group), size):
            yield group[start : start + size]


def _build(batch: Sequence[Ready]) -> Request | Refused:
    try:
        sendings = [ready.sending for ready in batch]
        return batch[0].destination.wrap(sendings, [ready.message for ready in batch])
    except Exception as error:  # a bug of a destination costs these deliveries only, and is seen
        log.exception("destination %s could not build a request", batch[0].destination.name)
        return Refused("unexpected", repr(error))


def _is_too_large(request: Request, batch: Sequence[Ready]) -> bool:
    return len(batch) > 1 and len(request.body) > batch[0].destination.max_bytes


def _judge(answer: Answer, ready: Ready) -> Outcome | Mixed:
    if not isinstance(answer, Response):
        return answer
    try:
        return ready.destination.judge(answer)
    except Exception as error:  # an answer that nobody foresaw must not stop the lane
        log.exception("destination %s could not judge an answer", ready.destination.name)
        return Retry("unexpected", repr(error))


def _scrubbed(outcome: Outcome, used: Mapping[str, str]) -> Outcome:
    return replace(outcome, detail=scrub(outcome.detail, used))


_WORDS = {
    Delivered: "delivered",
    Retry: "retry",
    Refused: "refused",
    Denied: "paused",
    Resend: "retry",
}


def _ending(ready: Ready, tried: Tried, place: int, size: int) -> Ending:
    outcome = tried.parts.get(place, tried.outcome)
    return Ending(
        job=ready.job,
        outcome=_WORDS[type(outcome)],
        reason="" if isinstance(outcome, Delivered) else outcome.reason,
        detail=outcome.detail,
        status=tried.status,
        duration_ms=tried.duration_ms,
        batch=size,
        after_s=tried.after_s if isinstance(outcome, Retry) else None,
        is_attempt=True,
    )
