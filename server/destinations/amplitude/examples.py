"""What Amplitude is sent, word for word, and what its answers mean."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Mixed, Refused, Resend, Response, Retry
from server.destinations.amplitude.config import Config
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
from server.model import NO_VISITOR, Person

_KEY = "0123456789abcdef0123456789abcdef"
_CONFIG = Config(api_key=_KEY)
_URL = "https://api2.amplitude.com/2/httpapi"
_WHO = {
    "device_id": "0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",
    "session_id": 1760000000000,
    "time": 1760000030000,
    "insert_id": "0199c000-0000-7000-8000-000000000001",
    "platform": "Web",
    "language": "fr-FR",
}
_PLACE = {"country": "FR"}
_PAGE = {
    "page_location": "https://www.example.com/shoes",
    "page_title": "Shoes",
    "page_referrer": "https://www.google.com/",
}
_THANKS = {
    "page_location": "https://www.example.com/thanks",
    "page_title": "Thank you",
    "page_referrer": "https://www.google.com/",
}
_SHOES = {
    "item_id": "SKU-1",
    "item_name": "Shoes",
    "item_brand": "Freewalk",
    "item_category": "Footwear",
    "price": 29.95,
}
_ORDER = {
    "coupon": "SPRING",
    "currency": "EUR",
    "value": 64.85,
    "transaction_id": "T-1001",
    "items": [
        {**_SHOES, "quantity": 2},
        {"item_id": "SKU-2", "item_name": "Laces", "price": 4.95, "quantity": 1},
    ],
}
_PROJECT = {"api_key": _KEY, "options": {"min_id_length": 1}}


EXAMPLES = (
    Example(
        title="A page view of our own visitor",
        sendings=(sample(_CONFIG, PAGE_VIEW),),
        request=json_request(
            _URL,
            {
                **_PROJECT,
                "events": [
                    {**_WHO, **_PLACE, "event_type": "page_view", "event_properties": _PAGE}
                ],
            },
        ),
    ),
    Example(
        title="A product seen and put into the cart, in one request",
        sendings=(sample(_CONFIG, VIEW_ITEM), sample(_CONFIG, ADD_TO_CART)),
        request=json_request(
            _URL,
            {
                **_PROJECT,
                "events": [
                    {
                        **_WHO,
                        **_PLACE,
                        "event_type": "view_item",
                        "event_properties": {
                            **_PAGE,
                            "currency": "EUR",
                            "value": 29.95,
                            "items": [{**_SHOES, "quantity": 1}],
                        },
                    },
                    {
                        **_WHO,
                        **_PLACE,
                        "event_type": "add_to_cart",
                        "event_properties": {
                            **_PAGE,
                            "currency": "EUR",
                            "value": 59.9,
                            "items": [{**_SHOES, "quantity": 2}],
                        },
                    },
                ],
            },
        ),
    ),
    Example(
        title="An order as revenue, by the ids that Amplitude's script has on the page, to Europe",
        sendings=(
            sample(
                replace(
                    _CONFIG,
                    endpoint="https://api.eu.amplitude.com",
                    upload="batch",
                    event_name="Order placed",
                    params={"store": "Lyon", "coupon": None},
                    user_properties={"tier": "gold"},
                    send_device=True,
                ),
                PURCHASE,
                replace(
                    PERSON,
                    cookies={
                        "AMP_0123456789": "JTdCJTIyZGV2aWNlSWQlMjIlM0ElMjJiNWE0LTQ3ZDElMjIlMkMlMjJz"
                        "ZXNzaW9uSWQlMjIlM0ExNzYwMDAwMDA1MDA3JTdE"
                    },
                ),
            ),
        ),
        request=json_request(
            "https://api.eu.amplitude.com/batch",
            {
                **_PROJECT,
                "events": [
                    {
                        **_WHO,
                        "user_id": "u-42",
                        "device_id": "b5a4-47d1",
                        "session_id": 1760000005007,
                        "event_type": "Order placed",
                        "event_properties": {
                            **_THANKS,
                            **{name: said for name, said in _ORDER.items() if name != "coupon"},
                            "store": "Lyon",
                        },
                        "user_properties": {"tier": "gold"},
                        "revenue": 64.85,
                        "currency": "EUR",
                        "ip": "203.0.113.9",
                    }
                ],
            },
        ),
    ),
    Example(
        title="An order of someone who grants nothing but statistics",
        sendings=(sample(_CONFIG, PURCHASE, denied=("ad_storage", "ad_user_data")),),
        request=json_request(
            _URL,
            {
                **_PROJECT,
                "events": [
                    {
                        **_WHO,
                        **_PLACE,
                        "user_id": "u-42",
                        "event_type": "purchase",
                        "event_properties": {**_THANKS, **_ORDER},
                        "revenue": 64.85,
                        "currency": "EUR",
                    }
                ],
            },
        ),
    ),
    Example(
        title="A lead, and who signed up",
        sendings=(sample(_CONFIG, LEAD), sample(_CONFIG, SIGN_UP)),
        request=json_request(
            _URL,
            {
                **_PROJECT,
                "events": [
                    {
                        **_WHO,
                        **_PLACE,
                        "event_type": "generate_lead",
                        "event_properties": {**_PAGE, "currency": "EUR", "value": 15},
                    },
                    {
                        **_WHO,
                        **_PLACE,
                        "user_id": "u-42",
                        "event_type": "sign_up",
                        "event_properties": {**_PAGE, "method": "email"},
                    },
                ],
            },
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="An event of nobody: without consent there is no cookie",
        sending=sample(_CONFIG, replace(EVENT, visitor_id=NO_VISITOR), Person()),
        refused=Refused(
            "no_visitor",
            "neither a cookie nor a user id came with the event, and Amplitude takes none that is"
            " nobody's; without consent there is no cookie",
        ),
    ),
)

ANSWERS = (
    Answer(
        title="Taken",
        response=Response(status=200, body=b'{"code":200,"events_ingested":2}'),
        outcome=Delivered(),
    ),
    Answer(
        title="Some are refused; Amplitude has taken none of the others either",
        response=Response(
            status=400,
            body=b'{"code":400,"error":"Invalid field values on some events",'
            b'"events_with_invalid_fields":{"time":[3]},'
            b'"events_with_missing_fields":{"event_type":[5]},"silenced_events":[7]}',
        ),
        outcome=Mixed(
            parts={
                3: Refused("bad_field", "time is invalid", code="400"),
                5: Refused("bad_field", "event_type is missing", code="400"),
                7: Refused("silenced", "Amplitude blocks this device", code="400"),
            },
            rest=Resend(code="400"),
        ),
    ),
    Answer(
        title="Too many events of one visitor: they wait, the others do not",
        response=Response(
            status=429,
            body=b'{"code":429,"error":"Too many requests for some devices and users",'
            b'"eps_threshold":30,"throttled_devices":{"a":31},"throttled_events":[0,1]}',
        ),
        outcome=Mixed(
            parts={
                0: Retry("throttled", "Too many requests for some devices and users", code="429"),
                1: Retry("throttled", "Too many requests for some devices and users", code="429"),
            },
            rest=Resend(code="429"),
        ),
    ),
    Answer(
        title="Larger than it takes: sent again in halves",
        response=Response(status=413, body=b'{"code":413,"error":"Payload too large"}'),
        outcome=Refused("http_413", '{"code":413,"error":"Payload too large"}'),
    ),
    Answer(
        title="The key is wrong",
        response=Response(status=400, body=b'{"code":400,"error":"Invalid API key: 0123"}'),
        outcome=Denied("credentials", "Invalid API key: 0123", code="400"),
    ),
    Answer(title="Out of order", response=Response(status=503), outcome=Retry("http_503")),
)
