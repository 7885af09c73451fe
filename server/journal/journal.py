"""The collector's side of a folder: many coroutines append, one thread writes and syncs for all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread

import msgspec

from server.errors import JournalUnwritable
from server.journal.errors import JournalBroken
from server.journal.frame import MAX_RECORD_BYTES
from server.journal.room import Shed, look
from server.journal.writer import SegmentWriter
from server.journal.written import Written

MAX_PENDING_BYTES = 16 * 1024 * 1024
LOOK_EVERY_S = 1.0

REFUSED = {
    Shed.NOTHING: "all hits are taken",
    Shed.ORDINARY: "hits are refused but for conversions and consent",
    Shed.CONVERSIONS: "hits are refused but for consent",
}

Settled = Callable[[Exception | None], None]
"""Hears that a payload is on disk (None), or why it is not promised."""

log = logging.getLogger(__name__)


class _Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one sync is for."""

    loop: asyncio.AbstractEventLoop
    payloads: list[bytes]
    settled: list[Settled]


class Journal:
    """Group commit without timers: what arrives while one sync runs is the next batch.

    Belongs to one event loop, owns its writer, and closes it.
    """

    def __init__(
        self,
        writer: SegmentWriter,
        *,
        max_pending_bytes: int = MAX_PENDING_BYTES,
        reserve_bytes: int = 0,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._writer = writer
        self._max_pending_bytes = max_pending_bytes
        self._pending_bytes = 0  # waiting, or being written now
        self._payloads: list[bytes] = []
        self._settled: list[Settled] = []
        self.room = look(writer.folder, reserve_bytes)
        self._is_closed = False
        self._problem = ""
        self._problem_ends_at = 0.0
        self._silence = ""
        self.written = Written()
        self._idle = asyncio.Event()
        self._idle.set()
        # A thread of our own: an executor's hand-over costs 80 µs more a batch.
        self._batches: SimpleQueue[_Batch | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()
        self._look_every_s = look_every_s
        self._is_done = Event()
        self._lookout = Thread(target=self._look_ahead, name="lookout", daemon=True)
        self._lookout.start()

    @property
    def name(self) -> str:
        """Of its folder."""
        return self._writer.folder.name

    @property
    def pending_bytes(self) -> int:
        """What waits for the disk, or is being written."""
        return self._pending_bytes

    @property
    def problem(self) -> str:
        """Why the last batch failed, or why the next one may find no room; else "".

        Forgotten when its `retry_after_s` is over, unless the journal is broken: a balancer that
        keeps hits away would else never learn that the disk has room again.
        """
        if self._problem and time.monotonic() < self._problem_ends_at:
            return self._problem
        if self._pending_bytes * 2 > self._max_pending_bytes:
            return f"backlog: {self._pending_bytes} bytes wait for the disk"
        return self._silence

    async def append(self, payload: bytes) -> None:
        """Return when the payload is on disk; a caller that is cancelled leaves it to be written.

        Raises JournalUnwritable: the payload is not promised, though it may still be read.
        Raises JournalBroken when this will not get better, ValueError for a payload too large.
        """
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.submit(payload, partial(_wake, waiter))
        await waiter

    def submit(self, payload: bytes, settled: Settled) -> None:
        """Call `settled` from the event loop when the payload is on disk or is not promised.

        It is called once, in the order of submission. Raises as `append` does when the payload is
        refused at once: then it is not called.
        """
        if self._is_closed or self._pending_bytes + len(payload) > self._max_pending_bytes:
            raise JournalUnwritable("closed" if self._is_closed else "backlog", retry_after_s=1)
        if len(payload) > MAX_RECORD_BYTES:
            raise ValueError(f"a record of {len(payload)} bytes; at most {MAX_RECORD_BYTES} fit")
        self._payloads.append(payload)
        self._settled.append(settled)
        self._pending_bytes += len(payload)
        if self._idle.is_set():
            self._idle.clear()
            self._commit_soon(asyncio.get_running_loop())

    async def close(self) -> None:
        """Refuse more, write what waits, seal the segment and let the folder go."""
        self._is_closed = True
        await self._idle.wait()
        self._batches.put(None)
        self._is_done.set()
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._lookout.join)
        await asyncio.to_thread(self._writer.close)

    def _commit(self, loop: asyncio.AbstractEventLoop) -> None:
        self._batches.put(_Batch(loop=loop, payloads=self._payloads, settled=self._settled))
        self._payloads, self._settled = [], []

    def _work(self) -> None:
        while (batch := self._batches.get()) is not None:
            error: Exception | None = None
            began = time.perf_counter()
            try:
                self._writer.write(batch.payloads)
                self._writer.sync()
                self.written.note(len(batch.payloads), time.perf_counter() - began)
            except Exception as caught:  # whatever it is, the callers have to hear of it
                error = caught
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                batch.loop.call_soon_threadsafe(self._settle, batch, error)

    def _look_ahead(self) -> None:
        """Beside the hits, so that none waits: how much room there is, and, if that much and as
        much again is to spare, the next segment's space."""
        while True:
            self._look()
            to_spare = self.room.free_bytes - self.room.reserve_bytes
            if to_spare >= 2 * self._writer.segment_bytes:
                self._writer.prepare()
            if self._is_done.wait(self._look_every_s):
                return

    def _look(self) -> None:
        last = self.room
        try:
            self.room = look(self._writer.folder, last.reserve_bytes, last.shed)
            self._silence = ""
        except OSError as error:
            self._silence = f"the disk does not answer: {error.strerror}"
        if self.room.shed is not last.shed:
            tell = log.error if self.room.shed > last.shed else log.warning
            free, reserve = self.room.free_bytes >> 20, self.room.reserve_bytes >> 20
            tell("%d MiB free, %d MiB reserved: %s", free, reserve, REFUSED[self.room.shed])

    def _settle(self, batch: _Batch, error: Exception | None) -> None:
        self._note(error)
        self._pending_bytes -= sum(map(len, batch.payloads))
        for settled in batch.settled:
            try:
                settled(None if error is None else _same(error))
            except Exception:
                log.exception("a payload was settled, but nobody could be told")
        if self._payloads:
            self._commit_soon(batch.loop)
        else:
            self._idle.set()

    def _commit_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        # Not at once: whatever else is ready in this turn of the loop shares the sync.
        loop.call_soon(self._commit, loop)

    def _note(self, error: Exception | None) -> None:
        self._problem = "" if error is None else str(error)
        if isinstance(error, JournalUnwritable):
            lasts = math.inf if isinstance(error, JournalBroken) else error.retry_after_s
            self._problem_ends_at = time.monotonic() + lasts


def _wake(waiter: asyncio.Future[None], error: Exception | None) -> None:
    if waiter.done():  # cancelled
        return
    if error is None:
        waiter.set_result(None)
    else:
        waiter.set_exception(error)


def _same(error: Exception) -> Exception:
    """Copy the error, for each caller adds its own traceback to the one it gets."""
    if not isinstance(error, JournalUnwritable):
        return error
    kind = JournalBroken if isinstance(error, JournalBroken) else JournalUnwritable
    copy = kind(str(error), retry_after_s=error.retry_after_s)
    copy.__cause__ = error
    return copy
