from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.owing import Node


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = Node(tmp_path)
    made.begin()
    return made
