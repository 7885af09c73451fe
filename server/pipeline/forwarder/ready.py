"""The nouns of a lane: what may be sent, what was said, and what came of it."""

from __future__ import annotations

from msgspec import Struct, field

from server.destinations.contract import Destination, Message, Sending
from server.pipeline.queue import Job


class Ready(Struct, frozen=True, kw_only=True):
    """A job that may be sent now."""

    job: Job
    destination: Destination
    sending: Sending
    message: Message
    group: str
    size: int = 0
    """Bytes of the message; 0 where each has a request of its own."""
    order: str = ""
    """Those of which this is equal, and not empty, go one after the other."""
    version: int = -1
    """Of the state, when it was asked whether consent was taken back."""
    used: dict[str, str] = field(default_factory=dict)
    """Secrets in its settings, by name, to keep them out of what is told."""


class Sent(Struct, frozen=True, kw_only=True):
    """What a partner was told of an event, without what was said."""

    bytes: int
    """Of the request's body, its share."""
    body_hash: str
    fields: tuple[str, ...]
    match_keys: tuple[str, ...]


class Ending(Struct, frozen=True, kw_only=True):
    """What came of a job this time."""

    job: Job
    outcome: str
    """As in the column of `deliveries`; `untried`: the lane stopped before its turn."""
    reason: str = ""
    detail: str = ""
    status: int = 0
    duration_ms: int = 0
    batch: int = 1
    after_s: float | None = None
    is_attempt: bool = False
    code: str = ""
    """The partner's own."""
    sent: Sent | None = None
    """None: no request was made."""
    order: str = ""
    is_parked: bool = False
    """It waits for one before it."""
    expires_at: int = 0
    """When its partner takes it no more, in ms; 0: not known."""
