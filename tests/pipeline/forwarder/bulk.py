"""A partner of the forwarder's tests that takes several events a request, and one of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from server.delivery import Refused, Request
from server.destinations.contract import Destination, Message, Sending
from server.model import Person
from server.pipeline.forwarder.ready import Ready
from server.pipeline.queue import Job
from tests.pipeline.forwarder.owed import owed


class Config(Struct, frozen=True, kw_only=True):
    """Where the batches go."""

    url: str


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    numbers = [message["number"] for message in messages]
    token = {"authorization": f"Bearer {sendings[0].token}"} if sendings[0].token else {}
    return Request(url=sendings[0].config.url, headers=token, body=json.dumps(numbers).encode())


BULK = Destination(
    name="bulk",
    title="Bulk",
    about="",
    docs="",
    config=Config,
    message=lambda sending: {"number": sending.event.off},
    group=lambda _, message: str(message["number"] % 2),
    wrap=wrap,
    max_events=4,
    max_bytes=40,
    examples=(),
    answers=(),
)


def ready(number: int, url: str, kind: Destination = BULK, **more: Any) -> Ready:
    """Event `number` of the tests' visitor, ready for that destination."""
    delivery = owed(number, url)
    sending = Sending(event=delivery.event, person=Person(), config=Config(url=url))
    message = kind.message(sending)
    assert not isinstance(message, Refused)
    made = Ready(
        job=Job(delivery=delivery),
        destination=kind,
        sending=sending,
        message=message,
        group=kind.group(sending, message),
    )
    return replace(made, **more)
