"""What a tag would be owed of past events, decided by the engine of live traffic.

    stored event ──▶ what is held of it ──▶ only this tag ──▶ old? refused? ──▶ Past(delivery)
                                              └─ no, or not known: told why

What is not known is not sent: a decision that looks at what is not held any more, or at what limits
and groups counted before. Nor is what live traffic withheld for a reason that still counts.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from server.containers.decide import Plan, Send
from server.containers.model import Container, TagTypes
from server.containers.transform import shown_person
from server.delivery import Delivery, Refused, delivery_id
from server.destinations.contract import Destination, Message, Sending
from server.model import Event, EventContext, Person
from server.person.sealing import Seal
from server.store.past import Refusals
from server.store.window import Kept
from server.studio.held import Held, Keeping, held, keeping, persons, whole_person
from server.studio.judged import Judged, Side
from server.studio.recollection import Beginning, Recollection

TOO_OLD = "too_old"
OWED = "owed"
"""It is owed, was sent, or was given up already."""
ANEW = frozenset(("paused", "schedule", "too_long"))
"""Why live traffic withheld what may be decided anew: not for the visitor's sake, nor a limit's."""
Versions = Callable[[int], Container | None]


class Aim(Struct, frozen=True, kw_only=True):
    """The tag, as its container is now, and what else decides."""

    only: Plan
    """The container's, with this tag alone."""
    tag: str
    destination: Destination
    versions: Versions
    types: TagTypes
    since: int
    """Of the events, ms UTC: limits and groups begin with nothing then."""

    @property
    def needs_consent(self) -> tuple[str, ...]:
        """Purposes that must be granted."""
        [tag] = self.only.tags
        return tag.needs_consent


class Past(Struct, frozen=True, kw_only=True):
    """What one event comes to. Either `send`, or `reason`, or the tag does not fire."""

    event: Event
    send: Send | None = None
    reason: str = ""
    """Why it is not sent, in a word as the ledger has it."""
    refusal: str = ""
    """Why the partner would not take it, in words."""
    unknown: str = ""
    """Why it is not known whether it would be, in words."""
    context: EventContext | None = None
    keys: frozenset[str] = frozenset()
    """Match keys that go with it."""
    lacks: frozenset[str] = frozenset()
    """What of it was looked at and is not held any more."""


class Decider:
    """Takes events in their order."""

    def __init__(self, aim: Aim) -> None:
        self._aim = aim
        memory = Recollection(Beginning(since=aim.since, zone=aim.only.zone))
        self._side = Side(aim.only, memory, {aim.destination.name: aim.destination})
        self._keeping: dict[int, Keeping | None] = {}
        self._refusals: dict[str, str] = {}

    def take(self, kept: Kept, refused: Refusals, *, now: int) -> Past:
        """What the event comes to, if it were sent at `now`."""
        event = kept.event
        known = held(event, kept.context, self._kept(event.container_version), now=now)
        one = self._side.judge(event, known).get(self._aim.tag)
        reason = self._reason(event, one, refused, now)
        past = Past(event=event, reason=reason)
        if one is None or reason:
            return past
        if one.unknown:
            return replace(past, unknown="; ".join(sorted(one.unknown)))
        assert one.send is not None
        return self._prepared(replace(past, send=one.send, context=kept.context), one, known)

    def _reason(self, event: Event, one: Judged | None, refused: Refusals, now: int) -> str:
        """Why it is not sent, as far as that is known; empty: nothing is against it."""
        if one is None:
            return ""
        for before in event.withheld:
            if before.tag == self._aim.tag and before.reason not in ANEW:
                return before.reason
        if one.reason and not one.unknown:
            return one.reason
        if now - event.occurred_at > self._aim.destination.window_ms:
            return TOO_OLD
        return withdrawn(event, self._aim.needs_consent, refused)

    def _prepared(self, past: Past, one: Judged, known: Held) -> Past:
        """With what goes with it; or refused, as the partner would."""
        assert past.send is not None
        known.drain()
        message = self._message(past, known.person)
        lacks = frozenset(known.drain()) | one.blurred
        if isinstance(message, Refused):
            words = self._refusal(past, message, known)
            return replace(past, send=None, reason=message.reason, refusal=words)
        keys = (name for name, has in self._aim.destination.match_keys.items() if has(message))
        return replace(past, keys=frozenset(keys), lacks=lacks)

    def _refusal(self, past: Past, refused: Refused, known: Held) -> str:
        """In words; what is not held and would have helped is looked for once for each reason."""
        if refused.reason not in self._refusals:
            lack = self._lack(past, known)
            detail = refused.detail or refused.reason
            self._refusals[refused.reason] = f"{detail}; {lack}" if lack else detail
        return self._refusals[refused.reason]

    def _lack(self, past: Past, known: Held) -> str:
        """What the partner misses that live events have; empty: nothing."""
        for what, person in persons(known.person):
            if not isinstance(self._message(past, person), Refused):
                return f"{what} is never kept"
        known.stand_in(is_on=True)
        try:
            is_taken = not isinstance(self._message(past, whole_person(known.person)), Refused)
        finally:
            known.stand_in(is_on=False)
            known.drain()
        return "what would do is never kept, or not any more" if is_taken else ""

    def never(self, past: Past) -> frozenset[str]:
        """Match keys that may go with a live event, and are made of what is never kept."""
        person = whole_person(Person())
        message = self._message(past, person)
        if isinstance(message, Refused):
            return frozenset()
        has = {name for name, has in self._aim.destination.match_keys.items() if has(message)}
        return frozenset(has) - past.keys

    def _message(self, past: Past, person: Person) -> Message | Refused:
        send, destination = past.send, self._aim.destination
        assert send is not None
        try:
            config = msgspec.convert(send.settings, destination.config, strict=False)
            event = send.event or past.event
            shown = shown_person(person, send.hidden)
            sending = Sending(
                event=event, person=shown, config=config, sent_at=past.event.received_at
            )
            return destination.message(sending)
        except msgspec.ValidationError as error:
            return Refused("bad_settings", str(error))
        except Exception as error:  # a bug of a destination costs its events, and is seen
            return Refused("unexpected", repr(error))

    def _kept(self, version: int) -> Keeping | None:
        if version not in self._keeping:
            then = self._aim.versions(version)
            self._keeping[version] = keeping(then, self._aim.types) if then else None
        return self._keeping[version]


def withdrawn(event: Event, needed: tuple[str, ...], refused: Refusals) -> str:
    """Which consent the visitor has taken back since, as the ledger has it; else empty."""
    since = min(event.received_at, event.occurred_at)
    gone = [
        purpose
        for purpose in needed
        if any(
            refused.get((subject, purpose), 0) > since
            for subject in (event.visitor_id, event.page_id)
        )
    ]
    return f"withdrawn:{','.join(gone)}" if gone else ""


def delivery_of(past: Past, seal: Seal, *, version: int) -> Delivery:
    """The delivery of what is to be sent: the one that live traffic would have made, with what is
    still held of the person."""
    event, send, context = past.event, past.send, past.context
    assert send is not None
    person = Person()
    if context is not None and send.needs_person:
        person = Person(
            cookies=context.cookies, click_ids=context.click_ids, clicked_at=context.clicked_at
        )
    return Delivery(
        delivery_id=delivery_id(event.event_id, event.container_id, send.tag),
        container_id=event.container_id,
        container_version=version,
        tag=send.tag,
        type=send.type,
        settings=send.settings,
        needs_consent=send.needs_consent,
        event=replace(send.event or event, withheld=[]),
        person=seal.seal(shown_person(person, send.hidden)),
    )
