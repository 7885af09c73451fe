"""Hits of a preview: they run through the draft, send nothing unless they were asked to, and leave
a trace.

The event is a row like any other, marked, so that the views leave it out. A draft has no version:
the event's container_version is 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from server.containers.memory import Cell
from server.containers.plan import Plan
from server.containers.scope import Beside
from server.destinations.contract import Destination
from server.enrich import Subject
from server.model import Event, Hit
from server.pipeline.routing import Visit
from server.publication import Trace
from server.studio.in_page import page_traces
from server.studio.rehearse import Sample, rehearse

NO_DRAFT = "00000000-0000-0000-0000-000000000000"


class DraftPlan(Struct, frozen=True, kw_only=True):
    """A draft, ready to route, and which one it is."""

    draft_id: str
    plan: Plan


class Tried(Struct, frozen=True, kw_only=True):
    """What came of trying a draft."""

    trace: Trace
    remembered: dict[str, Cell]


class Plans(Struct, frozen=True, kw_only=True):
    """Each container, ready to route, and what is needed to try the drafts."""

    live: Mapping[str, Plan]
    drafts: Mapping[str, DraftPlan] = field(default_factory=dict)
    destinations: Mapping[str, Destination] = field(default_factory=dict)
    runs_page_tags: bool = True
    """Whether the operator lets containers run code in pages."""

    def of(self, hit: Hit) -> Plan | None:
        """The plan that decides a hit: the draft's in a preview, unless the draft was ended
        meanwhile; else the live one."""
        live = self.live.get(hit.container_id)
        draft = self.drafts.get(hit.container_id) if hit.preview else None
        return live if draft is None or live is None else draft.plan


def marked(event: Event) -> Event:
    """The event as one of a preview."""
    return replace(event, is_preview=True)


def to_route(event: Event, hit: Hit) -> Event:
    """The event as tags see it: as a real one, when the preview was asked to send."""
    return replace(event, is_preview=False) if hit.preview == "send" else event


def memory_of(container_id: str, hit: Hit) -> str:
    """Under whose name limits and groups are remembered: previews count for themselves alone."""
    return f"{container_id}/preview" if hit.preview else container_id


def try_draft(subject: Subject, event: Event, plan: Plan, visit: Visit, plans: Plans) -> Tried:
    """What a plan makes of an event, and what its partners would be asked."""
    hit, draft = subject.hit, plans.drafts.get(event.container_id)
    is_draft = draft is not None and draft.plan is plan
    beside = Beside(cookies=subject.person.cookies, headers=visit.headers)
    real = Sample(event=event, person=subject.person, beside=beside, recall=visit.recall)
    rehearsal = rehearse(real, plan, plans.destinations)
    trace = Trace(
        src=event.src,
        off=event.off,
        idx=event.idx,
        container_id=event.container_id,
        event_id=event.event_id,
        received_at=event.received_at,
        draft_id=draft.draft_id if draft is not None and is_draft else NO_DRAFT,
        is_sent=hit.preview == "send",
        event_name=event.name,
        url=event.url,
        tags=[*rehearsal.tags, *page_traces(event, plan, may_run=plans.runs_page_tags)],
    )
    return Tried(trace=trace, remembered=rehearsal.remembered)
