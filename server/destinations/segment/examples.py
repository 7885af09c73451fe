"""What Segment is sent, word for word, and what its answers mean."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Refused, Response, Retry
from server.destinations.contract import (
    ADD_TO_CART,
    EVENT,
    LEAD,
    PAGE_VIEW,
    PERSON,
    PURCHASE,
    SIGN_UP,
    VIEW_ITEM,
    Answer,
    Example,
    Refusal,
    json_request,
    sample,
)
from server.destinations.segment.config import Config
from server.model import NO_VISITOR, Person

_CONFIG = Config(write_key="abc123")
_URL = "https://api.segment.io/v1/batch"
_LET_IN = {"authorization": "Basic YWJjMTIzOg=="}
_SENT = {
    "messageId": "0199c000-0000-7000-8000-000000000001",
    "timestamp": "2025-10-09T08:53:50.000Z",
    "anonymousId": "0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",
}
_PAGE = {
    "url": "https://www.example.com/shoes",
    "path": "/shoes",
    "title": "Shoes",
    "referrer": "https://www.google.com/",
}
_GRANTED = {
    "ad_storage": True,
    "analytics_storage": True,
    "ad_user_data": True,
    "ad_personalization": True,
}
_CONTEXT = {
    "library": {"name": "freehold"},
    "page": _PAGE,
    "locale": "fr-FR",
    "location": {"country": "FR"},
    "sessionId": 1760000000,
    "consent": {"categoryPreferences": _GRANTED},
}
_THANKS = {
    **_CONTEXT,
    "page": {
        "url": "https://www.example.com/thanks",
        "path": "/thanks",
        "title": "Thank you",
        "referrer": "https://www.google.com/",
    },
}
_SHOES = {
    "product_id": "SKU-1",
    "name": "Shoes",
    "brand": "Freewalk",
    "category": "Footwear",
    "price": 29.95,
}
_ORDER = {
    "coupon": "SPRING",
    "order_id": "T-1001",
    "revenue": 64.85,
    "currency": "EUR",
    "products": [
        {**_SHOES, "quantity": 2},
        {"product_id": "SKU-2", "name": "Laces", "price": 4.95, "quantity": 1},
    ],
}
_TRAITS = {
    "email": "jo.doe@gmail.com",
    "phone": "+33612345678",
    "firstName": "Jo",
    "lastName": "Doe",
    "address": {
        "street": "1, rue de la Paix",
        "city": "Paris",
        "state": "IDF",
        "postalCode": "75002",
        "country": "FR",
    },
}

EXAMPLES = (
    Example(
        title="A page view is a page call",
        sendings=(sample(_CONFIG, PAGE_VIEW),),
        request=json_request(
            _URL,
            {"batch": [{**_SENT, "type": "page", "properties": _PAGE, "context": _CONTEXT}]},
            _LET_IN,
        ),
    ),
    Example(
        title="A product seen and put into the cart, in one request; the product stands in each",
        sendings=(sample(_CONFIG, VIEW_ITEM), sample(_CONFIG, ADD_TO_CART)),
        request=json_request(
            _URL,
            {
                "batch": [
                    {
                        **_SENT,
                        "type": "track",
                        "event": "Product Viewed",
                        "properties": {**_SHOES, "quantity": 1, "value": 29.95, "currency": "EUR"},
                        "context": _CONTEXT,
                    },
                    {
                        **_SENT,
                        "type": "track",
                        "event": "Product Added",
                        "properties": {**_SHOES, "quantity": 2, "value": 59.9, "currency": "EUR"},
                        "context": _CONTEXT,
                    },
                ]
            },
            _LET_IN,
        ),
    ),
    Example(
        title="An order with the visitor's traits, address and user agent, to Europe",
        sendings=(
            sample(
                replace(
                    _CONFIG,
                    endpoint="https://events.eu1.segmentapis.com",
                    params={"store": "Lyon"},
                    integrations={"All": True, "Mixpanel": False},
                    send_user_data=True,
                    send_device=True,
                ),
                PURCHASE,
            ),
        ),
        request=json_request(
            "https://events.eu1.segmentapis.com/v1/batch",
            {
                "batch": [
                    {
                        **_SENT,
                        "type": "track",
                        "userId": "u-42",
                        "event": "Order Completed",
                        "properties": {**_ORDER, "store": "Lyon"},
                        "context": {
                            **_THANKS,
                            "ip": "203.0.113.9",
                            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0",
                            "traits": _TRAITS,
                        },
                        "integrations": {"All": True, "Mixpanel": False},
                    }
                ]
            },
            _LET_IN,
        ),
    ),
    Example(
        title="The same without consent for user data",
        sendings=(
            sample(replace(_CONFIG, send_user_data=True), PURCHASE, denied=("ad_user_data",)),
        ),
        request=json_request(
            _URL,
            {
                "batch": [
                    {
                        **_SENT,
                        "type": "track",
                        "userId": "u-42",
                        "event": "Order Completed",
                        "properties": _ORDER,
                        "context": {
                            **_THANKS,
                            "consent": {"categoryPreferences": {**_GRANTED, "ad_user_data": False}},
                        },
                    }
                ]
            },
            _LET_IN,
        ),
    ),
    Example(
        title="Who signed up, with the id that analytics.js has on the page; and the event itself",
        sendings=(
            sample(
                replace(_CONFIG, call="identify", send_user_data=True, params={"plan": "free"}),
                SIGN_UP,
                replace(PERSON, cookies={"ajs_anonymous_id": "%22507f191e-810c%22"}),
            ),
            sample(_CONFIG, SIGN_UP),
        ),
        request=json_request(
            _URL,
            {
                "batch": [
                    {
                        **_SENT,
                        "type": "identify",
                        "anonymousId": "507f191e-810c",
                        "userId": "u-42",
                        "traits": {**_TRAITS, "plan": "free"},
                        "context": _CONTEXT,
                    },
                    {
                        **_SENT,
                        "type": "track",
                        "userId": "u-42",
                        "event": "Signed Up",
                        "properties": {"method": "email"},
                        "context": _CONTEXT,
                    },
                ]
            },
            _LET_IN,
        ),
    ),
    Example(
        title="A lead, of which Segment has no word, under its own name",
        sendings=(sample(_CONFIG, LEAD),),
        request=json_request(
            _URL,
            {
                "batch": [
                    {
                        **_SENT,
                        "type": "track",
                        "event": "generate_lead",
                        "properties": {"value": 15, "currency": "EUR"},
                        "context": _CONTEXT,
                    }
                ]
            },
            _LET_IN,
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="An event of nobody: without consent there is no cookie",
        sending=sample(_CONFIG, replace(EVENT, visitor_id=NO_VISITOR), Person()),
        refused=Refused(
            "no_visitor",
            "neither a cookie nor a user id came with the event, and Segment drops what is"
            " nobody's; without consent there is no cookie",
        ),
    ),
)

ANSWERS = (
    Answer(
        title="Taken",
        response=Response(status=200, body=b'{"success":true}'),
        outcome=Delivered(),
    ),
    Answer(
        title="RudderStack does not know the write key",
        response=Response(status=401, body=b"Invalid Write Key"),
        outcome=Denied("credentials", "Invalid Write Key"),
    ),
    Answer(
        title="Too many at once",
        response=Response(status=429, headers={"retry-after": "3"}),
        outcome=Retry("http_429"),
    ),
    Answer(
        title="Larger than it takes, or no JSON",
        response=Response(status=400, body=b"Exceeded payload limit"),
        outcome=Refused("http_400", "Exceeded payload limit"),
    ),
)
