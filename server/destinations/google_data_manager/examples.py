"""What the Data Manager is sent, word for word, and what it never is."""

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
from server.destinations.google_data_manager.config import Config
from server.model import Person

_CONFIG = Config(
    customer_id="123-456-7890",
    conversion_action_id="987654321",
    client_id="12-abc.apps.googleusercontent.com",
    client_secret="s3cret",  # noqa: S106
    refresh_token="1//refresh",  # noqa: S106
)
_TOKEN = "ya29.token"  # noqa: S105
_CLICKED = replace(PERSON, click_ids={"gclid": "EAIaIQobChMI", "fbclid": "IwAR2"})
_URL = "https://datamanager.googleapis.com/v1/events:ingest"
_HEADERS = {"authorization": "Bearer ya29.token"}
_DESTINATION = {
    "operatingAccount": {"accountType": "GOOGLE_ADS", "accountId": "1234567890"},
    "productDestinationId": "987654321",
}
_EMAIL = "a57e48743464464f6f3f53288dace5ca7a453a35a62a8f37b7f552468b410a46"
_PHONE = "42d573cfc315801d4cd8eddd5416b416a0bf298b9b9e12d6b07442c91db42bd8"
_JO = "c278ec5a69c34aace42773e41b1163e6ce40c906f2a14f807d39d1b2a1c2dff5"
_DOE = "799ef92a11af918e3fb741df42934f3b568ed2d93ac1df74f1b8d41a27932a6f"
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0"
_IDENTIFIERS = [
    {"emailAddress": _EMAIL},
    {"phoneNumber": _PHONE},
    {
        "address": {
            "givenName": _JO,
            "familyName": _DOE,
            "regionCode": "FR",
            "postalCode": "75002",
        }
    },
]
_GRANTED = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}
_ID = "0199c000-0000-7000-8000-000000000001"
_AT = "2025-10-09T08:53:50.000Z"


def _request(*events: dict[str, object]) -> Request:
    body = {"destinations": [_DESTINATION], "encoding": "HEX", "events": events}
    return json_request(_URL, body, _HEADERS)


