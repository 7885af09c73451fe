"""Why a partner got an event, or did not: its row, its attempts and the container, in words.

Pure: what ClickHouse and the node's own state know comes as arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from server.containers.decide import Plan, Verdict, explain
from server.delivery import Attempt
from server.model import VENDOR, Event
from server.studio.in_page import in_page

IN_PAGE = "In the page, as the container is now; whether it ran, the page alone knows:"
OUTCOMES = {
    "delivered": "delivered",
    "retry": "failed, and is tried again",
    "refused": "refused: a dead letter",
    "withheld": "withheld when it was to be sent",
    "expired": "given up: too old for the partner",
    "paused": "not sent: the tag waits until its secret is right",
}


class Pending(Struct, frozen=True, kw_only=True):
    """A delivery that this node still owes."""

    tag: str
    attempts: int
    due_at: int
    """0: it waits in its spool, for its turn."""


class Held(Struct, frozen=True, kw_only=True):
    """A tag of this node that sends nothing now."""

    tag: str
    reason: str
    detail: str
    since: int


class Grave(Struct, frozen=True, kw_only=True):
    """A dead letter of this node; it may be sent again before `until`, if that is not over."""

    tag: str
    died_at: int
    reason: str
    until: int


class Known(Struct, frozen=True, kw_only=True):
    """Everything that is known of one event."""

    event: Event
    now: int = 0
    """ms UTC: what is over by now."""
    place: str = ""
    """Where it is, if not in ClickHouse yet; or why that cannot be asked."""
    attempts: Sequence[Attempt] = ()
    pending: Sequence[Pending] = ()
    held: Sequence[Held] = ()
    dead: Sequence[Grave] = ()


def why(known: Known, plan: Plan | None, *, runs_page_tags: bool = True) -> Iterator[str]:
    """Lines to read from top to bottom; `plan` is the event's container as it is now."""
    yield from _event_lines(known.event)
    if known.place:
        yield f"  {known.place}"
    verdicts = {} if plan is None else {v.tag: v for v in explain(known.event, plan)}
    told = [withheld.tag for withheld in known.event.withheld]
    for parts in (known.attempts, known.pending, known.dead):
        told += [one.tag for one in parts]
    if plan is None:
        yield f"The container {known.event.container_id} is not here any more."
    for tag in dict.fromkeys((*verdicts, *told)):
        yield ""
        kind = f" ({verdicts[tag].type})" if tag in verdicts else ""
        yield f"Tag {tag}{kind}"
        for line in _tag_lines(tag, known, verdicts.get(tag)):
            yield f"  {line}"
    if not verdicts and not told:
        yield "It has no tags: nothing is sent to anyone."
    if plan is not None and plan.container.page_tags:
        yield from ("", IN_PAGE)
        lines = in_page(known.event, plan, may_run=runs_page_tags)
        yield from (f"  {line}" for line in lines)


