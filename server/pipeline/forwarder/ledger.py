"""Writes down what came of deliveries: rows for ClickHouse, and the state, in one commit.

The rows go to a spool of their own, as events do to the store's; the loader takes both.
"""

from __future__ import annotations

import logging
import random
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import asdict, replace

from server.delivery import Attempt, Delivery
from server.journal import SegmentWriter
from server.pipeline.forwarder.backoff import pause_s
from server.pipeline.forwarder.ready import Ending, Sent
from server.pipeline.queue import Dead, Later, Progress, Queue, Settlement
from server.pipeline.spools import BACKFILL, LEDGER, open_spool, reached
from server.pipeline.state import State
from server.pipeline.turns import PARKED
from server.store.rows import encode_row

MAX_OFF = 2**32 - 1
MAX_DETAIL_CHARS = 500
DENIED_MS = 60_000
LAST_MS = 60_000
"""So long before the end of its partner's window something is tried for the last time, at least."""
SOON_MS = 1_000

NOTHING = Sent(bytes=0, body_hash="", fields=(), match_keys=())

log = logging.getLogger(__name__)


class Ledger:
    """One for all lanes, in the forwarder's thread."""

    def __init__(self, data: Path, state: State, *, now: Callable[[], int]) -> None:
        self._data = data
        self._state = state
        self._queue = Queue(state)
        self._now = now
        self._chance = random.Random()
        self._pauses: dict[int, float] = {}
        """By attempts: what failed together is due together, and shares requests again."""
        self._writer: SegmentWriter | None = None
        self._src = self._off = 0

    def write(self, spool: str, endings: Sequence[Ending], progress: Progress) -> None:
        """Commits what came of some deliveries of a spool; raises when the disk refuses, and then
        nothing of it counts: call it again with the same."""
        settlement = Settlement(spool=spool, progress=progress, at=self._now())
        counts: Counter[str] = Counter({f"{spool}.taken": progress.taken})
        writer = self._open()
        self._pauses.clear()
        try:
            rows: list[bytes] = []
            for ending in endings:
                later = self._settle(ending, settlement, counts)
                if ending.outcome != "untried":
                    rows.append(encode_row(self._attempt(ending, later, spool)))
            counts["attempts"] += len(rows)
            settlement.counts = dict(counts)
            writer.write(rows)
            writer.sync()
            end = reached(writer, self._state.end(LEDGER))
            self._queue.commit(settlement, {LEDGER: end})
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Lets go of the spool; the next write opens it where it is committed."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _open(self) -> SegmentWriter:
        if self._writer is None or self._off >= MAX_OFF:
            self.close()
            self._writer = open_spool(self._data, LEDGER, self._state, now=self._now)
            self._src, self._off = secrets.randbelow(2**64 - 1) + 1, 0
        return self._writer

    def _settle(self, ending: Ending, settlement: Settlement, counts: Counter[str]) -> Later | None:
        """Notes what an ending means for the queue; returns when it is tried again."""
        delivery, now = ending.job.delivery, self._now()
        if ending.outcome in ("retry", "paused", "untried"):
            later = replace(self._later(ending, now), key=_key(ending))
            settlement.later.append(later)
            return later
        settlement.done.append(delivery.delivery_id)
        if _key(ending):
            settlement.freed.add(_key(ending))
        counts[f"{settlement.spool}.{ending.outcome}"] += 1
        if ending.outcome == "refused":
            log.warning(
                "tag %s: event %s is refused: %s; `freehold deliveries why` tells its words",
                delivery.tag, delivery.event.event_id, ending.reason,
            )  # fmt: skip
            settlement.dead.append(
                Dead(
                    delivery=delivery,
                    died_at=now,
                    reason=ending.reason,
                    detail=_storable(ending.detail),
                    attempts=ending.job.attempts + ending.is_attempt,
                )
            )
        return None

    def _later(self, ending: Ending, now: int) -> Later:
        if ending.outcome == "paused" and ending.is_attempt:
            # It comes after the others: if they are taken, it was refused for itself.
            job = replace(ending.job, attempts=ending.job.attempts + 1)
            return Later(job=job, due_at=now + DENIED_MS, noted_at=now)
        if ending.is_parked:
            return Later(job=ending.job, due_at=PARKED, noted_at=now)
        if ending.outcome != "retry":
            return Later(job=ending.job, due_at=now, noted_at=now)
        job = replace(ending.job, attempts=ending.job.attempts + 1)
        pause = self._pauses.setdefault(job.attempts, pause_s(job.attempts, self._chance))
        seconds = max(pause, ending.after_s or 0.0)
        due_at = now + round(seconds * 1000)
        if ending.expires_at:  # a last chance, before its partner takes it no more
            due_at = min(due_at, max(now + SOON_MS, ending.expires_at - LAST_MS))
        return Later(job=job, due_at=due_at, noted_at=now)

    def _attempt(self, ending: Ending, later: Later | None, spool: str) -> Attempt:
        delivery = ending.job.delivery
        event, now = delivery.event, self._now()
        self._off += 1
        return Attempt(
            src=self._src,
            off=self._off,
            container_id=delivery.container_id,
            container_version=delivery.container_version,
            attempted_at=now,
            delivery_id=delivery.delivery_id,
            event_id=event.event_id,
            visitor_id=event.visitor_id,
            tag=delivery.tag,
            destination=delivery.type,
            event_name=event.name,
            occurred_at=event.occurred_at,
            attempt=ending.job.attempts + 1 if ending.is_attempt else 0,
            outcome=ending.outcome,
            reason=ending.reason,
            detail=_storable(ending.detail),
            status=ending.status,
            duration_ms=ending.duration_ms,
            batch=ending.batch,
            next_at=later.due_at if later and ending.outcome == "retry" else None,
            code=_storable(ending.code),
            consent=_granted(delivery) if ending.sent else (),
            consent_source=event.consent_source,
            lag_ms=None if spool.endswith(BACKFILL) else max(0, now - event.received_at),
            **asdict(ending.sent or NOTHING),
        )


def _granted(delivery: Delivery) -> tuple[str, ...]:
    """Of what the tag needs, all but the vendors of whom nobody spoke."""
    return tuple(name for name in delivery.needs_consent if name in delivery.event.consent)


def _key(ending: Ending) -> str:
    return ending.order or ending.job.key


def _storable(detail: str) -> str:
    """A partner's words, cut, and as text that every table takes."""
    return detail[:MAX_DETAIL_CHARS].encode("utf-8", "replace").decode()
