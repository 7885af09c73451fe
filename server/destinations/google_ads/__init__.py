"""Google Ads API: click conversions, for accounts that sent them before June 2026; others go
through the Data Manager (`google_data_manager`).

    config    what a container says           judging   what an answer means

A tag is one conversion action: its triggers say which events are conversions. Google finds the
click by its id, or by hashes of who clicked; an event with neither is refused beforehand. What is
wrong with one conversion of a request leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from server.clock import DAY_MS
from server.delivery import Refused, Request
from server.destinations.contract import (
    Destination,
    Message,
    Sending,
    Tcf,
    by_settings,
    contents,
    has,
    json_request,
    money,
    occurred_s,
    stated,
    with_params,
)
from server.destinations.contract.google import (
    ACCESS_BY,
    GOOGLE_CLICKS,
    NO_MATCH_KEY,
    digits_of,
    google_access,
    google_clicks,
    google_consent,
    google_hashes,
    texts,
    valued,
)
from server.destinations.google_ads.config import Config
from server.destinations.google_ads.examples import EXAMPLES, REFUSALS
from server.destinations.google_ads.judging import ANSWERS, judge
from server.person.clicks import click_cookies

SCOPE = "https://www.googleapis.com/auth/adwords"
MAX_EVENTS = 2000
ITEM = {"productId": "item_id", "quantity": "quantity", "unitPrice": "price"}
CONSENT = {"granted": "GRANTED", "denied": "DENIED"}


def message(sending: Sending) -> Message | Refused:
    """What Google is told; refused, where it could not find a click, or the value has no
    currency."""
    event, config = sending.event, sending.config
    identifiers = _identifiers(sending)
    clicks = dict(list(google_clicks(sending.person).items())[:1])
    if not identifiers and not clicks:
        return NO_MATCH_KEY
    account = f"customers/{digits_of(config.customer_id)}"
    said = {
        "conversionAction": f"{account}/conversionActions/{config.conversion_action_id}",
        "conversionDateTime": f"{datetime.fromtimestamp(occurred_s(event), tz=UTC)}",
        "conversionEnvironment": "WEB",
        "conversionValue": money(event.value),
        "currencyCode": event.currency.upper(),
        "orderId": event.transaction_id or event.shared_id,
        **clicks,
        "userIdentifiers": identifiers,
        "consent": google_consent(event, CONSENT),
        "cartData": _cart(sending),
        "customVariables": [] if _is_on_ios(clicks) else _variables(account, config),
    }
    return valued(with_params(said, config.params), currency="currencyCode")


def wrap(sendings: Sequence[Sending], messages: Sequence[Message]) -> Request:
    """Conversions of one action."""
    config = sendings[0].config
    headers = {
        "authorization": f"Bearer {sendings[0].token}",
        "developer-token": config.developer_token,
        "login-customer-id": digits_of(config.login_customer_id or ""),
    }
    account = f"customers/{digits_of(config.customer_id)}"
    url = f"{config.endpoint}/{config.api_version}/{account}:uploadClickConversions"
    body = {"conversions": messages, "partialFailure": True, "validateOnly": config.validate_only}
    return json_request(url, body, stated(headers))


def access(config: Config, now_ms: int) -> Request:
    """Asks for a token of the Google Ads API's scope."""
    return google_access(config, now_ms, scope=SCOPE)


def cookies(_: Mapping[str, Any]) -> tuple[str, ...]:
    """What Google's own tag kept of the click."""
    return click_cookies(*GOOGLE_CLICKS)


def _identifiers(sending: Sending) -> list[dict[str, str]]:
    found = google_hashes(sending)
    identifiers = [
        {"hashedEmail": found.get("email", "")},
        {"hashedPhoneNumber": found.get("phone", "")},
    ]
    return [one for one in identifiers if all(one.values())]


def _is_on_ios(clicks: Mapping[str, str]) -> bool:
    return not clicks.keys().isdisjoint({"gbraid", "wbraid"})


def _variables(account: str, config: Config) -> list[dict[str, str]]:
    return [
        {"conversionCustomVariable": f"{account}/conversionCustomVariables/{id_}", "value": value}
        for id_, value in texts(config.custom_variables).items()
    ]


def _cart(sending: Sending) -> dict[str, Any]:
    config = sending.config
    items = contents(sending.event.items, ITEM)
    cart = {
        "merchantId": config.merchant_id,
        "feedCountryCode": config.feed_country,
        "feedLanguageCode": config.feed_language,
        "items": items,
    }
    return stated(cart) if items else {}


DESTINATION = Destination(
    name="google_ads",
    title="Google Ads",
    about="Click conversions by the Google Ads API, where the account may still send them so.",
    docs="https://developers.google.com/google-ads/api/docs/conversions/upload-offline",
    config=Config,
    message=message,
    group=by_settings(
        *("endpoint", "api_version", "customer_id", "login_customer_id", "developer_token"),
        "validate_only",
    ),
    wrap=wrap,
    judge=judge,
    access=access,
    access_by=ACCESS_BY,
    takes_any=True,
    match_keys={
        "click_id": lambda message: any(message.get(kind) for kind in GOOGLE_CLICKS),
        "email": has("userIdentifiers.hashedEmail"),
        "phone": has("userIdentifiers.hashedPhoneNumber"),
    },
    dedup="`orderId`: the order's, else the event's own id; once for each conversion action",
    max_events=MAX_EVENTS,
    window_ms=90 * DAY_MS,
    consent=("ad_storage", "ad_user_data"),
    tcf=Tcf(vendor=755, purposes=(1, 3, 4, 7, 9, 10)),
    cookies=cookies,
    needs_person=True,
    examples=EXAMPLES,
    refusals=REFUSALS,
    answers=ANSWERS,
)
