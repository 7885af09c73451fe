"""The subject that the tests of this folder start from: a page view of a shop, and what changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import asdict, replace

from server.containers.model import Container, Links
from server.enrich.contract import Context, Place, Places, Subject
from server.model import Event, Hit, Person

SITES = ["https://www.shop.example.com", "https://shop.example.de", "self"]
BRAND = Links(domains=["cups.example"])

PAGE_VIEW = Event(
    event_id="00000000-0000-0000-0000-000000000001",
    src=1,
    off=0,
    idx=0,
    container_id="shop",
    name="page_view",
    occurred_at=1_790_000_000_000,
    received_at=1_790_000_000_000,
)
HIT = Hit(
    received_at=PAGE_VIEW.received_at,
    container_id="shop",
    dialect="native",
)


def context_of(places: Places = lambda ip: Place()) -> Context:
    return Context(container=Container(id="shop", sites=SITES, links=BRAND), places=places)


CONTEXT = context_of()


def subject_of(**event: Any) -> Subject:
    """A page view with these columns, by nobody in particular."""
    return Subject(event=replace(PAGE_VIEW, **event), person=Person(), hit=HIT)


def visit_of(user_agent: str, headers: Mapping[str, str] | None = None) -> Subject:
    """A page view by this client itself."""
    hit = replace(HIT, user_agent=user_agent, headers=dict(headers or {}))
    return Subject(event=PAGE_VIEW, person=Person(user_agent=user_agent), hit=hit)


def changes(before: Subject, after: object) -> dict[str, Any]:
    """The columns that a step changed."""
    assert isinstance(after, Subject)
    old = asdict(before.event)
    return {name: value for name, value in asdict(after.event).items() if value != old[name]}
