"""All lanes in one thread: finds the tags' spools, starts a lane for each, and stops them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from server.clock import DAY_MS, HOUR_MS
from server.credentials import Secrets
from server.destinations.contract import Destination
from server.person.sealing import Seal
from server.pipeline.dead import Windows, forget
from server.pipeline.forwarder.lane import Lane
from server.pipeline.forwarder.ledger import Ledger
from server.pipeline.forwarder.partner import Partner
from server.pipeline.forwarder.reach import Reach
from server.pipeline.forwarder.screen import Screen
from server.pipeline.forwarder.send import Outlet
from server.pipeline.forwarder.tokens import Tokens
from server.pipeline.pauses import nudged, pauses
from server.pipeline.spools import TAG_PREFIX, main_spool
from server.pipeline.state import STATE_FILE, State, StateUnwritable
from server.pipeline.turns import call_all

LOOK_S = 0.1
GRACE_S = 2.0
"""How long answers are waited for when the pipeline stops."""
WITHDRAWALS_KEPT_MS = 8 * DAY_MS
"""At least; and a day longer than any partner takes an event that waited, or was a dead letter."""

log = logging.getLogger(__name__)


class ForwardLoop(Struct, frozen=True, kw_only=True):
    """The pipeline's third loop, as `run_loops` runs it."""

    data: Path
    destinations: Mapping[str, Destination]
    secrets: Secrets
    seal: Seal
    now: Callable[[], int]
    reach: Reach = Reach()
    """Where partners may be."""
    needed: Mapping[str, frozenset[str]] = {}
    """Secrets that each tag needs now, by its spool."""
    name: str = "forwarder"

    def run(self, stop: threading.Event) -> None:
        """Forwards until `stop` is set; an unforeseen error sets it too, and is raised."""
        try:
            asyncio.run(self._run(stop))
        finally:
            stop.set()

    async def _run(self, stop: threading.Event) -> None:
        asyncio.get_running_loop().set_default_executor(_Impatient())
        state = State(self.data / STATE_FILE)
        ledger = Ledger(self.data, state, now=self.now)
        by = Screen(
            destinations=self.destinations,
            secrets=self.secrets,
            seal=self.seal,
            state=state,
            now=self.now,
            needed=self.needed,
        )
        try:
            async with Partner(self.reach) as partner:
                outlet = Outlet(partner=partner, tokens=Tokens(partner, now=self.now))
                lanes = Lanes(
                    lambda spool: Lane(self.data, spool, by=by, outlet=outlet, ledger=ledger),
                    windows={name: one.window_ms for name, one in self.destinations.items()},
                )
                await lanes.run(state, stop, now=self.now)
        finally:
            ledger.close()
            state.close()


class _Impatient(ThreadPoolExecutor):
    """Looks names up; who stops does not wait for a name server that does not answer."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=True)


class Lanes:
    """One lane for each spool that the sorter has committed to."""

    def __init__(self, make: Callable[[str], Lane], windows: Windows) -> None:
        self._make = make
        self._windows = windows
        self._lanes: dict[str, tuple[Lane, asyncio.Task[None]]] = {}
        self._swept_at = 0

    async def run(self, state: State, stop: threading.Event, *, now: Callable[[], int]) -> None:
        """Looks for new ends until stopped; raises what a lane raises."""
        try:
            while not stop.is_set():
                paused, hurried = pauses(state), nudged(state)
                for spool, end in state.ends(TAG_PREFIX).items():
                    lane = self._lane(spool)
                    lane.is_paused = main_spool(spool) in paused
                    if main_spool(spool) in hurried:
                        lane.hurry()
                    lane.reach(end)
                for _, task in self._lanes.values():
                    if task.done():
                        task.result()
                self._sweep(state, now())
                await asyncio.sleep(LOOK_S)
        finally:
            await self._stop()

    def _lane(self, spool: str) -> Lane:
        if spool not in self._lanes:
            lane = self._make(spool)
            self._lanes[spool] = lane, asyncio.create_task(lane.run())
        return self._lanes[spool][0]

    def _sweep(self, state: State, now: int) -> None:
        if now - self._swept_at < HOUR_MS:
            return
        self._swept_at = now
        try:
            longest_ms = max(self._windows.values(), default=0) + DAY_MS
            state.forget_withdrawals(before=now - max(WITHDRAWALS_KEPT_MS, longest_ms))
            forget(state, self._windows, now=now)
            call_all(state, now=now)
        except StateUnwritable as error:
            log.warning("old entries stay for an hour: %s", error)

    async def _stop(self) -> None:
        """What is under way may end; what does not in time is tried again after the start."""
        tasks = [task for _, task in self._lanes.values()]
        for lane, _ in self._lanes.values():
            lane.stop()
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE_S)
        for lane, _ in self._lanes.values():
            lane.interrupt()
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE_S / 2)
