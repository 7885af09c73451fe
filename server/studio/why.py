"""Why a partner got an event, or did not: its row, its attempts and the container, in words.

Pure: what ClickHouse and the node's own state know comes as arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from server.containers.decide import Plan, Verdict, explain
from server.delivery import Attempt
from server.model import Event

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


class Held(Struct, frozen=True, kw_only=True):
    """A tag of this node that sends nothing now."""

    tag: str
    reason: str
    detail: str
    since: int


class Known(Struct, frozen=True, kw_only=True):
    """Everything that is known of one event."""

    event: Event
    attempts: Sequence[Attempt] = ()
    pending: Sequence[Pending] = ()
    held: Sequence[Held] = ()


def why(known: Known, plan: Plan | None) -> Iterator[str]:
    """Lines to read from top to bottom; `plan` is the event's container as it is now."""
    yield from _event_lines(known.event)
    verdicts = {} if plan is None else {v.tag: v for v in explain(known.event, plan)}
    told = [withheld.tag for withheld in known.event.withheld]
    told += [attempt.tag for attempt in known.attempts] + [one.tag for one in known.pending]
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
    for one in pending:
        tries = f"after {one.attempts} attempts " if one.attempts else ""
        yield f"owed: tried again {tries}at {clock(one.due_at)}"
    if not withheld and not attempts and not pending:
        yield from _verdict_lines(verdict)
    if pending or (verdict is not None and verdict.outcome == "send" and not attempts):
        for held in known.held:
            if held.tag == tag:
                yield f"the tag waits since {clock(held.since)}: {held.reason}, {held.detail}"


def _verdict_lines(verdict: Verdict | None) -> Iterator[str]:
    if verdict is None:
        return
    if verdict.outcome == "not_fired":
        yield "not fired, as the container is now:"
        yield from (f"  {word}" for word in verdict.words)
    elif verdict.outcome == "send":
        yield "no attempt is in `freehold.deliveries`: it is on its way, or waits in its spool;"
        yield "or the tag came to the container after the event"
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
    purposes = rest.replace(",", " and ")
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
