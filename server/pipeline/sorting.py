"""One journal record becomes rows and deliveries: decoded, told apart from what came before,
enriched, routed."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from server.containers.decide import Plan
from server.containers.model import Container
from server.dialects import DIALECTS
from server.dialects.contract import refuse
from server.enrich import Context, Places, Subject, enrich, keeps_ads
from server.envelope import unseal
from server.journal import MAX_RECORD_BYTES, Record
from server.model import (
    CONTEXT_HEADERS,
    MAX_REJECT_BYTES,
    Event,
    EventContext,
    Hit,
    Position,
    Reason,
    Reject,
)
from server.person.sealing import Seal
from server.pipeline.landings import carry
from server.pipeline.previewing import Plans, marked, memory_of, to_route, try_draft
from server.pipeline.recent import RecentIds
from server.pipeline.remembered import Clicked, Remembered
from server.pipeline.routing import HitSeal, Owed, Visit, route, withdrawals
from server.pipeline.spools import STORE
from server.pipeline.state import Withdrawal
from server.publication import Trace
from server.store.rows import encode_row

Row = Event | EventContext | Reject | Owed | Trace

log = logging.getLogger(__name__)


class Desk(Struct, frozen=True, kw_only=True):
    """What sorting needs beside the record."""

    plans: Plans
    places: Places
    seal: Seal
    recent: RecentIds
    remembered: Remembered
    clicked: Clicked
    counts: Counter[str]
    withdrawals: dict[tuple[str, str, str], Withdrawal]
    """What visitors took back, the last one of each container, subject and purpose."""


class _Tally(Struct):
    """What decoding made of one hit."""

    decoded: int = 0
    duplicate: int = 0


def spooled(record: Record, desk: Desk, *, now: int) -> Iterator[tuple[str, bytes]]:
    """What one record adds to which spool; a row too long for it is told as a reject, and nothing
    else of its event is kept."""
    too_long = None
    desk.counts["sorted"] += 1
    for row in sort_record(record, desk, now=now):
        if isinstance(row, Owed):
            if row.event_id != too_long:
                desk.counts[f"{row.spool}.routed"] += 1
                yield row.spool, row.payload
            continue
        line = encode_row(row)
        if len(line) <= MAX_RECORD_BYTES:
            if isinstance(row, EventContext | Trace):
                desk.counts["contexts"] += 1
            yield STORE, line
        elif isinstance(row, Event):
            too_long = row.event_id
            yield STORE, encode_row(_count(_too_long(row, len(line)), desk))
        elif isinstance(row, Reject):  # counted already
            yield STORE, encode_row(_too_long(row, len(line)))


def sort_record(record: Record, desk: Desk, *, now: int) -> list[Row]:
    """The rows and deliveries of one record, an event before its own; whatever is in the record,
    each part becomes a row or a counted resend."""
    position = Position(src=record.src, off=record.off)
    try:
        hit = unseal(record.payload)
    except (msgspec.DecodeError, RecursionError) as error:
        desk.counts["decoded"] += 1
        return [_count(_bad_record(record, str(error), now), desk)]
    tally = _Tally()
    rows: list[Row]
    try:
        rows = list(_sort_hit(hit, position, desk, tally))
    except Exception as error:  # a bug of ours must cost this hit only, and be seen
        log.exception("hit %d of segment %d could not be sorted", position.off, position.src)
        rows, tally = [refuse(hit, position, Reason.UNEXPECTED, repr(error))], _Tally(decoded=1)
    desk.counts["decoded"] += tally.decoded
    if tally.duplicate:
        desk.counts["duplicate"] += tally.duplicate
    for row in rows:
        if isinstance(row, Reject):
            _count(row, desk)
    return rows


def _sort_hit(hit: Hit, position: Position, desk: Desk, tally: _Tally) -> Iterator[Row]:
    plan = desk.plans.of(hit)
    decode = DIALECTS.get(hit.dialect)
    if plan is None or decode is None:
        reason = Reason.UNKNOWN_CONTAINER if plan is None else Reason.UNKNOWN_DIALECT
        name = hit.container_id if plan is None else hit.dialect
        detail = f"{name!r} is not known to this pipeline"
        tally.decoded += 1
        yield refuse(hit, position, reason, detail)
        return
    context = Context(container=plan.container, places=desk.places)
    seal = HitSeal(desk.seal)
    for decoded in decode(hit, position):
        tally.decoded += 1
        if isinstance(decoded, Reject):
            yield decoded
            continue
        event, person = decoded
        if not desk.recent.add(hit.container_id, event.event_id, event.received_at):
            tally.duplicate += 1
            continue
        enriched = enrich(Subject(event=event, person=person, hit=hit), context)
        if isinstance(enriched, Reject):
            yield enriched
            continue
        yield from _rows(enriched, plan, desk, seal)


def _rows(subject: Subject, plan: Plan, desk: Desk, seal: HitSeal) -> Iterator[Row]:
    event, version = subject.event, plan.container.version
    if event.container_version != version:
        event = replace(event, container_version=version)
    for taken_back in withdrawals(event, plan, subject.hit.withdrawer):
        key = (taken_back.container_id, taken_back.subject, taken_back.purpose)
        known = desk.withdrawals.get(key)
        if known is None or known.at < taken_back.at:
            desk.withdrawals[key] = taken_back
    memory = memory_of(event.container_id, subject.hit)
    subject = carry(subject, plan.container, memory, desk.clicked)
    visit = Visit(headers=subject.hit.headers, recall=desk.remembered.of(memory))
    if subject.hit.preview:
        event = marked(event)
        tried = try_draft(subject, event, plan, visit, desk.plans)
        yield tried.trace
        routed = route(to_route(event, subject.hit), subject.person, plan, seal, visit)
        routed = replace(routed, event=marked(routed.event), remembered=tried.remembered)
    else:
        routed = route(event, subject.person, plan, seal, visit)
    if routed.remembered:
        desk.remembered.note(memory, routed.remembered)
    yield routed.event
    context = context_of(event, subject, plan.container)
    if context is not None:
        yield context
    yield from routed.owed


def context_of(event: Event, subject: Subject, container: Container) -> EventContext | None:
    """What is kept thirty days beside the event: only with the visitor's consent to advertising,
    or on a site that asks for none."""
    person, hit = subject.person, subject.hit
    if not keeps_ads(event, container) or not (person.click_ids or person.cookies):
        return None
    return EventContext(
        event_id=event.event_id,
        src=event.src,
        off=event.off,
        idx=event.idx,
        container_id=event.container_id,
        visitor_id=event.visitor_id,
        received_at=event.received_at,
        click_ids=person.click_ids,
        cookies=person.cookies,
        clicked_at=person.clicked_at,
        headers={name: text for name, text in hit.headers.items() if name in CONTEXT_HEADERS},
    )


def _count(reject: Reject, desk: Desk) -> Reject:
    desk.counts["rejected"] += 1
    desk.counts[f"rejected.{reject.reason}"] += 1
    return reject


def _too_long(row: Event | Reject, size: int) -> Reject:
    return Reject(
        src=row.src,
        off=row.off,
        idx=row.idx,
        container_id=row.container_id,
        received_at=row.received_at,
        reason=Reason.TOO_LONG,
        detail=f"the row has {size} bytes, at most {MAX_RECORD_BYTES}",
    )


def _bad_record(record: Record, detail: str, now: int) -> Reject:
    return Reject(
        src=record.src,
        off=record.off,
        idx=0,
        received_at=now,
        reason=Reason.BAD_RECORD,
        detail=detail[:500],
        body=record.payload[:MAX_REJECT_BYTES].decode(errors="backslashreplace"),
    )
