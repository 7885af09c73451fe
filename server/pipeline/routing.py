"""An enriched event meets its container's tags: what is owed to whom, and what is withheld.

Decided once, with the container as it is now; the forwarder asks for consent again at each send.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from server.containers.decide import Plan, Send, decide
from server.delivery import Delivery, delivery_id
from server.journal import MAX_RECORD_BYTES
from server.model import NO_VISITOR, Event, Person, Withheld
from server.person.sealing import Seal
from server.pipeline.queue import pack
from server.pipeline.spools import tag_spool
from server.pipeline.state import Withdrawal

CONSENT_EVENT = "consent_update"
"""The event by which a page says that its visitor changed their mind."""


class Owed(Struct, frozen=True, kw_only=True):
    """A delivery, as its tag's spool takes it."""

    spool: str
    event_id: str
    payload: bytes


class Routed(Struct, frozen=True, kw_only=True):
    """The event's row, and what its tags are owed."""

    event: Event
    owed: list[Owed]


def route(event: Event, person: Person, plan: Plan, seal: Seal) -> Routed:
    """The event with what was withheld on it, and a delivery for each tag that is sent it."""
    decision = decide(event, plan)
    sealed = seal.seal(person) if any(send.needs_person for send in decision.sends) else b""
    owed: list[Owed] = []
    withheld = list(decision.withheld)
    for send in decision.sends:
        payload = pack(_delivery(event, sealed, send))
        if len(payload) > MAX_RECORD_BYTES:
            withheld.append(Withheld(tag=send.tag, reason="too_long"))
            continue
        spool = tag_spool(event.container_id, send.tag)
        owed.append(Owed(spool=spool, event_id=event.event_id, payload=payload))
    if withheld:
        event = replace(event, withheld=withheld)
    return Routed(event=event, owed=owed)


def withdrawals(event: Event, plan: Plan, withdrawer: str) -> Iterator[Withdrawal]:
    """What an event takes back: purposes that its visitor refuses, and a tag needs.

    `withdrawer` is whose cookie came with a hit that takes consent back, and has no visitor any
    more. A page that tells of a change speaks for what was sent from it before.
    """
    subjects = [withdrawer] if withdrawer else []
    if event.visitor_id != NO_VISITOR:
        subjects.append(event.visitor_id)
    if event.name == CONSENT_EVENT and event.page_id:
        subjects.append(event.page_id)
    needed = {purpose for tag in plan.tags for purpose in tag.needs_consent} if subjects else set()
    refused = [purpose for purpose in needed if event.consent.get(purpose) == "denied"]
    for subject in subjects:
        for purpose in sorted(refused):
            yield Withdrawal(
                container_id=event.container_id,
                subject=subject,
                purpose=purpose,
                at=event.received_at,
            )


def subjects_of(event: Event) -> list[str]:
    """Under which names a later withdrawal may be found."""
    return [name for name in (event.visitor_id, event.page_id) if name not in ("", NO_VISITOR)]


def _delivery(event: Event, sealed: bytes, send: Send) -> Delivery:
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
