"""LinkedIn Conversions API: conversions of one rule, 5,000 a request.

    config    what a container says          examples   what LinkedIn is sent, and would refuse
    judging   what an answer means

A tag is one conversion rule of the account: its triggers say which events are conversions. LinkedIn
knows a member by a hashed e-mail, by its own id of the click, or by an address of IPv4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Address
from typing import Any

from server.clock import DAY_MS
from server.delivery import Refused, Request
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    allows_user_data,
    by_settings,
    has,
    json_request,
    money,
    no_match_key,
    stated,
    with_params,
)
from server.destinations.linkedin.config import Config
from server.destinations.linkedin.examples import EXAMPLES, REFUSALS
from server.destinations.linkedin.judging import ANSWERS, judge
from server.model import Person
from server.person import normalise
from server.person.clicks import click_cookies, click_id
from server.person.hashing import hashed

PATH = "/rest/conversionEvents"
MAX_EVENTS = 5000
CLICK, EMAIL = "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", "SHA256_EMAIL"
ADDRESS = "PLAINTEXT_IP_ADDRESS"


def message(sending: Sending) -> Message | Refused:
    """https://learn.microsoft.com/en-us/linkedin/marketing/conversions/conversions-overview"""
    event, config = sending.event, sending.config
    ids, info = _user_ids(sending), _user_info(sending)
    if not ids and not info:
        return no_match_key("LinkedIn", "click", "e-mail", "IPv4 address", "name")
    known = {"amount": money(event.value), "currencyCode": event.currency.upper()}
    value = with_params(known, config.params)
    if len(value) == 1:
        return Refused(
            "no_currency",
            "LinkedIn takes an amount with its currency: the container may name one; or "
            "`params: {amount: null, currencyCode: null}` leaves both out",
        )
    fields = {
        "conversion": f"urn:lla:llaPartnerConversion:{config.conversion_id}",
        "conversionHappenedAt": min(event.occurred_at, event.received_at),
        "conversionValue": {name: str(said) for name, said in value.items()},
        "eventId": event.shared_id,
    }
    # LinkedIn wants the list of ids even where a name alone says who it was.
    return {**stated(fields), "user": {"userIds": ids, **stated({"userInfo": info})}}


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Conversions in a list, be there one or many."""
    config: Config = sendings[0].config
    headers = {
        "authorization": f"Bearer {config.access_token}",
        "linkedin-version": config.api_version,
        "x-restli-method": "BATCH_CREATE",
        "x-restli-protocol-version": "2.0.0",
    }
    return json_request(config.endpoint + PATH, {"elements": messages}, headers)


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """That of the Insight Tag in the page: the click."""
    return click_cookies("li_fat_id")


def _user_ids(sending: Sending) -> list[dict[str, str]]:
    person = sending.person
    email = hashed(person.email, normalise.email) if allows_user_data(sending) else ""
    ids = {
        EMAIL: email,
        CLICK: click_id(person, "li_fat_id").value,
        ADDRESS: _ipv4(person) if sending.config.send_device else "",
    }
    return [{"idType": kind, "idValue": value} for kind, value in ids.items() if value]


def _user_info(sending: Sending) -> dict[str, str]:
    """First and last name, both of which LinkedIn wants, in clear."""
    person = sending.person
    if not (sending.config.send_name and allows_user_data(sending)):
        return {}
    if not (person.first_name.strip() and person.last_name.strip()):
        return {}
    fields = {
        "firstName": person.first_name.strip(),
        "lastName": person.last_name.strip(),
        "countryCode": normalise.country(person.country),
    }
    return stated(fields)


def _ipv4(person: Person) -> str:
    try:
        return str(IPv4Address(person.ip))
    except ValueError:
        return ""


def _has_id(kind: str) -> Callable[[Message], bool]:
    return lambda message: any(one["idType"] == kind for one in message["user"]["userIds"])


DESTINATION = Destination(
    name="linkedin",
    title="LinkedIn",
    about="Conversions to a rule of LinkedIn's ads, by its Conversions API.",
    docs="https://learn.microsoft.com/en-us/linkedin/marketing/conversions/conversions-overview",
    config=Config,
    message=message,
    group=by_settings("endpoint", "api_version", "access_token"),
    wrap=wrap,
    judge=judge,
    takes_any=True,
    match_keys={
        "click_id": _has_id(CLICK),
        "email": _has_id(EMAIL),
        "ip": _has_id(ADDRESS),
        "name": has("user.userInfo.lastName"),
    },
    dedup="`eventId`, with the Insight Tag in the page too",
    max_events=MAX_EVENTS,
    window_ms=90 * DAY_MS,
    consent=("ad_storage", "ad_user_data"),
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
