"""What a partner of the recorder is: one file that says which requests are its own, what is wrong
with one by the partner's published rules, and what it would answer.

    Asked ──read──▶ Read: events, their faults ──answer──▶ Answer

It is written from the partners' own documents and knows nothing of how requests are made here: that
is its worth. It is pure; the recorder has the socket, and plays the scripted troubles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct, field

JSON = {"content-type": "application/json"}
GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


class Asked(Struct, frozen=True, kw_only=True):
    """A request as it arrived; header names in lower case, the body unpacked."""

    method: str = "POST"
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    now: int
    """ms UTC."""
    secret: str = ""
    """What a webhook is signed with, if the recorder was told."""


class Item(Struct, kw_only=True):
    """One event of a request."""

    id: str = ""
    """The event's id, as this partner is told it."""
    key: str = ""
    """What it is deduplicated by; empty: by nothing, so by its id."""
    name: str = ""
    place: str = ""
    """Where it stands, if the request has several lists: `purchases[0]`."""
    faults: list[str] = field(default_factory=list)


class Read(Struct, kw_only=True):
    """What a partner makes of a request, before it answers."""

    items: list[Item] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Of the request as a whole: nothing of it is taken."""
    denied: str = ""
    """Why its credentials are none."""
    list_name: str = ""
    """Where the events stand in the body: `data`."""

    @property
    def faulty(self) -> list[int]:
        """Which of the events have faults."""
        return [number for number, item in enumerate(self.items) if item.faults]

    def verdict(self) -> Iterator[str]:
        """Every fault with its place."""
        if self.denied:
            yield self.denied
        yield from self.faults
        for number, item in enumerate(self.items):
            place = item.place or (f"{self.list_name}[{number}]" if self.list_name else "")
            yield from (f"{place}.{fault}" if place else fault for fault in item.faults)


class Answer(Struct, frozen=True, kw_only=True):
    """What the partner answers."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def json_answer(status: int, content: Any, headers: dict[str, str] | None = None) -> Answer:
    """An answer of JSON."""
    return Answer(status=status, headers={**JSON, **(headers or {})}, body=encode(content))


encode = msgspec.json.encode


class Partner(Struct, frozen=True, kw_only=True):
    """`PARTNER` in each file of this folder."""

    name: str
    title: str
    docs: str
    """Where the partner publishes its rules."""
    path: re.Pattern[str]
    """Which requests are its own, by their whole path."""
    read: Callable[[Asked], Read]
    answer: Callable[[Read], Answer]
    is_whole: bool = False
    """One faulty event, and none of the request is taken."""
    throttled: Answer = Answer(status=429)
    """What it says when it is asked too often."""
    revoked: Answer = Answer(status=401)
    """What it says to credentials that it does not, or no longer, know."""

    def takes(self, read: Read) -> Sequence[Item]:
        """The events that it keeps."""
        if read.denied or read.faults or (self.is_whole and read.faulty):
            return ()
        return [item for item in read.items if not item.faults]
