"""What the Google Ads API is sent, word for word, and what it never is."""

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
from server.destinations.google_ads.config import Config
from server.model import Person

_CONFIG = Config(
    customer_id="123-456-7890",
    conversion_action_id="987654321",
    client_id="12-abc.apps.googleusercontent.com",
    client_secret="s3cret",  # noqa: S106
    refresh_token="1//refresh",  # noqa: S106
)
_TOKEN = "ya29.token"  # noqa: S105
_CLICKED = replace(PERSON, click_ids={"gclid": "EAIaIQobChMI", "gbraid": "0AAAA"})
_URL = "https://googleads.googleapis.com/v26/customers/1234567890:uploadClickConversions"
_HEADERS = {"authorization": "Bearer ya29.token"}
_ACTION = "customers/1234567890/conversionActions/987654321"
_EMAIL = "a57e48743464464f6f3f53288dace5ca7a453a35a62a8f37b7f552468b410a46"
_PHONE = "42d573cfc315801d4cd8eddd5416b416a0bf298b9b9e12d6b07442c91db42bd8"
_GRANTED = {"adUserData": "GRANTED", "adPersonalization": "GRANTED"}
_ID = "0199c000-0000-7000-8000-000000000001"
_AT = "2025-10-09 08:53:50+00:00"


def _request(*conversions: dict[str, object]) -> Request:
    body = {"conversions": conversions, "partialFailure": True, "validateOnly": False}
    return json_request(_URL, body, _HEADERS)


EXAMPLES = (
    Example(
        title="A purchase with its items, by the click's id and hashed user data",
        sendings=(sample(_CONFIG, PURCHASE, _CLICKED, token=_TOKEN),),
        request=_request(
            {
                "conversionAction": _ACTION,
                "conversionDateTime": _AT,
                "conversionEnvironment": "WEB",
                "conversionValue": 64.85,
                "currencyCode": "EUR",
                "orderId": "T-1001",
                "gclid": "EAIaIQobChMI",
                "userIdentifiers": [{"hashedEmail": _EMAIL}, {"hashedPhoneNumber": _PHONE}],
                "consent": _GRANTED,
                "cartData": {
                    "items": [
                        {"productId": "SKU-1", "quantity": 2, "unitPrice": 29.95},
                        {"productId": "SKU-2", "quantity": 1, "unitPrice": 4.95},
                    ]
                },
            }
        ),
    ),
    Example(
        title="A purchase of who refuses `ad_user_data`, by the click's id alone",
        sendings=(
            sample(
                replace(_CONFIG, params={"conversionValue": "50", "currencyCode": "USD"}),
                replace(PURCHASE, items=[]),
                _CLICKED,
                denied=("ad_user_data", "ad_personalization"),
                token=_TOKEN,
            ),
        ),
        request=_request(
            {
                "conversionAction": _ACTION,
                "conversionDateTime": _AT,
                "conversionEnvironment": "WEB",
                "conversionValue": 50,
                "currencyCode": "USD",
                "orderId": "T-1001",
                "gclid": "EAIaIQobChMI",
                "consent": {"adUserData": "DENIED", "adPersonalization": "DENIED"},
            }
        ),
    ),
    Example(
        title="A lead from a click on iOS and a sign-up of who came without one, in one request",
        sendings=(
            sample(
                replace(_CONFIG, custom_variables={"11": "gold"}),
                LEAD,
                Person(click_ids={"wbraid": "Cj0K"}),
                token=_TOKEN,
            ),
            sample(
                replace(_CONFIG, custom_variables={"11": "gold", "12": 3}),
                replace(SIGN_UP, event_id=_ID[:-1] + "2"),
                Person(email="jo.doe@gmail.com"),
                token=_TOKEN,
            ),
        ),
        request=_request(
            {
                "conversionAction": _ACTION,
                "conversionDateTime": _AT,
                "conversionEnvironment": "WEB",
                "conversionValue": 15,
                "currencyCode": "EUR",
                "orderId": _ID,
                "wbraid": "Cj0K",
                "consent": _GRANTED,
            },
            {
                "conversionAction": _ACTION,
                "conversionDateTime": _AT,
                "conversionEnvironment": "WEB",
                "orderId": _ID[:-1] + "2",
                "userIdentifiers": [{"hashedEmail": _EMAIL}],
                "consent": _GRANTED,
                "customVariables": [
                    {
                        "conversionCustomVariable": (
                            "customers/1234567890/conversionCustomVariables/11"
                        ),
                        "value": "gold",
                    },
                    {
                        "conversionCustomVariable": (
                            "customers/1234567890/conversionCustomVariables/12"
                        ),
                        "value": "3",
                    },
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
                    developer_token="dev-token",  # noqa: S106
                    validate_only=True,
                    api_version="v25",
                    params={"customerType": "NEW", "orderId": "T-7"},
                    merchant_id="555",
                    feed_country="FR",
                    feed_language="fr",
                ),
                replace(PURCHASE, items=PURCHASE.items[:1], consent={}),
                Person(cookies={"_gcl_aw": "GCL.1759990000.Cj0KCQ"}),
                token=_TOKEN,
            ),
        ),
        request=json_request(
            _URL.replace("v26", "v25"),
            {
                "conversions": [
                    {
                        "conversionAction": _ACTION,
                        "conversionDateTime": _AT,
                        "conversionEnvironment": "WEB",
                        "conversionValue": 64.85,
                        "currencyCode": "EUR",
                        "orderId": "T-7",
                        "gclid": "Cj0KCQ",
                        "cartData": {
                            "merchantId": "555",
                            "feedCountryCode": "FR",
                            "feedLanguageCode": "fr",
                            "items": [{"productId": "SKU-1", "quantity": 2, "unitPrice": 29.95}],
                        },
                        "customerType": "NEW",
                    }
                ],
                "partialFailure": True,
                "validateOnly": True,
            },
            {**_HEADERS, "developer-token": "dev-token", "login-customer-id": "1112223333"},
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
            ", or `currencyCode` of the tag's `params`",
        ),
    ),
)
