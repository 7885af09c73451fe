"""What is measured, in a process of its own: prints seconds, of the clock and of the processor.

python -m loadtests.forwarding.working forward DATA SPOOL…     until all of it is delivered
python -m loadtests.forwarding.working bare DATA SPOOL…        the same requests, nothing else
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import msgspec
from msgspec import Struct

from loadtests.forwarding.owing import SEAL, SECRETS
from server import journal
from server.clock import now_ms
from server.credentials import Secrets
from server.delivery import Request
from server.destinations import DESTINATIONS
from server.journal import Mark
from server.pipeline.forwarder.batch import batches, build
from server.pipeline.forwarder.forwarder import ForwardLoop
from server.pipeline.forwarder.reach import Reach
from server.pipeline.forwarder.ready import Ready
from server.pipeline.forwarder.screen import Screen, screen
from server.pipeline.queue import Job, unpack
from server.pipeline.spools import spool_folder
from server.pipeline.state import STATE_FILE, State

PATIENCE_S = 120.0
LOOK_S = 0.05


class Took(Struct, frozen=True, kw_only=True):
    """What it took."""

    wall_s: float
    cpu_s: float
    deliveries: int
    requests: int = 0


def forward(data: Path, spools: list[str]) -> Took:
    """The forwarder's own loop, alone, from the first delivery to the last commit."""
    state = State(data / STATE_FILE)
    owed = sum(state.counts()[f"{spool}.routed"] for spool in spools)
    stop = threading.Event()
    loop = ForwardLoop(
        data=data,
        destinations=DESTINATIONS,
        secrets=Secrets(SECRETS, data / "secrets"),
        seal=SEAL,
        now=now_ms,
        reach=Reach(networks=(ip_network("127.0.0.1"),)),
    )
    thread = threading.Thread(target=loop.run, args=(stop,))
    began, cpu, done = time.monotonic(), time.process_time(), 0
    thread.start()
    while done < owed and time.monotonic() - began < PATIENCE_S and thread.is_alive():
        time.sleep(LOOK_S)
        counts = state.counts()
        done = sum(counts.get(f"{spool}.delivered", 0) for spool in spools)
    took = Took(wall_s=time.monotonic() - began, cpu_s=time.process_time() - cpu, deliveries=done)
    stop.set()
    thread.join()
    return took


def bare(data: Path, spools: list[str]) -> Took:
    """A client that posts full requests, made before the clock runs, and looks at no answer."""
    made = [_requests(data, spool) for spool in spools]

    async def post() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(
                *(
                    _post(session, waiting)
                    for one in made
                    for waiting in [iter(one.requests)] * one.at_once
                )
            )

    began, cpu = time.monotonic(), time.process_time()
    asyncio.run(post())
    return Took(
        wall_s=time.monotonic() - began,
        cpu_s=time.process_time() - cpu,
        deliveries=sum(one.deliveries for one in made),
        requests=sum(len(one.requests) for one in made),
    )


class _Made(Struct, frozen=True, kw_only=True):
    requests: list[Request]
    deliveries: int
    at_once: int


def _requests(data: Path, spool: str) -> _Made:
    """All that a tag is owed, in full requests."""
    state = State(data / STATE_FILE)
    by = Screen(
        destinations=DESTINATIONS,
        secrets=Secrets(SECRETS, data / "secrets"),
        seal=SEAL,
        state=state,
        now=now_ms,
    )
    ready: list[Ready] = []
    mark, end = Mark(), state.end(spool)
    while mark < end:
        chunk = journal.read(spool_folder(data, spool), mark, until=end)
        jobs = [Job(delivery=unpack(record.payload)) for record in chunk.records]
        ready += [one for one in screen(jobs, by) if isinstance(one, Ready)]
        mark = chunk.mark
    state.close()
    built = [build(batch, "", now=now_ms()) for batch in batches(ready)]
    requests = [one for one in built if isinstance(one, Request)]
    return _Made(requests=requests, deliveries=len(ready), at_once=ready[0].destination.at_once)


async def _post(session: aiohttp.ClientSession, requests: Iterator[Request]) -> None:
    for request in requests:
        async with session.request(
            request.method, request.url, data=request.body, headers=request.headers
        ) as answer:
            await answer.read()


if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 20)  # as the pipeline does
    work = {"forward": forward, "bare": bare}[sys.argv[1]]
    took = work(Path(sys.argv[2]), sys.argv[3:])
    print(msgspec.json.encode(took).decode())
