"""What Google's interfaces for advertisers have in common: who asks, how a person is told, errors.

Errors are a `google.rpc.Status` in JSON: https://google.aip.dev/193
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from msgspec import Meta
from msgspec.structs import replace

from server.credentials import REFERENCE
from server.delivery import Delivered, Outcome, Refused, Request, Response, Retry
from server.destinations.contract.conversions import no_match_key
from server.destinations.contract.destination import Message, Sending, allows_user_data
from server.destinations.contract.judging import (
    MAX_DETAIL_CHARS,
    document,
    inner,
    judge_status,
    judge_unclear,
    listed,
)
from server.destinations.contract.oauth import jwt_grant, refresh_grant, service_account
from server.destinations.contract.values import encode, money, stated
from server.model import Event, Person
from server.person import normalise
from server.person.clicks import click_id
from server.person.hashing import hashes

TOKEN_PATH = "/token"  # noqa: S105
CustomerId = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{3}-?[0-9]{3}-?[0-9]{4}$",
        description="the ten digits of a Google Ads account, such as 123-456-7890",
    ),
]
ActionId = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,20}$",
        description="digits: the `ctId` in the address of the conversion action's page",
    ),
]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2}$", description="two letters such as fr")]
NO_MATCH_KEY = no_match_key("Google", "click of its ads", "e-mail", "phone")
ACCESS_BY = ("service_account", "client_id", "client_secret", "refresh_token", "token_endpoint")
GOOGLE_CLICKS = ("gclid", "gbraid", "wbraid")
GOOGLE_CONSENT = {"adUserData": "ad_user_data", "adPersonalization": "ad_personalization"}
"""Google's name of a purpose → ours, which is that of its Consent Mode."""

_RULES = {
    "email": ("email", normalise.google_ads_email),
    "phone": ("phone", normalise.phone),
    "givenName": ("first_name", normalise.trimmed),
    "familyName": ("last_name", normalise.trimmed),
}


def check_google_access(config: Any) -> None:
    """Raises ValueError unless one of the two ways in is there, and whole."""
    key = config.service_account
    by_user = (config.client_id, config.client_secret, config.refresh_token)
    if bool(key) == any(by_user) or (not key and not all(by_user)):
        raise ValueError(
            "expected either `service_account`, or `client_id`, `client_secret` and `refresh_token`"
        )
    if isinstance(key, str) and not key.startswith(REFERENCE):
        try:
            service_account(key)
        except ValueError as error:
            raise ValueError(f"service_account: {error}") from None


def check_params(given: Mapping[str, Any], known: Collection[str]) -> None:
    """Raises ValueError for a field that Google does not know, or that may hold someone."""
    for name in given:
        if name not in known:
            raise ValueError(f"params: expected {', '.join(known)}, not {name!r:.60}")


def google_access(config: Any, now_ms: int, *, scope: str) -> Request:
    """The request for an access token, by whichever way in the settings have."""
    url = config.token_endpoint + TOKEN_PATH
    if config.service_account:
        account = service_account(config.service_account)
        return jwt_grant(url, account, scope=scope, now_ms=now_ms)
    return refresh_grant(
        url,
        client_id=config.client_id,
        client_secret=config.client_secret,
        refresh_token=config.refresh_token,
    )


def digits_of(customer_id: str) -> str:
    """An account's id as the interfaces have it: without the dashes."""
    return customer_id.replace("-", "")


def google_clicks(person: Person) -> dict[str, str]:
    """The ids of the last clicks on Google's ads; `gbraid` and `wbraid` are never sent together."""
    last = {kind: click_id(person, kind) for kind in GOOGLE_CLICKS}
    on_ios = "wbraid" if last["wbraid"].at > last["gbraid"].at else "gbraid"
    if last[on_ios].value:
        last.pop("gbraid" if on_ios == "wbraid" else "wbraid")
    return {kind: click.value for kind, click in last.items() if click.value}


def google_hashes(sending: Sending) -> dict[str, str]:
    """`email`, `phone`, `givenName` and `familyName`, hashed by the rule of Google Ads; nothing of
    who did not allow it."""
    return hashes(sending.person, _RULES) if allows_user_data(sending) else {}


def google_consent(event: Event, words: Mapping[str, str]) -> dict[str, str]:
    """What the visitor answered, in Google's words; what was not asked is not said."""
    answers = {name: event.consent.get(purpose, "") for name, purpose in GOOGLE_CONSENT.items()}
    return {name: words[answer] for name, answer in answers.items() if answer in words}


def texts(given: Mapping[str, Any]) -> dict[str, str]:
    """Values as texts, those that are none as JSON; without those that say nothing."""
    return {
        name: value if isinstance(value, str) else encode(value).decode()
        for name, value in stated(given).items()
    }


def valued(said: Message, *, currency: str) -> Message | Refused:
    """The same with its value as a number; an amount without a currency, under the partner's name
    for it, is none."""
    value = said.get("conversionValue")
    if value is None:
        return said
    found = amount(value)
    if found is None:
        return Refused("bad_value", f"conversionValue: {value!r:.60} is no number")
    if currency not in said:
        return Refused(
            "no_currency",
            "an amount without its currency: the page has to say it, or `currency` of the container"
            f", or `{currency}` of the tag's `params`",
        )
    return {**said, "conversionValue": found}


def amount(given: Any) -> int | float | Decimal | None:
    """A number, or the number that a text is; None: it is none."""
    if isinstance(given, bool):
        return None
    if not isinstance(given, str):
        return given if isinstance(given, int | float | Decimal) else None
    try:
        number = Decimal(given.strip())
    except InvalidOperation:
        return None
    return money(str(number)) if number.is_finite() else None


def google_error(response: Response) -> dict[str, Any]:
    """The error that an answer is; empty: it is none, or none of Google's."""
    return inner(document(response), "error")


def error_details(error: Mapping[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    """The details of one type, such as `BadRequest`."""
    for detail in listed(error, "details"):
        if str(detail.get("@type", "")).endswith(f".{kind}"):
            yield detail


def judge_google(response: Response, code: str = "", detail: str = "") -> Outcome:
    """What the status says, with Google's own code and words, and the pause that it asks for."""
    error = google_error(response)
    is_theirs = response.body.lstrip()[:1] == b"{"
    outcome = judge_status(response) if is_theirs else judge_unclear(response)
    if isinstance(outcome, Delivered) or not error:
        return outcome
    told = " ".join(filter(None, (str(error.get("message", "")), detail)))[:MAX_DETAIL_CHARS]
    outcome = replace(outcome, detail=told, code=code or str(error.get("status", "")))
    return replace(outcome, after_s=_delay_s(error)) if isinstance(outcome, Retry) else outcome


def _delay_s(error: Mapping[str, Any]) -> float | None:
    """As `RetryInfo` says it, or the quota's details of Google Ads."""
    failures = [
        one for f in error_details(error, "GoogleAdsFailure") for one in listed(f, "errors")
    ]
    quotas = [inner(inner(one, "details"), "quotaErrorDetails") for one in failures]
    for detail in (*error_details(error, "RetryInfo"), *quotas):
        seconds = amount(str(detail.get("retryDelay", "")).removesuffix("s"))
        if seconds is not None:
            return float(seconds)
    return None
