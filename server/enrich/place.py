"""Puts the country, region and city of the visitor's address; the address itself is not stored."""

from __future__ import annotations

from msgspec.structs import replace

from server.enrich.contract import Context, Subject


def put_place(subject: Subject, context: Context) -> Subject:
    """`country`, `region` and `city`; what the reader does not know leaves the event as it is."""
    place = context.places(subject.person.ip) if subject.person.ip else None
    if place is None or not place.country:
        return subject
    event = replace(subject.event, country=place.country, region=place.region, city=place.city)
    return replace(subject, event=event)
