"""An enriched event meets its container's tags: what is owed to whom, and what is withheld.

Decided once, with the container as it is now; the forwarder asks for consent again at each send.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Raw, Struct, field
from msgspec.structs import replace

from server.containers.decide import Plan, Send, decide
from server.containers.memory import Cell, Recall, recall_nothing
from server.containers.scope import Beside
from server.containers.transform import shown_person
from server.delivery import delivery_id
from server.journal import MAX_RECORD_BYTES
from server.model import NO_VISITOR, Event, Person, Withheld
from server.person.sealing import Seal
from server.pipeline.queue import Parcel, pack, pack_event
from server.pipeline.spools import tag_spool
from server.pipeline.state import Withdrawal

CONSENT_EVENT = "consent_update"
"""The event by which a page says that its visitor changed their mind."""


class Visit(Struct, frozen=True, kw_only=True):
    """What tags may look at beside the event: its hit's headers, and what is remembered of whoever
    made it."""

    headers: Mapping[str, str] = field(default_factory=dict)
    recall: Recall = recall_nothing


NO_VISIT = Visit()


class Owed(Struct, frozen=True, kw_only=True):
    """A delivery, as its tag's spool takes it."""

    spool: str
    event_id: str
    payload: bytes


class Routed(Struct, frozen=True, kw_only=True):
    """The event's row, and what its tags are owed."""

    event: Event
    owed: list[Owed]
    remembered: dict[str, Cell] = field(default_factory=dict)
    """What later events are decided by, by name."""


class HitSeal:
    """Seals for one hit: its events are mostly the same person's, who is sealed once."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._known: dict[frozenset[str], tuple[Person, bytes]] = {}

    def seal(self, person: Person, hidden: frozenset[str] = frozenset()) -> bytes:
        """The token of what is not hidden of the person; the same one for the same person."""
        known = self._known.get(hidden)
        if known is None or (known[0] is not person and known[0] != person):
            token = self._seal.seal(shown_person(person, hidden))
            known = self._known[hidden] = person, token
        return known[1]


def route(
    event: Event, person: Person, plan: Plan, seal: HitSeal, visit: Visit = NO_VISIT
) -> Routed:
    """The event with what was withheld on it, and a delivery for each tag that is sent it."""
    beside = Beside(cookies=person.cookies, headers=visit.headers)
    decision = decide(event, plan, beside, visit.recall)
    packed: dict[int, Raw] = {}  # once for all tags that see the same
    owed: list[Owed] = []
    withheld = list(decision.withheld)
    for send in decision.sends:
        seen = send.event or event
        if id(seen) not in packed:
            packed[id(seen)] = pack_event(seen)
        sealed = seal.seal(person, send.hidden) if send.needs_person else b""
        payload = pack(_parcel(event, packed[id(seen)], sealed, send))
        if len(payload) > MAX_RECORD_BYTES:
            withheld.append(Withheld(tag=send.tag, reason="too_long"))
            continue
        spool = tag_spool(event.container_id, send.tag)
        owed.append(Owed(spool=spool, event_id=event.event_id, payload=payload))
    if withheld:
        event = replace(event, withheld=withheld)
    return Routed(event=event, owed=owed, remembered=decision.remembered)


def withdrawals(event: Event, plan: Plan, withdrawer: str) -> Iterator[Withdrawal]:
    """What an event takes back: purposes that its visitor refuses, and a tag needs.

    `withdrawer` is whose cookie came with a hit that takes consent back, and has no visitor any
    more: no row tells later whose it was, so all of it is noted, for tags to come and what they
    are owed of the past. A page that tells of a change speaks for what was sent from it before.
    """
    subjects = [withdrawer] if withdrawer else []
    if event.visitor_id != NO_VISITOR:
        subjects.append(event.visitor_id)
    if event.name == CONSENT_EVENT and event.page_id:
        subjects.append(event.page_id)
    denied = [purpose for purpose, answer in event.consent.items() if answer == "denied"]
    if not denied or not subjects:
        return
    needed = {purpose for tag in plan.tags for purpose in tag.needs_consent}
    refused = needed.intersection(denied)
    for subject in subjects:
        for purpose in sorted(denied if subject == withdrawer else refused):
            yield Withdrawal(
                container_id=event.container_id,
                subject=subject,
                purpose=purpose,
                at=event.received_at,
            )


def subjects_of(event: Event) -> list[str]:
    """Under which names a later withdrawal may be found."""
    return [name for name in (event.visitor_id, event.page_id) if name not in ("", NO_VISITOR)]


def _parcel(event: Event, packed: Raw, sealed: bytes, send: Send) -> Parcel:
    return Parcel(
        delivery_id=delivery_id(event.event_id, event.container_id, send.tag),
        container_id=event.container_id,
        container_version=event.container_version,
        tag=send.tag,
        type=send.type,
        settings=send.settings,
        needs_consent=send.needs_consent,
        event=packed,
        person=sealed,
    )
