from __future__ import annotations

from pathlib import Path

import pytest

from server.journal import Shed
from tests.collector.doors import Door, reserve_for


@pytest.fixture
def door(tmp_path: Path, request: pytest.FixtureRequest) -> Door:
    """By its parameter, on a disk so short that such hits are refused."""
    shed: Shed = getattr(request, "param", Shed.NOTHING)
    return Door(tmp_path, reserve_bytes=reserve_for(shed, tmp_path))
