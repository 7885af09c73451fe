"""Answers Prometheus on a private port, beside the loops, which never wait for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from msgspec import Struct
from prometheus_client import CollectorRegistry, start_http_server

from server.histogram import Histogram
from server.pipeline.metrics import NodeMetrics
from server.pipeline.standing import Standing, look
from server.pipeline.state import STATE_FILE, State
from server.settings import Address

AGAIN_S = 10.0

log = logging.getLogger(__name__)


class Scrape(Struct, frozen=True, kw_only=True):
    """The endpoint, as `run_loops` runs it."""

    data: Path
    address: Address
    inserts: Histogram
    destinations: Mapping[str, str]
    now: Callable[[], int]
    name: str = "metrics"

    def run(self, stop: threading.Event) -> None:
        """Answers until `stop` is set; a port that is taken is tried again, for what is measured
        matters more than the measuring."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(
            NodeMetrics(self._look, inserts=self.inserts, destinations=self.destinations)
        )
        is_told = False
        while not stop.is_set():
            try:
                server, thread = start_http_server(
                    self.address.port, addr=self.address.host, registry=registry
                )
            except OSError as error:
                if not is_told:
                    log.error("FREEHOLD_METRICS_LISTEN=%s: %s", self.address, error.strerror)
                    is_told = True
                stop.wait(AGAIN_S)
                continue
            stop.wait()
            server.shutdown()
            server.server_close()
            thread.join()

    def _look(self) -> Standing:
        with closing(State(self.data / STATE_FILE)) as state:
            return look(self.data, state, now=self.now())
