from __future__ import annotations

import logging

import pytest

from server.clock import HOUR_MS
from server.pipeline.accountant import Accountant
from server.pipeline.accounts import open_books
from server.pipeline.state import STATE_FILE, State
from tests.pipeline.conftest import Node


def test_a_difference_is_told_once_when_it_changes_hourly_and_when_it_is_gone(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    state = State(node.data / STATE_FILE)
    open_books(node.data, state)
    accountant = Accountant(node.data, now=node.clock)

    def told(**counts: int) -> list[tuple[str, str]]:
        """What is logged after these were counted, and nobody knows whence."""
        caplog.clear()
        with state.transaction():
            state.add(counts)
        assert accountant.step() == 0
        return [(record.levelname, record.message) for record in caplog.records]

    off = "the accounts of hits do not close"
    closed = "sorted 3 + quarantined 0 + pending 0"
    assert told() == []
    assert told(accepted=3) == [
        ("ERROR", f"{off}, 3 are missing: accepted 3 = sorted 0 + quarantined 0 + pending 0")
    ]
    assert told() == []
    assert told(sorted=4) == [
        ("ERROR", f"{off}, 1 are too many: accepted 3 = sorted 4 + quarantined 0 + pending 0")
    ]
    node.now += HOUR_MS - 1
    assert told() == []
    node.now += 1
    assert len(told()) == 1
    assert told(sorted=-1) == [("INFO", f"the accounts of hits close again: accepted 3 = {closed}")]
    assert told() == []
    accountant.close()
    state.close()
