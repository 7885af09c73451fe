"""A steady load: requests leave on time whether or not the last ones were answered, and a late
answer counts from when its request was due."""

from __future__ import annotations

import asyncio
import statistics
import time

from msgspec import Struct

CONNECTIONS = 32


class Steady(Struct, frozen=True, kw_only=True):
    """Latencies at a given rate."""

    p50_ms: float
    p90_ms: float
    p99_ms: float
    answered: int
    failed: int


def run(port: int, request: bytes, *, rate: int, seconds: float) -> Steady:
    """Sends for so long, then waits for what is still open."""
    return asyncio.run(_run(port, request, rate, seconds))


async def _run(port: int, request: bytes, rate: int, seconds: float) -> Steady:
    due: asyncio.Queue[float | None] = asyncio.Queue()
    took: list[float] = []
    failed = 0

    async def send() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (at := await due.get()) is not None:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            took.append((time.perf_counter() - at) * 1000)
            failed += not head.startswith((b"HTTP/1.1 204", b"HTTP/1.1 304"))
        writer.close()

    senders = [asyncio.create_task(send()) for _ in range(CONNECTIONS)]
    begun = time.perf_counter()
    for number in range(max(2, round(rate * seconds))):
        at = begun + number / rate
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        due.put_nowait(at)
    for _ in senders:
        due.put_nowait(None)
    await asyncio.gather(*senders)
    cuts = statistics.quantiles(took, n=100)
    return Steady(
        p50_ms=cuts[49],
        p90_ms=cuts[89],
        p99_ms=cuts[98],
        answered=len(took) - failed,
        failed=failed,
    )
