"""One tag's way to its partner: takes what is owed, sends it, writes down what came of it.

A lane stops itself when its gate is closed: what waits then stays in the spool.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import msgspec
from msgspec import Struct

from server import journal
from server.errors import FreeholdError
from server.journal import Mark
from server.pipeline.forwarder.gate import Gate
from server.pipeline.forwarder.ledger import Ledger
from server.pipeline.forwarder.partner import Partner
from server.pipeline.forwarder.screen import Ending, Ready, Screen, screen
from server.pipeline.forwarder.send import Sender, batches
from server.pipeline.queue import Job, Queue, unpack
from server.pipeline.spools import spool_folder

CHUNK = 100
CHUNK_BYTES = 4 * 1024 * 1024
AT_ONCE = 4
IDLE_S = 0.1
LONGEST_PAUSE_S = 30.0
FOREVER_MS = 2**62

log = logging.getLogger(__name__)


class Work(Struct, frozen=True, kw_only=True):
    """Some deliveries, and where the spool is read next if they came from there."""

    jobs: list[Job]
    cursor: Mark | None = None


class Lane:
    """One tag's; `end` is moved by the forwarder as the sorter commits."""

    def __init__(
        self, data: Path, spool: str, *, by: Screen, partner: Partner, ledger: Ledger
    ) -> None:
        self.spool = spool
        self.end = Mark()
        self._folder = spool_folder(data, spool)
        self._by = by
        self._queue = Queue(by.state)
        self._ledger = ledger
        self._cursor = by.state.cursor(spool)
        self._gate = Gate(spool, by.secrets)
        self._told: str | None = None
        self._sender = Sender(partner, may=self._gate.is_open, note=self._gate.note, now=by.now)
        self._is_stopping = False
        self._is_retrying = False

    def stop(self) -> None:
        """Takes nothing new; `run` ends when what is under way has an answer."""
        self._is_stopping = True

    def interrupt(self) -> None:
        """Waits for no answer any more."""
        self._sender.interrupt()

    async def run(self) -> None:
        """Until stopped."""
        failures = 0
        while not self._is_stopping:
            try:
                did = await self._turn()
                failures = 0
            except (FreeholdError, OSError) as error:
                failures += 1
                log.warning("tag %s: %s; trying again", self.spool, error)
                await asyncio.sleep(min(LONGEST_PAUSE_S, 0.5 * 2**failures))
                continue
            if not did:
                await asyncio.sleep(IDLE_S)

    async def _turn(self) -> bool:
        """One chunk, if the gate is open; whether there was any."""
        self._tell()
        if not self._gate.is_open():
            return False
        work = self._take()
        if work is None:
            return False
        endings = await self._deliver(work.jobs)
        await self._write(endings, work.cursor)
        return True

    def _take(self) -> Work | None:
        """Retries whose time has come and the spool, by turns; a probe is a retry if there is."""
        is_probing = self._gate.is_probing
        self._is_retrying = is_probing or not self._is_retrying
        if self._is_retrying or self._cursor >= self.end:
            now = FOREVER_MS if is_probing else self._by.now()
            jobs = self._queue.due(self.spool, now=now, limit=1 if is_probing else CHUNK)
            if jobs:
                return Work(jobs=jobs)
        if self._cursor >= self.end:
            return None
        return self._read()

    def _read(self) -> Work:
        chunk = journal.read(
            self._folder, self._cursor, until=self.end, max_records=CHUNK, max_bytes=CHUNK_BYTES
        )
        for damage in chunk.damage:
            log.error("spool %s is damaged: %s, lost %s", damage.path, damage.reason, damage.lost)
        jobs = []
        for record in chunk.records:
            try:
                jobs.append(Job(delivery=unpack(record.payload)))
            except msgspec.DecodeError as error:
                log.error("tag %s: a delivery cannot be read: %s", self.spool, error)
        return Work(jobs=jobs, cursor=chunk.mark)

    async def _deliver(self, jobs: list[Job]) -> list[Ending]:
        screened = [screen(job, self._by) for job in jobs]
        endings = [one for one in screened if isinstance(one, Ending)]
        for ending in endings:
            if ending.outcome == "paused":
                self._gate.miss(ending)
        turns = asyncio.Semaphore(1 if self._gate.is_probing else AT_ONCE)

        async def send(batch: list[Ready]) -> list[Ending]:
            async with turns:
                return await self._sender.send(batch)

        ready = [one for one in screened if isinstance(one, Ready)]
        for sent in await asyncio.gather(*map(send, batches(ready))):
            endings += sent
        return endings

    async def _write(self, endings: list[Ending], cursor: Mark | None) -> None:
        """Until it is written: what a partner took must not be sent again for want of a disk."""
        failures = 0
        while True:
            try:
                self._ledger.write(self.spool, endings, cursor)
                break
            except (FreeholdError, OSError) as error:
                failures += 1
                log.warning("tag %s: what was sent cannot be noted: %s", self.spool, error)
                if self._is_stopping:
                    return
                await asyncio.sleep(min(LONGEST_PAUSE_S, 0.5 * 2**failures))
        if cursor is not None:
            self._cursor = cursor
            journal.remove_before(self._folder, cursor)

    def _tell(self) -> None:
        """Keeps in the state why the gate is closed, for whoever asks."""
        if self._gate.reason == self._told:
            return
        if self._gate.reason:
            self._queue.hold(self.spool, self._gate.reason, self._gate.detail, now=self._by.now())
        else:
            self._queue.release(self.spool)
        self._told = self._gate.reason
