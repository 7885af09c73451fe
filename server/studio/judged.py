"""What one container makes of each stored event: the very engine of live traffic, with a note of
what it looked at that is not held any more.

    decide ──nothing missing looked at──▶ known
       └────something missing──▶ each tag alone: which of them looked, and for what
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from server.containers.decide import Decision, Plan, Send, decide, explain
from server.containers.plan import only_tag
from server.destinations.contract import Destination
from server.model import Event
from server.publication import TagTrace
from server.studio.compared import differing
from server.studio.fields import fields_of
from server.studio.held import Held, persons, whole_person
from server.studio.recollection import Recollection
from server.studio.rehearse import Sample, asked

WHOLE = "(the request)"
"""Stands for all fields, where it is not known which ones are meant."""
Unknown = frozenset[str]
"""Why something is not known; empty: it is."""
KNOWN: Unknown = frozenset()


class Judged(Struct, frozen=True, kw_only=True):
    """What a tag is owed of an event; a tag that is not concerned has none."""

    tag: str
    reason: str = ""
    """Why it is withheld."""
    send: Send | None = None
    unknown: Unknown = KNOWN
    """Why the decision is not known."""
    blurred: Unknown = KNOWN
    """Why its settings are not known."""


class Asked(Struct, frozen=True, kw_only=True):
    """The request that a partner would get, and why some of its fields are not known."""

    trace: TagTrace
    blurred: Mapping[str, str]


class Side:
    """A container that events run through, with its own memory."""

    def __init__(
        self,
        plan: Plan,
        memory: Recollection,
        destinations: Mapping[str, Destination],
    ) -> None:
        self.plan = plan
        self._memory = memory
        self._destinations = destinations
        self._alone = {tag.name: only_tag(plan, tag.name) for tag in plan.tags}
        self._reasons: dict[tuple[str, str], str] = {}

    def judge(self, event: Event, held: Held, doubt: str = "") -> dict[str, Judged]:
        """By tag, for those that the event concerns or may concern; events come in their order.
        `doubt` is why the event's consent is not known, as this container would have it."""
        self._memory.begin(event)
        held.drain()
        decision = decide(event, self.plan, held.beside, self._memory.recall)
        is_known = not held.drain() and not self._memory.doubts
        found = _told(decision) if is_known else self._each(event, held)
        if doubt:
            found = {tag: self._doubted(one, doubt) for tag, one in found.items()}
        reasons = [reason for one in found.values() for reason in one.unknown]
        self._memory.note(decision.remembered)
        if reasons and self.plan.remembers:
            self._memory.doubt(reasons)
        return found

    def ask(self, one: Judged, event: Event, held: Held) -> Asked:
        """The request of a tag that is sent the event."""
        assert one.send is not None
        sample = Sample(event=event, person=held.person)
        held.drain()
        trace = self._trace(one.send, sample)
        reasons = held.drain() | one.blurred
        if not reasons and not one.send.needs_person:
            return Asked(trace=trace, blurred={})
        held.stand_in(is_on=True)
        try:
            return Asked(trace=trace, blurred=self._blurred(one, trace, (event, held), reasons))
        finally:
            held.stand_in(is_on=False)
            held.drain()

    def _doubted(self, one: Judged, doubt: str) -> Judged:
        """What came to consent or got past it is not known."""
        [tag] = self._alone[one.tag].tags
        is_asked = one.send is not None or one.reason.startswith(("consent:", "limit:"))
        if not tag.needs_consent or not is_asked:
            return one
        return replace(one, unknown=one.unknown | {doubt})

    def _each(self, event: Event, held: Held) -> dict[str, Judged]:
        """Each tag alone: whatever it looked at is its own."""
        found = {}
        for tag in self.plan.tags:
            plan = self._alone[tag.name]
            self._memory.begin(event)
            held.drain()
            [verdict] = explain(event, plan, held.beside, self._memory.recall)
            unknown = frozenset(held.drain() | self._memory.doubts) if tag.is_here else KNOWN
            send = None
            if verdict.outcome == "send":
                [send] = decide(event, plan, held.beside, self._memory.recall).sends
            blurred = frozenset(held.drain()) - unknown
            if unknown or verdict.outcome != "not_fired":
                found[tag.name] = Judged(
                    tag=tag.name, reason=verdict.reason, send=send, unknown=unknown, blurred=blurred
                )
        return found

    def _blurred(
        self, one: Judged, trace: TagTrace, of: tuple[Event, Held], reasons: set[str]
    ) -> dict[str, str]:
        """The fields that are other ones when what is missing is there, each with what it is."""
        event, held = of
        send = one.send
        assert send is not None
        if one.blurred:
            again = decide(event, self._alone[one.tag], held.beside, self._memory.recall).sends
            send = again[0] if again else send
        known = held.person
        other = self._trace(send, Sample(event=event, person=whole_person(known)))
        names = differing(fields_of(trace), fields_of(other)) if other != trace else []
        if not names and reasons:
            return {WHOLE: "; ".join(sorted(reasons))}
        if any((one.tag, field) not in self._reasons for field in names):
            self._find_reasons(one.tag, send, Sample(event=event, person=known))
            for field in names:
                self._reasons.setdefault((one.tag, field), "")
        told = "; ".join(sorted(reasons))
        return {
            field: self._reasons.get((one.tag, field)) or told or "what is personal"
            for field in names
        }

    def _find_reasons(self, tag: str, send: Send, sample: Sample) -> None:
        """Which part of what is personal each field is made of; once for each field."""
        fields = fields_of(self._trace(send, sample))
        for what, person in persons(sample.person):
            trace = self._trace(send, replace(sample, person=person))
            for field in differing(fields, fields_of(trace)):
                self._reasons.setdefault((tag, field), what)

    def _trace(self, send: Send, sample: Sample) -> TagTrace:
        trace = TagTrace(tag=send.tag, type=send.type, outcome="send")
        return asked(trace, send, sample, self._destinations.get(send.type))


def _told(decision: Decision) -> dict[str, Judged]:
    sent = {send.tag: Judged(tag=send.tag, send=send) for send in decision.sends}
    held = {one.tag: Judged(tag=one.tag, reason=one.reason) for one in decision.withheld}
    return sent | held
