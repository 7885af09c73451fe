"""Whose event it is, and what its profile is told."""

from __future__ import annotations

from typing import Any

from server.destinations.contract import (
    Sending,
    allows_user_data,
    stated,
    user_id,
    visitor_id,
)
from server.person import normalise


def user(sending: Sending) -> dict[str, Any]:
    """By what Braze knows the user, one of several; empty: by nothing."""
    event, config = sending.event, sending.config
    if user_id(event):
        return {"external_id": user_id(event)}
    if config.braze_id:
        return {"braze_id": config.braze_id}
    if config.alias_label and visitor_id(event):
        alias = {"alias_name": visitor_id(event), "alias_label": config.alias_label}
        return {"user_alias": alias}
    email = normalise.email(sending.person.email) if allows_user_data(sending) else ""
    return stated({"email": email})


def attributes(sending: Sending) -> dict[str, Any]:
    """What is said of the user, as far as the tag and the visitor allow."""
    own = stated(sending.config.attributes)
    if not allows_user_data(sending):
        return own
    person = sending.person
    known = {
        "email": normalise.email(person.email),
        "phone": normalise.phone(person.phone, person.country),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "home_city": person.city,
        "country": normalise.country(person.country),
    }
    return {**stated(known), **own}
