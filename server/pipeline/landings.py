"""Clicks on ads stay with their visitor: what a landing tells is kept for later events, and they
carry it.

    ad_storage granted          kept, and carried; so on a site that asks for no consent
    denied, or taken back       what was kept is deleted
    not answered                neither

Bots and those whom we do not recognise leave nothing. A preview keeps for itself alone, as limits
do.
"""

from __future__ import annotations

from msgspec.structs import replace

from server.containers.model import Container
from server.enrich import Subject, keeps_ads
from server.model import NO_VISITOR
from server.person.kept_clicks import NOTHING_KEPT, kept_after, with_clicks
from server.pipeline.remembered import Clicked

PURPOSE = "ad_storage"


def carry(subject: Subject, container: Container, memory: str, clicked: Clicked) -> Subject:
    """The subject with the clicks of its visitor that still count; those that it brings are noted
    in `clicked`, where the visitor is known by `memory` and their id."""
    event, visitor_id = subject.event, subject.event.visitor_id
    if subject.hit.withdrawer:
        _forget(subject.hit.withdrawer, memory, clicked)
    if visitor_id == NO_VISITOR or event.bot:
        return subject
    if event.consent.get(PURPOSE) == "denied":
        _forget(visitor_id, memory, clicked)
        return subject
    if not keeps_ads(event, container):
        return subject
    known = clicked.of(memory)(visitor_id) or NOTHING_KEPT
    kept = kept_after(known, subject.person)
    if kept is not known:
        clicked.note(memory, {visitor_id: kept})
    person = with_clicks(subject.person, kept, event.occurred_at)
    return subject if person is subject.person else replace(subject, person=person)


def _forget(visitor_id: str, memory: str, clicked: Clicked) -> None:
    if clicked.of(memory)(visitor_id):
        clicked.note(memory, {visitor_id: NOTHING_KEPT})
