"""Deliveries and a running forwarder for its tests: real spools, real state, a real partner."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from server import journal
from server.clock import now_ms
from server.credentials import Secrets
from server.delivery import Delivery, delivery_id
from server.destinations import DESTINATIONS
from server.journal import Mark
from server.model import Event
from server.pipeline.forwarder.forwarder import ForwardLoop
from server.pipeline.forwarder.reach import Reach
from server.pipeline.forwarder.screen import Screen
from server.pipeline.pauses import Pause, pause, resume
from server.pipeline.queue import Lane, Queue, pack
from server.pipeline.spools import LEDGER, open_spool, reached, spool_folder, tag_spool
from server.pipeline.state import STATE_FILE, State, Withdrawal, create_state
from server.store.rows import split_row
from tests.pipeline.conftest import SEAL
from tests.running import wait_for
from tests.samples import event

HERE = Reach(networks=(ip_network("127.0.0.1"),))
"""Where the tests' partners are."""
GRANTED = {"analytics_storage": "granted"}


def owed(
    number: int, url: str, *, tag: str = "hook", settings: dict[str, Any] | None = None, **more: Any
) -> Delivery:
    """A webhook's delivery of a purchase that has just happened."""
    now = now_ms()
    fresh = {"occurred_at": now, "received_at": now, "consent": GRANTED, "container_id": "shop"}
    made: Event = event(number, **{"name": "purchase", **fresh, **more})
    return Delivery(
        delivery_id=delivery_id(made.event_id, "shop", tag),
        container_id="shop",
        tag=tag,
        type="webhook",
        settings={"url": url, **(settings or {})},
        needs_consent=("analytics_storage",),
        event=made,
    )


class Forwarding:
    """A data folder in which tags are owed something, and its forwarder in a thread."""

    def __init__(self, data: Path) -> None:
        self.data = data
        create_state(data / STATE_FILE)
        self.environ: dict[str, str] = {}
        self.reach = HERE
        self.needed: dict[str, frozenset[str]] = {}
        self._writers: dict[str, journal.SegmentWriter] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def secrets(self) -> Secrets:
        return Secrets(self.environ, self.data / "secrets")

    def screen(self) -> Screen:
        """What a lane asks before it sends."""
        return Screen(
            destinations=DESTINATIONS,
            secrets=self.secrets,
            seal=SEAL,
            state=State(self.data / STATE_FILE),
            now=now_ms,
        )

    def owe(self, *deliveries: Delivery, withdrawals: list[Withdrawal] | None = None) -> None:
        """What the sorter does when it commits."""
        state = State(self.data / STATE_FILE)
        for delivery in deliveries:
            spool = tag_spool(delivery.container_id, delivery.tag)
            if spool not in self._writers:
                self._writers[spool] = open_spool(self.data, spool, state, now=now_ms)
            writer = self._writers[spool]
            writer.write([pack(delivery)])
            writer.sync()
            ends = {spool: reached(writer, state.end(spool))}
            state.commit_sorted({}, ends, {f"{spool}.routed": 1})
        state.commit_sorted({}, {}, {}, withdrawals or [])
        state.close()

    def owe_many(self, spool: str, payloads: list[bytes]) -> None:
        """Deliveries in as few frames as possible."""
        state = State(self.data / STATE_FILE)
        self._writers[spool] = writer = open_spool(self.data, spool, state, now=now_ms)
        for start in range(0, len(payloads), 1_000):
            writer.write(payloads[start : start + 1_000])
        writer.sync()
        state.commit_sorted({}, {spool: writer.mark}, {f"{spool}.routed": len(payloads)})
        state.close()

    def start(self) -> None:
        self._stop.clear()
        loop = ForwardLoop(
            data=self.data,
            destinations=DESTINATIONS,
            secrets=self.secrets,
            seal=SEAL,
            now=now_ms,
            reach=self.reach,
            needed=self.needed,
        )
        self._thread = threading.Thread(target=loop.run, args=(self._stop,))
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(10)
            assert not self._thread.is_alive()
            self._thread = None

    def close(self) -> None:
        self.stop()
        for writer in self._writers.values():
            writer.close()

    def pause(self) -> None:
        """What the operator does to the tag `hook`, beside the running pipeline."""
        with closing(State(self.data / STATE_FILE)) as state:
            pause(state, tag_spool("shop", "hook"), Pause(author="ada", since=now_ms()))

    def resume(self) -> None:
        with closing(State(self.data / STATE_FILE)) as state:
            assert resume(state, tag_spool("shop", "hook"))

    def lane(self, tag: str = "hook") -> Lane:
        """How a tag's queue stands."""
        state = State(self.data / STATE_FILE)
        [lane] = Queue(state).lanes([tag_spool("shop", tag)])
        state.close()
        return lane

    def told(self) -> list[dict[str, Any]]:
        """The rows of `deliveries` that are committed."""
        state = State(self.data / STATE_FILE)
        end = state.end(LEDGER)
        state.close()
        records = journal.read(spool_folder(self.data, LEDGER), Mark(), until=end).records
        return [json.loads(split_row(record.payload)[1]) for record in records]

    def outcomes(self) -> list[tuple[int, str, str, int, int]]:
        """Of each row: event, outcome, reason, attempt, status."""
        return [
            (
                int(row["event_id"][-12:]),
                row["outcome"],
                row["reason"],
                row["attempt"],
                row["status"],
            )
            for row in self.told()
        ]

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        wait_for(condition, what, 20)
