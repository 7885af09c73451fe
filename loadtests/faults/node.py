"""A data folder with journals and a sorter, without processes: what rows 4 and 25 work on."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from msgspec import Struct

from loadtests.faults.reading import drain
from server.containers.decide import Plan, compile_container
from server.containers.model import Container, Cookie, CookieMode, Tag
from server.destinations import tag_types
from server.enrich import open_places
from server.envelope import seal
from server.journal import SegmentWriter
from server.model import Hit
from server.person.sealing import Seal
from server.pipeline.previewing import Plans
from server.pipeline.sorter import Sorter
from server.pipeline.spools import STORE, recover_all, spool_folder, tag_spool
from server.pipeline.state import STATE_FILE, State, create_state
from server.store.rows import split_row

NOW = 1_767_225_600_000
CONTAINER = "faults"
SPOOL = tag_spool(CONTAINER, "hook")


class Sorted(Struct, frozen=True, kw_only=True):
    """What a node's spools hold up to their committed ends."""

    events: Counter[str]
    """Ids of events, and how often each is there."""
    rejects: Counter[str]
    """By reason."""
    positions: set[tuple[int, int]]
    """Hits that have a row of some kind."""
    deliveries: int
    counts: dict[str, int]


def event_id(number: int) -> str:
    return f"0199c000-0000-7000-8000-{number:012d}"


def hit(number: int, *, name: str = "page_view") -> bytes:
    """The journal's payload of a hit with one event."""
    body = json.dumps({"v": 1, "events": [{"name": name, "id": event_id(number)}]})
    return envelope(body.encode())


def envelope(body: bytes) -> bytes:
    """A hit with any body."""
    return seal(Hit(received_at=NOW, container_id=CONTAINER, dialect="native", body=body))


def create(data: Path) -> None:
    """The state's file, as the pipeline makes it at its start."""
    create_state(data / STATE_FILE)


def take(data: Path, payloads: list[bytes], *, worker: int = 0, segments: int = 1) -> None:
    """What a collector does with hits, over some segments."""
    writer = SegmentWriter(data / "journal" / f"w{worker}", slot=worker, now=lambda: NOW)
    size = -(-len(payloads) // segments)
    for start in range(0, len(payloads), size):
        writer.write(payloads[start : start + size])
        writer.sync()
        writer.roll()
    writer.close()


def sort(data: Path) -> None:
    """What a pipeline does from its start until all is sorted."""
    state = State(data / STATE_FILE)
    recover_all(data, state)
    state.close()
    sorter = Sorter(
        data,
        plans=Plans(live=_plans()),
        places=open_places(None),
        seal=Seal((b"\1" * 32,)),
        now=lambda: NOW,
    )
    try:
        while sorter.step():
            pass
    finally:
        sorter.close()


def read_sorted(data: Path) -> Sorted:
    """All that counts in a node."""
    state = State(data / STATE_FILE)
    end, counts = state.end(STORE), state.counts()
    owed = drain(spool_folder(data, SPOOL), until=state.end(SPOOL)).records
    state.close()
    events, rejects = Counter[str](), Counter[str]()
    positions = set()
    for record in drain(spool_folder(data, STORE), until=end).records:
        table, line = split_row(record.payload)
        row = json.loads(line)
        positions.add((int(row["src"]), int(row["off"])))
        if table == "events":
            events[row["id"]] += 1
        elif table == "rejects":
            rejects[row["reason"]] += 1
    return Sorted(
        events=events, rejects=rejects, positions=positions, deliveries=len(owed), counts=counts
    )


def _plans() -> dict[str, Plan]:
    types = dict(tag_types())
    hook = Tag(
        type="webhook",
        fires_on=["all_events"],
        needs_consent=[],
        settings={"url": "http://127.0.0.1:9/"},
    )
    container = Container(
        id=CONTAINER, sites=["self"], cookie=Cookie(mode=CookieMode.ALWAYS), tags={"hook": hook}
    )
    return {CONTAINER: compile_container(container, types)}