EXAMPLES = (
    Example(
        title="A purchase with its items, by the click's id and hashed user data",
        sendings=(sample(_CONFIG, PURCHASE, _CLICKED, token=_TOKEN),),
        request=_request(
            {
                "transactionId": "T-1001",
                "eventTimestamp": _AT,
                "eventSource": "WEB",
                "conversionValue": 64.85,
                "currency": "EUR",
                "userData": {"userIdentifiers": _IDENTIFIERS},
                "adIdentifiers": {"gclid": "EAIaIQobChMI"},
                "eventDeviceInfo": {"userAgent": _AGENT},
                "consent": _GRANTED,
                "cartData": {
                    "items": [
                        {"merchantProductId": "SKU-1", "quantity": 2, "unitPrice": 29.95},
                        {"merchantProductId": "SKU-2", "quantity": 1, "unitPrice": 4.95},
                    ]
                },
            }
        ),
    ),
    Example(
        title="A purchase of who refuses `ad_user_data`, by the click's id alone",
        sendings=(
            sample(
                replace(_CONFIG, params={"conversionValue": "50", "currency": "USD"}),
                replace(PURCHASE, items=[]),
                _CLICKED,
                denied=("ad_user_data", "ad_personalization"),
                token=_TOKEN,
            ),
        ),
        request=_request(
            {
                "transactionId": "T-1001",
                "eventTimestamp": _AT,
                "eventSource": "WEB",
                "conversionValue": 50,
                "currency": "USD",
                "adIdentifiers": {"gclid": "EAIaIQobChMI"},
                "consent": {
                    "adUserData": "CONSENT_DENIED",
                    "adPersonalization": "CONSENT_DENIED",
                },
            }
        ),
    ),
    Example(
        title="A lead from a click on iOS and a sign-up of who came without one, in one request",
        sendings=(
            sample(
                _CONFIG,
                LEAD,
                Person(user_agent=_AGENT, click_ids={"gbraid": "0AAAA", "wbraid": "Cj0K"}),
                token=_TOKEN,
            ),
            sample(
                replace(_CONFIG, custom_variables={"plan": "gold", "seats": 3}),
                replace(SIGN_UP, event_id=_ID[:-1] + "2", country="US"),
                Person(ip="203.0.113.9", email="jo.doe@gmail.com"),
                token=_TOKEN,
            ),
        ),
        request=_request(
            {
                "transactionId": _ID,
                "eventTimestamp": _AT,
                "eventSource": "WEB",
                "conversionValue": 15,
                "currency": "EUR",
                "adIdentifiers": {"gbraid": "0AAAA"},
                "eventDeviceInfo": {"userAgent": _AGENT},
                "consent": _GRANTED,
            },
            {
                "transactionId": _ID[:-1] + "2",
                "eventTimestamp": _AT,
                "eventSource": "WEB",
                "userData": {"userIdentifiers": [{"emailAddress": _EMAIL}]},
                "eventDeviceInfo": {"ipAddress": "203.0.113.9"},
                "consent": _GRANTED,
                "customVariables": [
                    {"variable": "plan", "value": "gold"},
                    {"variable": "seats", "value": "3"},
                ],
            },
        ),
    ),
    Example(
        title="Through a manager account, to be looked at only; with products of a feed",
        sendings=(
            sample(
                replace(
                    _CONFIG,
                    login_customer_id="111-222-3333",
                    quota_project="my-project",
                    validate_only=True,
                    send_device=False,
                    params={"userProperties": {"customerType": "NEW"}, "transactionId": "T-7"},
                    merchant_id="555",
                    feed_label="FR",
                    feed_language="fr",
                ),
                replace(PURCHASE, items=PURCHASE.items[:1], consent={"ad_user_data": "granted"}),
                Person(
                    email="jo.doe@gmail.com",
                    click_ids={"gclid": "EAIaIQobChMI"},
                    cookies={"_dm_session_attributes": "eyJnYWRfc291cmNlIjoiMSJ9"},
                ),
                token=_TOKEN,
            ),
        ),
        request=json_request(
            _URL,
            {
                "destinations": [
                    {
                        "operatingAccount": {
                            "accountType": "GOOGLE_ADS",
                            "accountId": "1234567890",
                        },
                        "loginAccount": {"accountType": "GOOGLE_ADS", "accountId": "1112223333"},
                        "productDestinationId": "987654321",
                    }
                ],
                "encoding": "HEX",
                "validateOnly": True,
                "events": [
                    {
                        "transactionId": "T-7",
                        "eventTimestamp": _AT,
                        "eventSource": "WEB",
                        "conversionValue": 64.85,
                        "currency": "EUR",
                        "userData": {"userIdentifiers": [{"emailAddress": _EMAIL}]},
                        "adIdentifiers": {
                            "gclid": "EAIaIQobChMI",
                            "sessionAttributes": "eyJnYWRfc291cmNlIjoiMSJ9",
                        },
                        "consent": {"adUserData": "CONSENT_GRANTED"},
                        "cartData": {
                            "merchantId": "555",
                            "merchantFeedLabel": "FR",
                            "merchantFeedLanguageCode": "fr",
                            "items": [
                                {"merchantProductId": "SKU-1", "quantity": 2, "unitPrice": 29.95}
                            ],
                        },
                        "userProperties": {"customerType": "NEW"},
                    }
                ],
            },
            {**_HEADERS, "x-goog-user-project": "my-project"},
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="Nobody whom Google could know: no click, and no user data",
        sending=sample(_CONFIG, PURCHASE, denied=("ad_user_data",)),
        refused=Refused(
            "no_match_key",
            "nothing tells Google whose it is: no click of its ads, e-mail or phone",
        ),
    ),
    Refusal(
        title="An amount of no currency",
        sending=sample(_CONFIG, replace(LEAD, currency=""), _CLICKED),
        refused=Refused(
            "no_currency",
            "an amount without its currency: the page has to say it, or `currency` of the container"
            ", or `currency` of the tag's `params`",
        ),
    ),
    Refusal(
        title="A value of the tag's own that is no number",
        sending=sample(replace(_CONFIG, params={"conversionValue": "12,50"}), LEAD, _CLICKED),
        refused=Refused("bad_value", "conversionValue: '12,50' is no number"),
    ),
)
