"""Google's Data Manager: conversions of Google Ads, 2,000 a request, all of them or none.

    config    what a container says           message   what each event says
    judging   what an answer means

A tag is one conversion action: its triggers say which events are conversions. Google finds the
click by its id, or by hashes of who clicked; an event with neither is refused beforehand. A request
in which one event is wrong fails as a whole; Google names the event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from server.clock import DAY_MS
from server.delivery import Request
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    Tcf,
    by_settings,
    has,
    json_request,
    stated,
)
from server.destinations.contract.google import ACCESS_BY, GOOGLE_CLICKS, digits_of, google_access
from server.destinations.google_data_manager.config import Config
from server.destinations.google_data_manager.examples import EXAMPLES, REFUSALS
from server.destinations.google_data_manager.judging import ANSWERS, judge
from server.destinations.google_data_manager.message import SESSION_COOKIE, message
from server.person.clicks import click_cookies

SCOPE = "https://www.googleapis.com/auth/datamanager"
PATH = "/v1/events:ingest"
MAX_EVENTS = 2000
AT_ONCE = 10


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Conversions of one action."""
    config = sendings[0].config
    headers = {
        "authorization": f"Bearer {sendings[0].token}",
        "x-goog-user-project": config.quota_project,
    }
    body = {**_shared(config), "events": messages}
    return json_request(config.endpoint + PATH, body, stated(headers))


def access(config: Config, now_ms: int) -> Request:
    """Asks for a token of the Data Manager's scope."""
    return google_access(config, now_ms, scope=SCOPE)


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """What Google's own tag kept of the click and of the landing."""
    return (*click_cookies(*GOOGLE_CLICKS), SESSION_COOKIE)


def _shared(config: Config) -> dict[str, Any]:
    """What a request says beside its events."""
    login = config.login_customer_id
    destination = {
        "operatingAccount": _account(config.customer_id),
        "loginAccount": _account(login) if login else None,
        "productDestinationId": config.conversion_action_id,
    }
    shared: dict[str, Any] = {"destinations": [stated(destination)], "encoding": "HEX"}
    return shared | ({"validateOnly": True} if config.validate_only else {})


def _account(customer_id: str) -> dict[str, str]:
    return {"accountType": "GOOGLE_ADS", "accountId": digits_of(customer_id)}


DESTINATION = Destination(
    name="google_data_manager",
    title="Google Data Manager",
    about="Conversions to Google Ads, by the click's id or hashed user data.",
    docs="https://developers.google.com/data-manager/api/reference/rest/v1/events/ingest",
    config=Config,
    message=message,
    group=by_settings(
        *("endpoint", "customer_id", "login_customer_id", "conversion_action_id"),
        *("quota_project", "validate_only"),
    ),
    wrap=wrap,
    judge=judge,
    access=access,
    access_by=ACCESS_BY,
    takes_any=True,
    match_keys={
        "click_id": has("adIdentifiers"),
        "email": has("userData.userIdentifiers.emailAddress"),
        "phone": has("userData.userIdentifiers.phoneNumber"),
        "address": has("userData.userIdentifiers.address"),
        "ip": has("eventDeviceInfo.ipAddress"),
        "user_agent": has("eventDeviceInfo.userAgent"),
    },
    dedup="`transactionId`: the order's, else the event's own id",
    max_events=MAX_EVENTS,
    at_once=AT_ONCE,
    window_ms=90 * DAY_MS,
    consent=("ad_storage", "ad_user_data"),
    tcf=Tcf(vendor=755, purposes=(1, 3, 4, 7, 9, 10)),
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
