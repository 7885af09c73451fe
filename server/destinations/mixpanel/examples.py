"""What Mixpanel is sent, word for word, and what its answers mean."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Mixed, Refused, Response, Retry
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
    json_request,
    sample,
)
from server.destinations.mixpanel.config import Config
from server.model import NO_VISITOR, Person

_TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105
_CONFIG = Config(token=_TOKEN)
_URL = "https://api.mixpanel.com/import?strict=1"
_BY_TOKEN = {"authorization": "Basic MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY6"}
_ANYBODY = {
    "time": 1760000030000,
    "$insert_id": "0199c000-0000-7000-8000-000000000001",
    "distinct_id": "$device:0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",
    "$device_id": "0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",
    "$referrer": "https://www.google.com/",
}
_KNOWN = {**_ANYBODY, "distinct_id": "u-42", "$user_id": "u-42"}
_PLACE = {"mp_country_code": "FR"}
_SHOES_PAGE = {"$current_url": "https://www.example.com/shoes", "current_page_title": "Shoes"}
_THANKS = {"$current_url": "https://www.example.com/thanks", "current_page_title": "Thank you"}
_SHOES = {
    "item_id": "SKU-1",
    "item_name": "Shoes",
    "item_brand": "Freewalk",
    "item_category": "Footwear",
    "price": 29.95,
}
_ORDER = {
    "currency": "EUR",
    "value": 64.85,
    "transaction_id": "T-1001",
    "items": [
        {**_SHOES, "quantity": 2},
        {"item_id": "SKU-2", "item_name": "Laces", "price": 4.95, "quantity": 1},
    ],
}

EXAMPLES = (
    Example(
        title="A page view of our own visitor",
        sendings=(sample(_CONFIG, PAGE_VIEW),),
        request=json_request(
            _URL,
            [{"event": "page_view", "properties": {**_ANYBODY, **_PLACE, **_SHOES_PAGE}}],
            _BY_TOKEN,
        ),
    ),
    Example(
        title="A product seen and put into the cart, in one request",
        sendings=(sample(_CONFIG, VIEW_ITEM), sample(_CONFIG, ADD_TO_CART)),
        request=json_request(
            _URL,
            [
                {
                    "event": "view_item",
                    "properties": {
                        **_ANYBODY,
                        **_PLACE,
                        **_SHOES_PAGE,
                        "currency": "EUR",
                        "value": 29.95,
                        "items": [{**_SHOES, "quantity": 1}],
                    },
                },
                {
                    "event": "add_to_cart",
                    "properties": {
                        **_ANYBODY,
                        **_PLACE,
                        **_SHOES_PAGE,
                        "currency": "EUR",
                        "value": 59.9,
                        "items": [{**_SHOES, "quantity": 2}],
                    },
                },
            ],
            _BY_TOKEN,
        ),
    ),
    Example(
        title="An order by a service account to Europe, by the id of Mixpanel's script on the page",
        sendings=(
            sample(
                replace(
                    _CONFIG,
                    service_account="shop.mp-service-account",
                    service_secret="s3cret",  # noqa: S106
                    project_id="2345",
                    endpoint="https://api-eu.mixpanel.com",
                    event_name="Order placed",
                    params={"store": "Lyon", "coupon": None},
                    send_device=True,
                ),
                PURCHASE,
                replace(
                    PERSON,
                    cookies={
                        f"mp_{_TOKEN}_mixpanel": "%7B%22distinct_id%22%3A%20%22%24device%3Ab5a4"
                        "%22%2C%22%24device_id%22%3A%20%22b5a4%22%7D"
                    },
                ),
            ),
        ),
        request=json_request(
            "https://api-eu.mixpanel.com/import?strict=1&project_id=2345",
            [
                {
                    "event": "Order placed",
                    "properties": {
                        **_KNOWN,
                        **_THANKS,
                        **_ORDER,
                        "$device_id": "b5a4",
                        "store": "Lyon",
                        "ip": "203.0.113.9",
                    },
                }
            ],
            {"authorization": "Basic c2hvcC5tcC1zZXJ2aWNlLWFjY291bnQ6czNjcmV0"},
        ),
    ),
    Example(
        title="An order of someone who grants nothing but statistics",
        sendings=(sample(_CONFIG, PURCHASE, denied=("ad_storage", "ad_user_data")),),
        request=json_request(
            _URL,
            [
                {
                    "event": "purchase",
                    "properties": {**_KNOWN, **_PLACE, **_THANKS, "coupon": "SPRING", **_ORDER},
                }
            ],
            _BY_TOKEN,
        ),
    ),
    Example(
        title="A lead, who signed up, and an event of nobody: it is counted, and no user is made",
        sendings=(
            sample(_CONFIG, LEAD),
            sample(_CONFIG, SIGN_UP),
            sample(_CONFIG, replace(EVENT, visitor_id=NO_VISITOR), Person()),
        ),
        request=json_request(
            _URL,
            [
                {
                    "event": "generate_lead",
                    "properties": {
                        **_ANYBODY,
                        **_PLACE,
                        **_SHOES_PAGE,
                        "currency": "EUR",
                        "value": 15,
                    },
                },
                {
                    "event": "sign_up",
                    "properties": {**_KNOWN, **_PLACE, **_SHOES_PAGE, "method": "email"},
                },
                {
                    "event": "page_view",
                    "properties": {
                        "time": 1760000030000,
                        "$insert_id": "0199c000-0000-7000-8000-000000000001",
                        "distinct_id": "",
                        "$current_url": "https://www.example.com/shoes",
                    },
                },
            ],
            _BY_TOKEN,
        ),
    ),
)

ANSWERS = (
    Answer(
        title="Taken",
        response=Response(status=200, body=b'{"code":200,"num_records_imported":2,"status":"OK"}'),
        outcome=Delivered(),
    ),
    Answer(
        title="Some are refused, the others are in",
        response=Response(
            status=400,
            body=b'{"code":400,"error":"some data points in the request failed validation",'
            b'"status":"Bad Request","num_records_imported":999,"failed_records":[{"index":3,'
            b'"insert_id":"13c0b661","field":"properties.time",'
            b'"message":"\'properties.time\' is invalid"}]}',
        ),
        outcome=Mixed(
            parts={
                3: Refused("bad_field", "properties.time: 'properties.time' is invalid", code="400")
            },
            rest=Delivered(),
        ),
    ),
    Answer(
        title="The token or the service account is wrong",
        response=Response(
            status=401, body=b'{"code":401,"error":"Invalid credentials","status":"Unauthorized"}'
        ),
        outcome=Denied(
            "credentials", '{"code":401,"error":"Invalid credentials","status":"Unauthorized"}'
        ),
    ),
    Answer(
        title="Larger than it takes: sent again in halves",
        response=Response(status=413, body=b"too large"),
        outcome=Refused("http_413", "too large"),
    ),
    Answer(title="Too much at once", response=Response(status=429), outcome=Retry("http_429")),
)
