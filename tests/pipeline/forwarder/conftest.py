from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.partner import LocalPartner
from tests.pipeline.forwarder.owed import Forwarding


@pytest.fixture
def forwarding(data: Path) -> Iterator[Forwarding]:
    made = Forwarding(data)
    yield made
    made.close()


@pytest.fixture
def partner() -> Iterator[LocalPartner]:
    with LocalPartner() as running:
        yield running
