"""What LinkedIn is sent, word for word, and what it never is."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Refused, Request
from server.destinations.contract import (
    LEAD,
    PERSON,
    PURCHASE,
    SIGN_UP,
    Example,
    Refusal,
    json_request,
    sample,
)
from server.destinations.linkedin.config import Config
from server.model import Person

_CONFIG = Config(conversion_id="104012", access_token="t0ken")  # noqa: S106
_URL = "https://api.linkedin.com/rest/conversionEvents"
_HEADERS = {
    "authorization": "Bearer t0ken",
    "linkedin-version": "202605",
    "x-restli-method": "BATCH_CREATE",
    "x-restli-protocol-version": "2.0.0",
}
_RULE = "urn:lla:llaPartnerConversion:104012"
_ID = "0199c000-0000-7000-8000-000000000001"
_EMAIL = {
    "idType": "SHA256_EMAIL",
    "idValue": "b366fb677b78d9ee1a992860cb906c85f08bbecba30dc31c30dbc34135f4d9bc",
}
_CLICK = {"idType": "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", "idValue": "df5db8fc-1"}
_ADDRESS = {"idType": "PLAINTEXT_IP_ADDRESS", "idValue": "203.0.113.9"}
_CLICKED = replace(PERSON, click_ids={"li_fat_id": "df5db8fc-1"})


def _request(*elements: dict[str, object]) -> Request:
    return json_request(_URL, {"elements": elements}, _HEADERS)


def _conversion(*ids: dict[str, str], amount: str = "", **more: object) -> dict[str, object]:
    value = {"conversionValue": {"amount": amount, "currencyCode": "EUR"}} if amount else {}
    return {
        "conversion": _RULE,
        "conversionHappenedAt": 1760000030000,
        **value,
        "eventId": _ID,
        "user": {"userIds": list(ids)},
        **more,
    }


EXAMPLES = (
    Example(
        title="A purchase after a click on an ad, with the hashed e-mail",
        sendings=(sample(_CONFIG, PURCHASE, _CLICKED),),
        request=_request(_conversion(_EMAIL, _CLICK, _ADDRESS, amount="64.85")),
    ),
    Example(
        title="A purchase of who refuses `ad_user_data`, by the click's id alone",
        sendings=(
            sample(
                replace(_CONFIG, send_device=False),
                PURCHASE,
                _CLICKED,
                denied=("ad_user_data",),
            ),
        ),
        request=_request(_conversion(_CLICK, amount="64.85")),
    ),
    Example(
        title="A lead and a sign-up, in one request",
        sendings=(
            sample(
                replace(_CONFIG, params={"amount": 20, "currencyCode": "USD"}),
                LEAD,
                Person(cookies={"li_fat_id": "df5db8fc-1"}),
            ),
            sample(_CONFIG, SIGN_UP, replace(PERSON, ip="2001:db8::1")),
        ),
        request=_request(
            _conversion(_CLICK, conversionValue={"amount": "20", "currencyCode": "USD"}),
            _conversion(_EMAIL),
        ),
    ),
    Example(
        title="A lead of whom the name is known, in another version",
        sendings=(
            sample(
                replace(_CONFIG, send_name=True, api_version="202610"),
                replace(LEAD, value=None, currency=""),
                Person(first_name="Jo", last_name="Doe", country="fr"),
            ),
        ),
        request=json_request(
            _URL,
            {
                "elements": [
                    _conversion(
                        user={
                            "userIds": [],
                            "userInfo": {"firstName": "Jo", "lastName": "Doe", "countryCode": "FR"},
                        }
                    )
                ]
            },
            {**_HEADERS, "linkedin-version": "202610"},
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="Nobody whom LinkedIn could know",
        sending=sample(_CONFIG, LEAD, replace(PERSON, ip="2001:db8::1"), denied=("ad_user_data",)),
        refused=Refused(
            "no_match_key",
            "nothing tells LinkedIn whose it is: no click, e-mail, IPv4 address or name",
        ),
    ),
    Refusal(
        title="An amount of no currency",
        sending=sample(_CONFIG, replace(LEAD, currency="")),
        refused=Refused(
            "no_currency",
            "LinkedIn takes an amount with its currency: the container may name one; or "
            "`params: {amount: null, currencyCode: null}` leaves both out",
        ),
    ),
)