def clock(at: int) -> str:
    """A time in ms as people read it, UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _event_lines(event: Event) -> Iterator[str]:
    yield f"Event {event.event_id}: {event.name}, {clock(event.occurred_at)}"
    version = f" version {event.container_version}" if event.container_version else ""
    yield f"  container {event.container_id}{version}, {event.url or 'no address'}"
    if event.value is not None:
        yield f"  value {float(event.value):g} {event.currency}".rstrip()
    said = ", ".join(f"{purpose} {answer}" for purpose, answer in sorted(event.consent.items()))
    source = f" (by {event.consent_source})" if event.consent_source else ""
    yield f"  consent{source}: {said or 'nothing was said'}"


def _tag_lines(tag: str, known: Known, verdict: Verdict | None) -> Iterator[str]:
    withheld = [one.reason for one in known.event.withheld if one.tag == tag]
    attempts = [attempt for attempt in known.attempts if attempt.tag == tag]
    pending = [one for one in known.pending if one.tag == tag]
    for reason in withheld:
        yield f"withheld: {in_words(reason)}"
    for attempt in attempts:
        yield _attempt_line(attempt)
        yield from _sent_lines(attempt)
    yield from _owed_lines(pending)
    dead = [one for one in known.dead if one.tag == tag]
    for grave in dead:
        yield from _dead_lines(grave, known)
    if not withheld and not attempts and not pending and not dead:
        yield from _verdict_lines(verdict)
    if pending or (verdict is not None and verdict.outcome == "send" and not attempts):
        for held in known.held:
            if held.tag == tag:
                yield from _held_lines(held, known.event.container_id)


def _owed_lines(pending: Sequence[Pending]) -> Iterator[str]:
    for one in pending:
        tries = f"after {one.attempts} attempts " if one.attempts else ""
        if one.due_at:
            yield f"owed: tried again {tries}at {clock(one.due_at)}, or as soon as it may be"
        else:
            yield "owed: waits for its turn, not tried yet"


def _dead_lines(grave: Grave, known: Known) -> Iterator[str]:
    yield f"a dead letter since {clock(grave.died_at)}: {in_words(grave.reason)}"
    if grave.until < known.now:
        yield "  too old for the partner: it cannot be sent any more"
        return
    name = f"{known.event.container_id}/{grave.tag}"
    yield f"  until {clock(grave.until)} it can be sent again, once what was wrong is put right:"
    yield f"  freehold deliveries replay --tag {name} --event {known.event.event_id}"


def _held_lines(held: Held, container_id: str) -> Iterator[str]:
    if held.reason == "paused":
        yield f"the tag is paused since {clock(held.since)}, {held.detail}; it goes on after"
        yield f"  freehold deliveries resume {container_id}/{held.tag}"
    else:
        yield f"the tag waits since {clock(held.since)}: {held.reason}, {held.detail}"


def _verdict_lines(verdict: Verdict | None) -> Iterator[str]:
    if verdict is None:
        return
    if verdict.outcome == "not_fired":
        yield "not fired, as the container is now:"
        yield from (f"  {word}" for word in verdict.words)
    elif verdict.outcome == "send":
        yield "as the container is now, it would be sent; this node owes nothing of it, and no"
        yield "attempt is in `freehold.deliveries`: another node has it, or the tag came after it"
    else:
        yield f"as the container is now, it would be withheld: {in_words(verdict.reason)}"


def _attempt_line(attempt: Attempt) -> str:
    words = [f"{clock(attempt.attempted_at)}: {OUTCOMES.get(attempt.outcome, attempt.outcome)}"]
    if attempt.attempt:
        answer = f"HTTP {attempt.status}" if attempt.status else "no answer"
        words.append(f"attempt {attempt.attempt}, {answer} after {attempt.duration_ms} ms")
    if attempt.code:
        words.append(f"the partner's code {attempt.code}")
    if attempt.reason:
        words.append(in_words(attempt.reason))
    if attempt.detail:
        words.append(attempt.detail)
    if attempt.next_at:
        words.append(f"again at {clock(attempt.next_at)}")
    return "; ".join(words)


def _sent_lines(attempt: Attempt) -> Iterator[str]:
    """What the partner was told, by name; rows of an older Freehold do not say."""
    if not attempt.body_hash:
        return
    count = len(attempt.fields)
    yield f"  said in {attempt.bytes:,} bytes, {count} fields: {', '.join(attempt.fields)}"
    if attempt.match_keys:
        yield f"  to recognise the visitor by: {', '.join(attempt.match_keys)}"
    if attempt.consent:
        yield f"  with consent to {' and '.join(attempt.consent)}"


def in_words(reason: str) -> str:
    """A reason as a sentence; one that has none stays as it is."""
    kind, _, rest = reason.partition(":")
    purposes = rest.replace(",", " and ").replace(VENDOR, "TCF vendor ")
    known = {
        "consent": f"the visitor had not consented to {purposes}",
        "withdrawn": f"the visitor took back the consent to {purposes}",
        "bot": "it is a bot's, not a person's",
        "preview": "it was made in a preview",
        "paused": "the tag was paused",
        "schedule": "it was not the time that the tag's schedule says",
        "sample": "the visitor is not among those that the tag's sample draws",
        "limit": f"the tag's limit per {rest} was reached",
        "too_old": "it came, or waited, longer than the partner takes events",
        "secret_missing": "a secret of the tag is missing",
        "credentials": "the partner refuses our credentials",
        "bad_secret": "a secret of the tag is none that the destination takes",
        "private_address": "its address is not on the internet, nor allowed by the operator",
        "too_long": "with what the tag adds it is too long for its spool",
    }
    return known.get(kind, reason)
