"""An event that somebody wrote down to try a container with it: a few words of it are enough.

{"name": "purchase", "value": 59.9, "consent": {"ad_storage": "granted"},
 "cookies": {"_ga": "…"}, "headers": {"dnt": "1"}, "person": {"email": "jo@example.com"}}
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from server.containers.explain import Fault, faults, hint, shown
from server.containers.lookup import number_of
from server.containers.scope import Beside
from server.dialects.values import ANSWERS, PURPOSES, consented
from server.errors import FreeholdError
from server.model import VENDOR, Event, Person
from server.studio.rehearse import Sample

T = TypeVar("T")
BESIDE = ("cookies", "headers", "person")


class BadEvent(FreeholdError):
    """It is none; the text says what was expected."""


def read_event(text: bytes, container_id: str, *, now: int) -> Sample:
    """The event of a JSON text, with the fields of a row of `freehold.events`; raises BadEvent."""
    try:
        given = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadEvent(f"the event: {error}") from error
    beside = {name: given.pop(name, {}) for name in BESIDE}
    known = Event.__struct_fields__
    _refuse(
        f"an event has no {shown(name)}{hint(name, (*known, *BESIDE))}"
        for name in given
        if name not in known
    )
    _refuse(_consent_problems(given.get("consent", {})))
    event = _event(_whole(given, container_id, now))
    person = _as(beside["person"], Person, "person")
    texts = {name: _as(beside[name], dict[str, str], name) for name in ("cookies", "headers")}
    cookies = {**texts["cookies"], **person.cookies}
    return Sample(
        event=event,
        person=replace(person, cookies=cookies),
        beside=Beside(cookies=cookies, headers=texts["headers"]),
    )


def _consent_problems(given: Any) -> Iterator[str]:
    """What a page could not have said either."""
    if not isinstance(given, dict):
        yield f'consent: expected purposes, such as {{"{PURPOSES[0]}": "granted"}}'
        return
    for name, answer in given.items():
        if answer not in ANSWERS:
            told = msgspec.json.encode(answer).decode()
            yield f"consent.{shown(name)}: {shown(told)} is not one of {', '.join(ANSWERS)}"
        elif not consented({name: answer}):
            known = f"; there are {', '.join(PURPOSES)}, and vendors, such as {VENDOR}755"
            yield f"consent.{shown(name)}: no such purpose{hint(name, PURPOSES) or known}"


def _event(tree: dict[str, Any]) -> Event:
    """A row may have numbers that are written as text."""
    try:
        return msgspec.convert(tree, Event, strict=False)
    except msgspec.ValidationError as error:
        _refuse(faults(tree, Event))
        raise BadEvent(f"the event: {error}") from error


def _as(tree: Any, kind: type[T], name: str) -> T:
    """What stands beside the event, as its type."""
    _refuse(fault.under(name) for fault in faults(tree, kind))
    return msgspec.convert(tree, kind)


def _refuse(found: Iterable[Fault | str]) -> None:
    """Each place where something else was expected; nothing, if there is none."""
    told = "; ".join(map(str, found))
    if told:
        raise BadEvent(told)


def _whole(given: dict[str, Any], container_id: str, now: int) -> dict[str, Any]:
    """With what every event has."""
    known = {
        "event_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{container_id}/try")),
        "src": 0,
        "off": 0,
        "idx": 0,
        "occurred_at": now,
        "received_at": now,
    }
    whole = {**known, **given, "container_id": container_id}
    value = number_of(whole.get("value"))
    if value is not None:
        whole["value"] = f"{value:.4f}"
    return whole
