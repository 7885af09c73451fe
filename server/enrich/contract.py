"""What a step is: a function that gets one event ready for its row.

A step whose name begins with `put_` only adds; one that begins with `drop_` may take away or end
the event with a `Reject`. Steps are pure: readers and tables come in the `Context`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from server.containers.model import Container, CookieMode
from server.model import Event, Hit, Person, Reject


class Place(Struct, frozen=True, kw_only=True):
    """Where an address is, no finer than a city. Country: ISO 3166-1 alpha-2; region: ISO 3166-2
    without the country (`BE`, `ENG`), or its name where the database has no code; city: the
    English name."""

    country: str = ""
    region: str = ""
    city: str = ""


class Places(Protocol):
    """Looks an address up; an unknown or unreadable one is `Place()`."""

    def __call__(self, ip: str) -> Place: ...


class Context(Struct, frozen=True, kw_only=True):
    """What the steps are handed beside the event: nothing in it changes during a batch."""

    container: Container
    places: Places


class Subject(Struct, frozen=True, kw_only=True):
    """What goes through the steps: the event, what is personal beside it, and the hit."""

    event: Event
    person: Person
    hit: Hit


def keeps_ads(event: Event, container: Container) -> bool:
    """Whether what ads are told apart by may be kept: the visitor grants it, or the site asks for
    no consent and they do not refuse."""
    answer = event.consent.get("ad_storage")
    return answer == "granted" or (
        answer != "denied" and container.cookie.mode is CookieMode.ALWAYS
    )


Step = Callable[[Subject, Context], Subject | Reject]
