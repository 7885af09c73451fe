"""The forwarder alone, as the pipeline runs it, until it is told to stop; its patience is short.

    python -m loadtests.faults._forwarding DATA

The name server knows `partner.test`, and answers for it what DATA/names says: `truth`, `lie`, or
nothing.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from ipaddress import ip_network
from pathlib import Path

import aiohttp
from aiohttp.abc import ResolveResult

from server.clock import now_ms
from server.credentials import Secrets
from server.destinations import DESTINATIONS
from server.person.sealing import Seal
from server.pipeline.forwarder import backoff, breaker, gate, ledger, partner
from server.pipeline.forwarder.forwarder import ForwardLoop
from server.pipeline.forwarder.reach import Reach

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"


class Names(aiohttp.ThreadedResolver):
    """The name server, by what it is told to be."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host != "partner.test":
            return await super().resolve(host, port, family)
        said = {"truth": HERE, "lie": ELSEWHERE}.get(Path(sys.argv[1], "names").read_text())
        if said is None:
            raise OSError(None, "no such host")
        return [ResolveResult(hostname=host, host=said, port=port, family=family, proto=0, flags=0)]


def hurry() -> None:
    """What takes minutes takes a second."""
    partner.CONNECT_S, partner.READ_S, partner.TOTAL_S, partner.NAMES_KEPT_S = 1, 1, 1, 0
    backoff.FIRST_S, backoff.LONGEST_S = 0.2, 1.0
    breaker.FIRST_PAUSE_S, breaker.LONGEST_PAUSE_S = 0.2, 0.5
    gate.DENIED_S = (0.5, 0.5)
    ledger.DENIED_MS = 500


if __name__ == "__main__":
    hurry()
    vars(aiohttp)["ThreadedResolver"] = Names
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    data = Path(sys.argv[1])
    ForwardLoop(
        data=data,
        destinations=DESTINATIONS,
        secrets=Secrets(os.environ, data / "secrets"),
        seal=Seal((b"\1" * 32,)),
        now=now_ms,
        reach=Reach(networks=(ip_network(HERE),)),
    ).run(stop)
