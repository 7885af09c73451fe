from __future__ import annotations

from pathlib import Path

import pytest

from server.containers.model import Container, Cookie, CookieMode
from server.journal import SegmentWriter
from server.pipeline.state import STATE_FILE, create_state
from tests.samples import NOON

CONTAINERS = {
    "demo": Container(id="demo", sites=["self"]),
    "free": Container(id="free", sites=["self"], cookie=Cookie(mode=CookieMode.ALWAYS)),
}


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
