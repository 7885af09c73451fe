"""An enriched event meets its container's tags: what is owed to whom, and what is withheld.

Decided once, with the container as it is now; the forwarder asks for consent again at each send.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from server.containers.decide import Plan, Send, decide
from server.delivery import Delivery, delivery_id
from server.model import NO_VISITOR, Event, Person
from server.person.sealing import Seal
from server.pipeline.state import Withdrawal

CONSENT_EVENT = "consent_update"
"""The event by which a page says that its visitor changed their mind."""


class Routed(Struct, frozen=True, kw_only=True):
    """The event's row, and what its tags are owed."""

    event: Event
    deliveries: list[Delivery]


def route(event: Event, person: Person, plan: Plan, seal: Seal) -> Routed:
    """The event with what was withheld on it, and a delivery for each tag that is sent it."""
    decision = decide(event, plan)
    if decision.withheld:
        event = replace(event, withheld=decision.withheld)
    sealed = seal.seal(person) if any(send.needs_person for send in decision.sends) else b""
    return Routed(event=event, deliveries=[_owed(event, sealed, send) for send in decision.sends])


def withdrawals(event: Event) -> Iterator[Withdrawal]:
    """What an event takes back: purposes that its visitor refuses. Without a visitor, a page that
    tells of a change speaks for what was sent from it before."""
    subjects = [] if event.visitor_id == NO_VISITOR else [event.visitor_id]
    if event.name == CONSENT_EVENT and event.page_id:
        subjects.append(event.page_id)
    refused = [purpose for purpose, answer in event.consent.items() if answer == "denied"]
    for subject in subjects:
        for purpose in refused:
            yield Withdrawal(
                container_id=event.container_id,
                subject=subject,
                purpose=purpose,
                at=event.received_at,
            )


def subjects_of(event: Event) -> list[str]:
    """Under which names a later withdrawal may be found."""
    return [name for name in (event.visitor_id, event.page_id) if name not in ("", NO_VISITOR)]


def _owed(event: Event, sealed: bytes, send: Send) -> Delivery:
    return Delivery(
        delivery_id=delivery_id(event.event_id, event.container_id, send.tag),
        container_id=event.container_id,
        container_version=event.container_version,
        tag=send.tag,
        type=send.type,
        settings=send.settings,
        needs_consent=send.needs_consent,
        event=event,
        person=sealed if send.needs_person else b"",
    )
