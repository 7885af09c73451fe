"""Sendings that tests start from."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from server.destinations.contract import EVENT, Sending
from server.destinations.ga4.config import Config
from server.model import Person

CONFIG = Config(measurement_id="G-ABC123", api_secret="s3cret")
NOBODY = Person()


def sending(*, config: Config = CONFIG, person: Person = NOBODY, **more: Any) -> Sending:
    """The event of all examples, with some of its fields changed."""
    return Sending(event=replace(EVENT, **more), person=person, config=config)
