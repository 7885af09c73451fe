"""What Microsoft is sent, word for word, and what it never is."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Refused, Request
from server.destinations.contract import (
    ADD_TO_CART,
    LEAD,
    PAGE_VIEW,
    PERSON,
    PURCHASE,
    SIGN_UP,
    VIEW_ITEM,
    Example,
    Refusal,
    json_request,
    sample,
)
from server.destinations.microsoft_ads.config import Config
from server.model import Person

_CONFIG = Config(tag_id="97012345", access_token="t0ken")  # noqa: S106
_URL = "https://capi.uet.microsoft.com/v1/97012345/events"
_ID = "0199c000-0000-7000-8000-000000000001"
_VISITOR = "0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11"
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0"
_DEVICE = {"clientIpAddress": "203.0.113.9", "clientUserAgent": _AGENT}
_HASHED = {
    "em": "a57e48743464464f6f3f53288dace5ca7a453a35a62a8f37b7f552468b410a46",
    "ph": "8a3e7886c9335e82e02299fa3e87b46e2de3b0c63d56003e30a5029394a47661",
}
_U_42 = "16ec525b74b75626eb93ecad8acc749885fcf4e83c95b139342769a4ab1828a3"
_SHOES = {"id": "SKU-1", "name": "Shoes", "price": 29.95}
_PAGE = {
    "eventSourceUrl": "https://www.example.com/shoes",
    "referrerUrl": "https://www.google.com/",
    "pageTitle": "Shoes",
    "adStorageConsent": "G",
}
_CLICKED = replace(PERSON, click_ids={"msclkid": "c1d2e3"})


def _request(*events: dict[str, object]) -> Request:
    body = {"data": events, "continueOnValidationError": True}
    return json_request(_URL, body, {"authorization": "Bearer t0ken"})


def _event(name: str, **more: object) -> dict[str, object]:
    return {
        "eventType": "custom",
        "eventName": name,
        "eventId": _ID,
        "eventTime": 1760000030,
        **_PAGE,
        **more,
    }


EXAMPLES = (
    Example(
        title="A page view from an ad, of the browser that the UET tag knows",
        sendings=(
            sample(
                _CONFIG,
                replace(PAGE_VIEW, page_id="123"),
                replace(_CLICKED, cookies={"_uetvid": "f00dcafe", "_uetmsclkid": "_uetc1d2e3"}),
            ),
        ),
        request=_request(
            {
                "eventType": "pageLoad",
                "eventId": _ID,
                "eventTime": 1760000030,
                "pageLoadId": "a665a459-2042-4f9d-817e-4867efdc4fb8",
                **_PAGE,
                "userData": {
                    "anonymousId": "f00dcafe",
                    **_HASHED,
                    "msclkid": "c1d2e3",
                    **_DEVICE,
                },
            }
        ),
    ),
    Example(
        title="A product and a cart, in one request",
        sendings=(sample(_CONFIG, VIEW_ITEM), sample(_CONFIG, ADD_TO_CART)),
        request=_request(
            _event(
                "view_item",
                userData={"anonymousId": _VISITOR, **_HASHED, **_DEVICE},
                customData={
                    "value": 29.95,
                    "currency": "EUR",
                    "pageType": "product",
                    "itemIds": ["SKU-1"],
                    "items": [{**_SHOES, "quantity": 1}],
                },
            ),
            _event(
                "add_to_cart",
                userData={"anonymousId": _VISITOR, **_HASHED, **_DEVICE},
                customData={
                    "value": 59.9,
                    "currency": "EUR",
                    "itemIds": ["SKU-1"],
                    "items": [{**_SHOES, "quantity": 2}],
                },
            ),
        ),
    ),
    Example(
        title="A purchase with its items, of a known user",
        sendings=(sample(_CONFIG, PURCHASE, _CLICKED),),
        request=_request(
            _event(
                "purchase",
                eventSourceUrl="https://www.example.com/thanks",
                pageTitle="Thank you",
                userData={
                    "anonymousId": _VISITOR,
                    "externalId": _U_42,
                    **_HASHED,
                    "msclkid": "c1d2e3",
                    **_DEVICE,
                },
                customData={
                    "transactionId": "T-1001",
                    "value": 64.85,
                    "currency": "EUR",
                    "pageType": "purchase",
                    "itemIds": ["SKU-1", "SKU-2"],
                    "items": [
                        {**_SHOES, "quantity": 2},
                        {"id": "SKU-2", "name": "Laces", "price": 4.95, "quantity": 1},
                    ],
                },
            )
        ),
    ),
    Example(
        title="A purchase of who refuses `ad_user_data`, by the click's id alone",
        sendings=(
            sample(
                replace(_CONFIG, send_device=False),
                replace(PURCHASE, items=[]),
                _CLICKED,
                denied=("ad_user_data",),
            ),
        ),
        request=_request(
            _event(
                "purchase",
                eventSourceUrl="https://www.example.com/thanks",
                pageTitle="Thank you",
                userData={"msclkid": "c1d2e3"},
                customData={
                    "transactionId": "T-1001",
                    "value": 64.85,
                    "currency": "EUR",
                    "pageType": "purchase",
                },
            )
        ),
    ),
    Example(
        title="A lead by the name that its goal has, and a sign-up by the device alone",
        sendings=(
            sample(
                replace(
                    _CONFIG,
                    event_name="submit_lead_form",
                    params={"eventCategory": "forms", "currency": None, "value": None},
                ),
                LEAD,
                Person(cookies={"_uetmsclkid": "_uetc1d2e3"}),
                denied=("ad_user_data",),
            ),
            sample(
                _CONFIG,
                SIGN_UP,
                Person(ip="203.0.113.9", user_agent=_AGENT),
                denied=("ad_storage", "ad_user_data"),
            ),
        ),
        request=_request(
            _event(
                "submit_lead_form",
                userData={"msclkid": "c1d2e3"},
                customData={"eventCategory": "forms"},
            ),
            _event("sign_up", adStorageConsent="D", userData=_DEVICE),
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="An event of nobody",
        sending=sample(_CONFIG, LEAD, Person(), denied=("ad_user_data",)),
        refused=Refused(
            "no_match_key",
            "nothing tells Microsoft whose it is: no click, cookie, e-mail, phone, id or device",
        ),
    ),
    Refusal(
        title="A page view of no page",
        sending=sample(_CONFIG, replace(PAGE_VIEW, url="")),
        refused=Refused(
            "no_page", "Microsoft requires the page of a page view: let the tag send it"
        ),
    ),
    Refusal(
        title="A purchase of no currency",
        sending=sample(_CONFIG, replace(PURCHASE, currency="")),
        refused=Refused("no_currency", "a purchase needs a `currency`: the container may name one"),
    ),
)
