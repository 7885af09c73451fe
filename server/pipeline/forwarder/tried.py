"""What one request came to: the answer, judged, for the lane and for each event in it."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from server.credentials import scrub
from server.delivery import Delivered, Denied, Mixed, Outcome, Refused, Resend, Response, Retry
from server.pipeline.forwarder.backoff import asked_s, bounded_s
from server.pipeline.forwarder.partner import Answer
from server.pipeline.forwarder.ready import Ending, Ready, Sent

log = logging.getLogger(__name__)


class Tried(Struct, frozen=True, kw_only=True):
    """One request that went out, or could not."""

    outcome: Outcome
    """What it came to, for all that `parts` does not name."""
    status: int
    began: float
    """Seconds of a monotonic clock."""
    duration_ms: int
    after_s: float | None
    """The pause that the partner asks for."""
    parts: Mapping[int, Outcome] = field(default_factory=dict)
    """Of single events, by their place in the request."""
    sent: Sequence[Sent] = ()
    """What was said of each event; empty: no request was made."""

    def whole(self, size: int) -> Outcome:
        """What it says of the partner, by all of its events: it is well if it took or judged one
        of them."""
        every = [self.parts.get(place, self.outcome) for place in range(size)]
        for kind in (Delivered, Refused, Resend, Denied):
            for one in every:
                if isinstance(one, kind):
                    return one
        return every[0]


def judge(
    answer: Answer, ready: Ready, used: Mapping[str, str], *, began: float, now: int
) -> Tried:
    """The answer to a request that began at `began`, in the destination's words and without
    secrets."""
    judged = _judged(answer, ready)
    mixed = judged if isinstance(judged, Mixed) else Mixed({}, judged)
    return Tried(
        outcome=_scrubbed(mixed.rest, used),
        status=answer.status if isinstance(answer, Response) else 0,
        began=began,
        duration_ms=round((time.monotonic() - began) * 1000),
        after_s=_after_s(answer, mixed, now),
        parts={place: _scrubbed(part, used) for place, part in mixed.parts.items()},
    )


def ending(ready: Ready, tried: Tried, place: int, size: int) -> Ending:
    """What came of the event at a place of a request."""
    outcome = tried.parts.get(place, tried.outcome)
    if isinstance(outcome, Denied) and place in tried.parts and ready.job.attempts:
        outcome = Refused(outcome.reason, outcome.detail, outcome.code)  # for itself
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
        code=outcome.code,
        sent=tried.sent[place] if tried.sent else None,
        order=ready.order,
        expires_at=ready.job.delivery.event.occurred_at + ready.destination.window_ms,
    )


def _judged(answer: Answer, ready: Ready) -> Outcome | Mixed:
    if not isinstance(answer, Response):
        return answer
    try:
        return ready.destination.judge(answer)
    except Exception as error:  # an answer that nobody foresaw must not stop the lane
        log.exception("destination %s could not judge an answer", ready.destination.name)
        return Retry("unexpected", repr(error))


def _after_s(answer: Answer, mixed: Mixed, now: int) -> float | None:
    """By what the body says or else by `Retry-After`."""
    for outcome in (mixed.rest, *mixed.parts.values()):
        if isinstance(outcome, Retry):
            if outcome.after_s is not None:
                return bounded_s(outcome.after_s)
            return asked_s(answer.headers, now=now) if isinstance(answer, Response) else None
    return None


def _scrubbed(outcome: Outcome, used: Mapping[str, str]) -> Outcome:
    return replace(outcome, detail=scrub(outcome.detail, used), code=scrub(outcome.code, used))


_WORDS = {
    Delivered: "delivered",
    Retry: "retry",
    Refused: "refused",
    Denied: "paused",
    Resend: "retry",
}
