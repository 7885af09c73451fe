"""What Braze is sent, word for word, and what its answers mean."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Mixed, Refused, Request, Response, Retry
from server.destinations.braze.config import Config
from server.destinations.contract import (
    ADD_TO_CART,
    EVENT,
    LEAD,
    PAGE_VIEW,
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

_CONFIG = Config(api_key="k3y", endpoint="https://rest.fra-02.braze.eu")
_VISITORS = replace(_CONFIG, alias_label="visitor")
_URL = "https://rest.fra-02.braze.eu/users/track"
_LET_IN = {"authorization": "Bearer k3y"}
_ALIAS = {
    "user_alias": {
        "alias_name": "0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",
        "alias_label": "visitor",
    },
    "time": "2025-10-09T08:53:50.000Z",
}
_USER = {"external_id": "u-42", "time": "2025-10-09T08:53:50.000Z"}
_ID = {"event_id": "0199c000-0000-7000-8000-000000000001"}
_PAGE = {
    **_ID,
    "page_location": "https://www.example.com/shoes",
    "page_title": "Shoes",
    "page_referrer": "https://www.google.com/",
}
_ORDER = {
    **_ID,
    "page_location": "https://www.example.com/thanks",
    "page_title": "Thank you",
    "page_referrer": "https://www.google.com/",
    "coupon": "SPRING",
}
_SHOES = {
    "item_id": "SKU-1",
    "item_name": "Shoes",
    "item_brand": "Freewalk",
    "item_category": "Footwear",
    "price": 29.95,
}
_LINES = [
    {
        **_USER,
        "product_id": "SKU-1",
        "currency": "EUR",
        "price": 29.95,
        "quantity": 2,
        "properties": {
            **_ORDER,
            "order_id": "T-1001",
            "item_name": "Shoes",
            "item_brand": "Freewalk",
            "item_category": "Footwear",
        },
    },
    {
        **_USER,
        "product_id": "SKU-2",
        "currency": "EUR",
        "price": 4.95,
        "quantity": 1,
        "properties": {**_ORDER, "order_id": "T-1001", "item_name": "Laces"},
    },
]

EXAMPLES = (
    Example(
        title="What visitors without a user id do: they have an alias",
        sendings=(
            sample(_VISITORS, PAGE_VIEW),
            sample(_VISITORS, VIEW_ITEM),
            sample(_VISITORS, ADD_TO_CART),
            sample(_VISITORS, LEAD),
        ),
        request=json_request(
            _URL,
            {
                "events": [
                    {**_ALIAS, "name": "page_view", "properties": _PAGE},
                    {
                        **_ALIAS,
                        "name": "view_item",
                        "properties": {
                            **_PAGE,
                            "currency": "EUR",
                            "value": 29.95,
                            "items": [{**_SHOES, "quantity": 1}],
                        },
                    },
                    {
                        **_ALIAS,
                        "name": "add_to_cart",
                        "properties": {
                            **_PAGE,
                            "currency": "EUR",
                            "value": 59.9,
                            "items": [{**_SHOES, "quantity": 2}],
                        },
                    },
                    {
                        **_ALIAS,
                        "name": "generate_lead",
                        "properties": {**_PAGE, "currency": "EUR", "value": 15},
                    },
                ]
            },
            _LET_IN,
        ),
    ),
    Example(
        title="An order as purchases, with the customer's attributes",
        sendings=(
            sample(replace(_CONFIG, attributes={"tier": "gold"}, send_user_data=True), PURCHASE),
        ),
        request=json_request(
            _URL,
            {
                "attributes": [
                    {
                        "external_id": "u-42",
                        "email": "jo.doe@gmail.com",
                        "phone": "+33612345678",
                        "first_name": "Jo",
                        "last_name": "Doe",
                        "home_city": "Paris",
                        "country": "FR",
                        "tier": "gold",
                    }
                ],
                "purchases": _LINES,
            },
            _LET_IN,
        ),
    ),
    Example(
        title="The same without consent for user data, of a tag that does not need it",
        sendings=(
            sample(replace(_CONFIG, send_user_data=True), PURCHASE, denied=("ad_user_data",)),
        ),
        request=json_request(_URL, {"purchases": _LINES}, _LET_IN),
    ),
    Example(
        title="An order as a custom event, for users that Braze knows already",
        sendings=(
            sample(
                replace(
                    _CONFIG,
                    event_name="Order placed",
                    params={"items": None, "store": "Lyon"},
                    app_id="a-1",
                    update_existing_only=True,
                ),
                PURCHASE,
            ),
        ),
        request=json_request(
            _URL,
            {
                "events": [
                    {
                        **_USER,
                        "_update_existing_only": True,
                        "app_id": "a-1",
                        "name": "Order placed",
                        "properties": {
                            **_ORDER,
                            "currency": "EUR",
                            "value": 64.85,
                            "transaction_id": "T-1001",
                            "store": "Lyon",
                        },
                    }
                ]
            },
            _LET_IN,
        ),
    ),
    Example(
        title="An order as Braze's recommended event",
        sendings=(sample(replace(_CONFIG, ecommerce=True), PURCHASE),),
        request=Request(
            url=_URL,
            headers={**_LET_IN, "content-type": "application/json"},
            body=b'{"events":[{"external_id":"u-42","time":"2025-10-09T08:53:50.000Z","name":'
            b'"ecommerce.order_placed","properties":{"order_id":"T-1001","total_value":64.85,'
            b'"currency":"EUR","source":"web","metadata":{"coupon":"SPRING","event_id":'
            b'"0199c000-0000-7000-8000-000000000001"},"products":[{"product_id":"SKU-1",'
            b'"product_name":"Shoes","variant_id":"SKU-1","quantity":2,"price":29.95},'
            b'{"product_id":"SKU-2","product_name":"Laces","variant_id":"SKU-2","quantity":1,'
            b'"price":4.95}]}}]}',
        ),
    ),
    Example(
        title="A sign-up by Braze's own id, and a lead who is known by e-mail alone",
        sendings=(
            sample(replace(_CONFIG, braze_id="b-1"), replace(SIGN_UP, user_id="")),
            sample(replace(_CONFIG, send_user_data=True), LEAD, Person(email="Jo@Example.com")),
        ),
        request=json_request(
            _URL,
            {
                "attributes": [{"email": "jo@example.com"}],
                "events": [
                    {
                        "braze_id": "b-1",
                        "time": "2025-10-09T08:53:50.000Z",
                        "name": "sign_up",
                        "properties": {**_PAGE, "method": "email"},
                    },
                    {
                        "email": "jo@example.com",
                        "time": "2025-10-09T08:53:50.000Z",
                        "name": "generate_lead",
                        "properties": {**_PAGE, "currency": "EUR", "value": 15},
                    },
                ],
            },
            _LET_IN,
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="A visitor without a user id, whom the tag gives no alias",
        sending=sample(_CONFIG, PAGE_VIEW, Person()),
        refused=Refused(
            "no_match_key",
            "nothing tells Braze whose it is: no user id, no `braze_id` of the tag, no e-mail that"
            " may be sent; with `alias_label` visitors without one are sent too",
        ),
    ),
    Refusal(
        title="An event of nobody has no alias either",
        sending=sample(_VISITORS, replace(EVENT, visitor_id=NO_VISITOR), Person()),
        refused=Refused(
            "no_match_key",
            "nothing tells Braze whose it is: no user id, no `braze_id` of the tag, no e-mail that"
            " may be sent; with `alias_label` visitors without one are sent too",
        ),
    ),
    Refusal(
        title="A purchase without a currency",
        sending=sample(_CONFIG, replace(PURCHASE, currency="")),
        refused=Refused("no_currency", "a purchase needs a `currency`: the container may name one"),
    ),
)

ANSWERS = (
    Answer(
        title="Taken",
        response=Response(status=201, body=b'{"message":"success","events_processed":2}'),
        outcome=Delivered(),
    ),
    Answer(
        title="Taken but for one event; attributes that are wrong leave their event as it is",
        response=Response(
            status=201,
            body=b'{"message":"success","errors":[{"type":"\'name\' is required","input_array":'
            b'"events","index":3},{"type":"\'email\' is invalid","input_array":"attributes",'
            b'"index":0}]}',
        ),
        outcome=Mixed(parts={3: Refused("not_taken", "'name' is required")}),
    ),
    Answer(
        title="All of it is wrong",
        response=Response(status=400, body=b'{"message":"Invalid JSON"}'),
        outcome=Refused("http_400", '{"message":"Invalid JSON"}'),
    ),
    Answer(
        title="The key is wrong",
        response=Response(status=401, body=b'{"message":"Invalid API Key"}'),
        outcome=Denied("credentials", '{"message":"Invalid API Key"}'),
    ),
    Answer(
        title="Too many at once",
        response=Response(status=429, headers={"x-ratelimit-retry-after": "3"}),
        outcome=Retry("http_429", after_s=3.0),
    ),
)
