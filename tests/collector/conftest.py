from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from server.collector.app import make_app
from server.journal import Shed
from tests.collector.doors import Door, reserve_for
from tests.collector.serving import serving


@pytest.fixture
def door(tmp_path: Path, request: pytest.FixtureRequest) -> Door:
    """By its parameter, on a disk so short that such hits are refused."""
    shed: Shed = getattr(request, "param", Shed.NOTHING)
    return Door(tmp_path, reserve_bytes=reserve_for(shed, tmp_path))


@pytest.fixture(params=["plain", "short"])
def client(door: Door, request: pytest.FixtureRequest) -> Iterator[httpx2.Client]:
    """Talks to the application itself, or to a real server that may take the short way."""
    if request.param == "plain":
        with TestClient(make_app(door.collector), base_url="http://127.0.0.1") as client:
            yield client
    else:
        with (
            serving(door.collector) as server,
            httpx2.Client(base_url=f"http://127.0.0.1:{server.port}") as client,
        ):
            yield client
