"""One journal record becomes rows: decoded, enriched, and told apart from what came before."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from server.containers.model import Container, CookieMode
from server.dialects import DIALECTS
from server.dialects.contract import refuse
from server.enrich import Context, Places, Subject, enrich
from server.envelope import unseal
from server.journal import MAX_RECORD_BYTES, Record
from server.model import (
    MAX_REJECT_BYTES,
    Event,
    EventContext,
    Hit,
    Position,
    Reason,
    Reject,
)
from server.pipeline.recent import RecentIds
from server.store.rows import encode_row

Row = Event | EventContext | Reject

KEPT_HEADERS = frozenset({"accept-language", "sec-gpc", "dnt"})

log = logging.getLogger(__name__)


class Desk(Struct, frozen=True, kw_only=True):
    """What sorting needs beside the record."""

    containers: Mapping[str, Container]
    places: Places
    recent: RecentIds
    counts: Counter[str]


def encoded_rows(record: Record, desk: Desk, *, now: int) -> Iterator[bytes]:
    """The rows of one record as the spool takes them; one too long for it is told as a reject."""
    for row in sort_record(record, desk, now=now):
        line = encode_row(row)
        if len(line) <= MAX_RECORD_BYTES:
            yield line
        elif not isinstance(row, EventContext):
            yield encode_row(_count(_too_long(row, len(line)), desk))


def sort_record(record: Record, desk: Desk, *, now: int) -> Iterator[Row]:
    """The rows of one record; whatever is in it, each part becomes a row or a counted resend."""
    position = Position(src=record.src, off=record.off)
    try:
        hit = unseal(record.payload)
    except (msgspec.DecodeError, RecursionError) as error:
        yield _count(_bad_record(record, str(error), now), desk)
        return
    try:
        rows = list(_sort_hit(hit, position, desk))
    except Exception as error:  # a bug of ours must cost this hit only, and be seen
        log.exception("hit %s could not be sorted", hit.hit_id)
        yield _count(refuse(hit, position, Reason.UNEXPECTED, repr(error)), desk)
        return
    yield from rows


def _sort_hit(hit: Hit, position: Position, desk: Desk) -> Iterator[Row]:
    container = desk.containers.get(hit.container_id)
    decode = DIALECTS.get(hit.dialect)
    if container is None or decode is None:
        reason = Reason.UNKNOWN_CONTAINER if container is None else Reason.UNKNOWN_DIALECT
        name = hit.container_id if container is None else hit.dialect
        detail = f"{name!r} is not known to this pipeline"
        yield _count(refuse(hit, position, reason, detail), desk)
        return
    context = Context(container=container, places=desk.places)
    for decoded in decode(hit, position):
        if isinstance(decoded, Reject):
            yield _count(decoded, desk)
            continue
        event, person = decoded
        if not desk.recent.add(hit.container_id, event.event_id, event.received_at):
            desk.counts["duplicate"] += 1
            continue
        enriched = enrich(Subject(event=event, person=person, hit=hit), context)
        if isinstance(enriched, Reject):
            yield _count(enriched, desk)
            continue
        yield from _rows(enriched, container, desk)


def _rows(subject: Subject, container: Container, desk: Desk) -> Iterator[Row]:
    event = msgspec.structs.replace(subject.event, container_version=container.version)
    desk.counts["decoded"] += 1
    yield event
    context = context_of(event, subject, container)
    if context is not None:
        yield context


def context_of(event: Event, subject: Subject, container: Container) -> EventContext | None:
    """What is kept thirty days beside the event: only with the visitor's consent to advertising,
    or on a site that asks for none."""
    person, hit = subject.person, subject.hit
    allowed = (
        event.consent.get("ad_storage") == "granted" or container.cookie.mode is CookieMode.ALWAYS
    )
    if not allowed or not (person.click_ids or person.cookies):
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
        headers={name: text for name, text in hit.headers.items() if name in KEPT_HEADERS},
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
        hit_id=row.hit_id,
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
