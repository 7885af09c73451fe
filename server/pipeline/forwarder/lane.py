"""One tag's way to its partner: takes what is owed, sends it, writes down what came of it.

A lane stops itself when its gate is closed, or its operator has paused the tag: what waits then
stays in the spool, until it is too old for the partner.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from server.delivery import Retry
from server.errors import FreeholdError
from server.journal import Mark
from server.pipeline.forwarder.batch import batches, rounds
from server.pipeline.forwarder.concurrency import Concurrency
from server.pipeline.forwarder.gate import Gate
from server.pipeline.forwarder.ledger import Ledger
from server.pipeline.forwarder.pace import Pace
from server.pipeline.forwarder.reading import SpoolReader
from server.pipeline.forwarder.ready import Ending, Ready
from server.pipeline.forwarder.screen import Screen, screen, screen_again
from server.pipeline.forwarder.send import Outlet, Sender
from server.pipeline.forwarder.tried import Tried
from server.pipeline.queue import Job, Progress, Queue
from server.pipeline.spools import spool_folder

SLICE = 100
IDLE_S = 0.1
LONGEST_PAUSE_S = 30.0
UNFORESEEN_S = 60.0
EXPIRE_EVERY_MS = 60_000
FOREVER_MS = 2**62
UNSETTLED = ("retry", "paused", "untried")

log = logging.getLogger(__name__)


class Work(Struct, frozen=True, kw_only=True):
    """Some deliveries, and how far the spool is taken with them."""

    jobs: list[Job]
    progress: Progress = Progress()


class Lane:
    """One tag's; `end` is moved by the forwarder as the sorter commits."""

    def __init__(
        self, data: Path, spool: str, *, by: Screen, outlet: Outlet, ledger: Ledger
    ) -> None:
        self.spool = spool
        self._by = by
        self._queue = Queue(by.state)
        self._ledger = ledger
        cursor = by.state.cursor(spool)
        done = self._queue.done(spool, cursor)
        self._reader = SpoolReader(spool_folder(data, spool), cursor, done=done)
        self._gate = Gate(spool, by.secrets)
        self._pace = Pace()
        self._concurrency = Concurrency()
        self._told: str | None = None
        self._sender = Sender(
            outlet,
            may=lambda: not self._is_stopping and self._may_send(),
            note=self._note,
            again=lambda batch: screen_again(batch, by),
            now=by.now,
        )
        self.is_paused = False
        """Whether the operator has stopped the tag."""
        self._is_stopping = False
        self._is_retrying = False
        self._expired_at = 0

    def reach(self, end: Mark) -> None:
        """The spool is committed up to here."""
        if self._reader.is_at_end and end > self._reader.end:
            self._pace.arrive()
        self._reader.end = end

    def hurry(self) -> None:
        """Tries again now what waits for another try, whatever keeps it."""
        self._gate.hurry()

    def stop(self) -> None:
        """Takes nothing new; `run` ends when what is under way has an answer."""
        self._is_stopping = True

    def interrupt(self) -> None:
        """Waits for no answer any more."""
        self._sender.interrupt()

    async def run(self) -> None:
        """Until stopped. What nobody foresaw holds up this tag alone, for a minute."""
        failures = 0
        while not self._is_stopping:
            try:
                did = await self._turn()
                failures = 0
            except (FreeholdError, OSError) as error:
                failures += 1
                log.warning("tag %s: %s; trying again", self.spool, error)
                await self._sleep(min(LONGEST_PAUSE_S, 0.5 * 2**failures))
            except Exception:
                log.exception("tag %s: an error nobody foresaw", self.spool)
                await self._sleep(UNFORESEEN_S)
            else:
                await asyncio.sleep(0 if did else IDLE_S)

    async def _sleep(self, seconds: float) -> None:
        """So long, or until stopped."""
        until = asyncio.get_running_loop().time() + seconds
        while not self._is_stopping and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(IDLE_S)

    async def _turn(self) -> bool:
        """Some deliveries, if the gate is open; whether there were any."""
        self._tell()
        is_open = self._may_send()
        if self._gate.eased():
            self._queue.hasten(self.spool, now=self._by.now())
        work = self._take() if is_open else self._expired()
        if work is None:
            return False
        began = time.monotonic()
        endings = await self._deliver(work.jobs)
        self._pace.note(len(work.jobs), time.monotonic() - began)
        await self._write(endings, work.progress)
        return True

    def _may_send(self) -> bool:
        return not self.is_paused and self._gate.is_open()

    def _take(self) -> Work | None:
        """Retries whose time has come and the spool, by turns; a probe is one alone."""
        is_probing = self._gate.is_probing
        self._is_retrying = not self._is_retrying
        if self._is_retrying or self._reader.is_at_end:
            now = FOREVER_MS if is_probing else self._by.now()
            limit = 1 if is_probing else self._pace.jobs(self._concurrency.limit)
            jobs = self._queue.due(self.spool, now=now, limit=limit)
            if jobs:
                return Work(jobs=jobs)
        return self._next(1 if is_probing else self._pace.jobs(self._concurrency.limit))

    def _next(self, count: int) -> Work | None:
        """The next ones of the spool; a few that have just come wait a moment for more."""
        if not self._reader.has_read and self._pace.lingers():
            return None
        jobs, progress = self._reader.take(count)
        self._pace.read(is_cut=self._reader.is_cut)
        return Work(jobs=jobs, progress=progress) if progress.taken or progress.cursor else None

    def _expired(self) -> Work | None:
        """While nothing can be sent: once a minute, what has become too old meanwhile."""
        now = self._by.now()
        if now - self._expired_at < EXPIRE_EVERY_MS:
            return None
        retries = self._queue.due(self.spool, now=FOREVER_MS, limit=SLICE)
        old = [job for job in retries if self._by.is_too_old(job.delivery)]
        if old:
            return Work(jobs=old)
        if all(self._by.is_too_old(job.delivery) for job in self._reader.look(SLICE)):
            work = self._next(SLICE)
            if work is not None:
                return work
        self._expired_at = now
        return None

    async def _deliver(self, jobs: Sequence[Job]) -> list[Ending]:
        endings: list[Ending] = []
        ready: list[Ready] = []
        for start in range(0, len(jobs), SLICE):
            for one in screen(jobs[start : start + SLICE], self._by):
                if isinstance(one, Ready):
                    ready.append(one)
                else:
                    endings.append(one)
            await asyncio.sleep(0)  # other lanes go on
        for ending in endings:
            if ending.outcome == "paused":
                self._gate.miss(ending)
        if ready:
            self._pace.bound(ready[-1].destination)
            self._concurrency.bound(ready[-1].destination.at_once)
        return [*endings, *await self._in_turns(ready)]

    async def _in_turns(self, ready: Sequence[Ready]) -> list[Ending]:
        """Those that go in order wait for the one before them, also for one that is tried again."""
        endings: list[Ending] = []
        keys = {one.order for one in ready if one.order and not one.job.key}
        behind = self._queue.behind(self.spool, keys)
        failed: set[str] = set()
        for those in rounds(ready):
            free: list[Ready] = []
            for one in those:
                if one.order in failed or (one.order in behind and not one.job.key):
                    endings.append(_parked(one))
                else:
                    free.append(one)
            sent = await self._send(list(batches(free)))
            failed |= {one.order for one in sent if one.order and one.outcome in UNSETTLED}
            endings += sent
        return endings

    async def _send(self, waiting: list[list[Ready]]) -> list[Ending]:
        """Batch after batch, as many at the same time as the partner bears."""
        endings: list[Ending] = []
        under_way: set[asyncio.Task[list[Ending]]] = set()
        waiting.reverse()
        while waiting or under_way:
            most = 1 if self._gate.is_probing else self._concurrency.limit
            while waiting and len(under_way) < most:
                under_way.add(asyncio.create_task(self._sender.send(waiting.pop())))
            done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                endings += task.result()
        return endings

    def _note(self, tried: Tried, batch: Sequence[Ready]) -> Tried:
        """What a request means for the partner, and with that for its events."""
        whole = tried.whole(len(batch))
        self._concurrency.note(
            is_well=not isinstance(whole, Retry), began=tried.began, now=time.monotonic()
        )
        meant = self._gate.note(replace(tried, outcome=whole), batch[0])
        return tried if meant is whole else replace(tried, outcome=meant)

    async def _write(self, endings: list[Ending], progress: Progress) -> None:
        """Until it is written: what a partner took must not be sent again for want of a disk."""
        failures = 0
        while True:
            try:
                self._ledger.write(self.spool, endings, progress)
                break
            except (FreeholdError, OSError) as error:
                failures += 1
                log.warning("tag %s: what was sent cannot be noted: %s", self.spool, error)
                if self._is_stopping:
                    return
                await self._sleep(min(LONGEST_PAUSE_S, 0.5 * 2**failures))
        self._reader.settle(progress)

    def _tell(self) -> None:
        """Keeps in the state why the gate is closed, for whoever asks."""
        reason, detail = self._gate.reason, self._gate.detail
        if self._reader.is_stopped:
            reason, detail = "newer_version", "its spool was written by a newer Freehold"
        if reason == self._told:
            return
        if reason:
            self._queue.hold(self.spool, reason, detail, now=self._by.now())
        else:
            self._queue.release(self.spool)
        self._told = reason


def _parked(ready: Ready) -> Ending:
    """It waits for the one before it."""
    return Ending(job=ready.job, outcome="untried", order=ready.order, is_parked=True)
