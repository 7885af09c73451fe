from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from server.containers.decide import compile_container
from server.containers.model import (
    Container,
    Cookie,
    CookieMode,
    Limit,
    Purpose,
    Span,
    Tag,
    TagType,
    Trigger,
)
from server.destinations import tag_types
from server.journal import SegmentWriter
from server.person.sealing import Seal
from server.pipeline.state import STATE_FILE, create_state
from tests.samples import NOON

HOOK = Tag(
    type="webhook",
    fires_on=["orders"],
    needs_consent=[Purpose.ANALYTICS_STORAGE],
    settings={"url": "http://127.0.0.1:9/{{ event.name }}"},
)
TYPES: dict[str, TagType] = dict(tag_types())
CONTAINERS = {
    "demo": Container(id="demo", sites=["self"]),
    "free": Container(id="free", sites=["self"], cookie=Cookie(mode=CookieMode.ALWAYS)),
    "shop": Container(
        id="shop",
        sites=["self"],
        triggers={"orders": Trigger(event="purchase")},
        tags={"hook": HOOK},
    ),
}
ONCE = replace(HOOK, limit=Limit(per=Span.SESSION))
CONTAINERS["once"] = Container(
    id="once",
    sites=["self"],
    triggers={"orders": Trigger(event="purchase")},
    tags={"hook": ONCE},
)
PLANS = {name: compile_container(container, TYPES) for name, container in CONTAINERS.items()}
SEAL = Seal((b"\1" * 32,))


class Node:
    """A data folder with a journal that tests write to."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.now = NOON
        create_state(data / STATE_FILE)
        self.journal = SegmentWriter(data / "journal" / "w0", now=self.clock)

    def clock(self) -> int:
        return self.now

    def take(self, *payloads: bytes) -> None:
        """What a collector does with hits."""
        self.journal.write(payloads)
        self.journal.sync()


@pytest.fixture
def node(data: Path) -> Node:
    return Node(data)
