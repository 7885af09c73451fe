"""What a container makes of one event, without doing it: each tag's reasoning, and the request that
its partner would get.

The functions are those that decide and build for real traffic. Secrets are never looked up: where
one would stand, stands its name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import quote

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from server.containers.decide import Plan, Send, Verdict, decide, explain
from server.containers.memory import Cell, Recall, recall_nothing
from server.containers.scope import NOTHING, Beside
from server.containers.transform import shown_person
from server.containers.values import secrets_of
from server.credentials import REFERENCE
from server.delivery import Refused, Request
from server.destinations.contract import Destination, Sending
from server.model import Event, Person
from server.publication import TagTrace

MAX_BODY = 64 * 1024
MAX_BODIES = 128 * 1024
"""Characters that are kept of one request's body, and of all of an event's."""
_SIGNED = re.compile(r"signature|^authorization$", re.I)
UNSIGNED = "(made with the secret when it is sent)"


class Sample(Struct, frozen=True, kw_only=True):
    """An event, and what is known beside it."""

    event: Event
    person: Person
    beside: Beside = NOTHING
    recall: Recall = recall_nothing


class Rehearsal(Struct, frozen=True, kw_only=True):
    """What each tag of the container made of it, and what is to be remembered of it."""

    tags: list[TagTrace]
    remembered: dict[str, Cell]


def rehearse(sample: Sample, plan: Plan, destinations: Mapping[str, Destination]) -> Rehearsal:
    """One trace for each tag, in the plan's order. That the event is of a preview does not count:
    it is told what would become of it otherwise."""
    event = replace(sample.event, is_preview=False)
    decision = decide(event, plan, sample.beside, sample.recall)
    sends = {send.tag: send for send in decision.sends}
    left = MAX_BODIES
    traces = []
    for verdict in explain(event, plan, sample.beside, sample.recall):
        send = sends.get(verdict.tag)
        trace = _trace(verdict)
        if send is not None:
            trace = asked(trace, send, replace(sample, event=event), destinations.get(send.type))
        trace = replace(trace, body=_cut(trace.body, min(MAX_BODY, left)))
        left -= len(trace.body)
        traces.append(trace)
    return Rehearsal(tags=traces, remembered=decision.remembered)


def _trace(verdict: Verdict) -> TagTrace:
    return TagTrace(
        tag=verdict.tag,
        type=verdict.type,
        outcome=verdict.outcome,
        reason=verdict.reason,
        words=list(verdict.words),
    )


def asked(trace: TagTrace, send: Send, sample: Sample, destination: Destination | None) -> TagTrace:
    """The trace of what is sent, with the request, or with why there would be none."""
    if destination is None:
        return _refused(trace, "unknown_destination", f"no destination {send.type!r} here")
    try:
        config = msgspec.convert(send.settings, destination.config, strict=False)
        event = send.event or sample.event
        person = shown_person(sample.person, send.hidden)
        sending = Sending(event=event, person=person, config=config, sent_at=event.received_at)
        message = destination.message(sending)
        if isinstance(message, Refused):
            return _refused(trace, message.reason, message.detail)
        request = destination.wrap([sending], [message])
    except msgspec.ValidationError as error:
        return _refused(trace, "bad_settings", f"with: {error}")
    except Exception as error:  # a bug of a destination is shown to whoever looks
        return _refused(trace, "unexpected", repr(error))
    return _with(trace, request, secrets_of(send.settings))


def _refused(trace: TagTrace, reason: str, detail: str) -> TagTrace:
    words = [*trace.words, *([f"refused before it is sent: {detail}"] if detail else [])]
    return replace(trace, outcome="refused", reason=reason, words=words)


def _with(trace: TagTrace, request: Request, secrets: Collection[str]) -> TagTrace:
    """A signature made with a secret's name would look like one that counts."""
    url = request.url
    for name in secrets:
        url = url.replace(quote(REFERENCE + name, safe=""), REFERENCE + name)
    headers = {
        name: UNSIGNED if secrets and _SIGNED.search(name) and REFERENCE not in value else value
        for name, value in request.headers.items()
    }
    body = request.body.decode(errors="backslashreplace")
    return replace(trace, method=request.method, url=url, headers=headers, body=body)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters in all)"
