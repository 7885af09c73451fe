"""An event that somebody wrote down to try a container with it: a few words of it are enough.

{"name": "purchase", "value": 59.9, "consent": {"ad_storage": "granted"},
 "cookies": {"_ga": "…"}, "headers": {"dnt": "1"}, "person": {"email": "jo@example.com"}}
"""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from msgspec.structs import replace

from server.containers.lookup import number_of
from server.containers.scope import Beside
from server.errors import FreeholdError
from server.model import Event, Person
from server.studio.rehearse import Sample

BESIDE = ("cookies", "headers", "person")


class BadEvent(FreeholdError):
    """It is none; the text says what was expected."""


def read_event(text: bytes, container_id: str, *, now: int) -> Sample:
    """The event of a JSON text, with the fields of a row of `freehold.events`; raises BadEvent."""
    try:
        given = msgspec.json.decode(text, type=dict[str, Any])
        beside = {name: given.pop(name, {}) for name in BESIDE}
        unknown = given.keys() - set(Event.__struct_fields__)
        if unknown:
            raise BadEvent(f"an event has no {', '.join(sorted(unknown))}")
        event = msgspec.convert(_whole(given, container_id, now), Event, strict=False)
        person = msgspec.convert(beside["person"], Person)
        texts = {
            name: msgspec.convert(beside[name], dict[str, str]) for name in ("cookies", "headers")
        }
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadEvent(f"the event: {error}") from error
    cookies = {**texts["cookies"], **person.cookies}
    return Sample(
        event=event,
        person=replace(person, cookies=cookies),
        beside=Beside(cookies=cookies, headers=texts["headers"]),
    )


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
