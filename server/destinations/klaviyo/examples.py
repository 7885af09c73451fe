"""What Klaviyo is sent, word for word, and what its answers mean."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Mixed, Refused, Request, Resend, Response, Retry
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
from server.destinations.klaviyo.config import Config
from server.model import NO_VISITOR, Person

_CONFIG = Config(api_key="pk_1")
_BULK = replace(_CONFIG, bulk=True)
_URL = "https://a.klaviyo.com/api/events"
_LET_IN = {"authorization": "Klaviyo-API-Key pk_1", "revision": "2026-04-15"}
_WHEN = {
    "time": "2025-10-09T08:53:50.000Z",
    "unique_id": "0199c000-0000-7000-8000-000000000001",
}
_ANONYMOUS = {"anonymous_id": "0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11"}
_VISITOR = {"data": {"type": "profile", "attributes": _ANONYMOUS}}
_USER = {"data": {"type": "profile", "attributes": {**_ANONYMOUS, "external_id": "u-42"}}}
_PAGE = {
    "page_location": "https://www.example.com/shoes",
    "page_title": "Shoes",
    "page_referrer": "https://www.google.com/",
}
_LINE = {
    "ProductID": "SKU-1",
    "ProductName": "Shoes",
    "ItemPrice": 29.95,
    "ProductCategories": ["Footwear"],
    "Brand": "Freewalk",
}
_LIST = {"ItemNames": ["Shoes"], "Brands": ["Freewalk"], "Categories": ["Footwear"]}
_ORDER = {
    "page_location": "https://www.example.com/thanks",
    "page_title": "Thank you",
    "page_referrer": "https://www.google.com/",
    "coupon": "SPRING",
    "OrderId": "T-1001",
    "DiscountCode": "SPRING",
    "ItemNames": ["Shoes", "Laces"],
    "Brands": ["Freewalk"],
    "Categories": ["Footwear"],
    "Items": [
        {**_LINE, "Quantity": 2},
        {"ProductID": "SKU-2", "ProductName": "Laces", "Quantity": 1, "ItemPrice": 4.95},
    ],
}
_PLACED = {"data": {"type": "metric", "attributes": {"name": "Placed Order"}}}

EXAMPLES = (
    Example(
        title="A page view of our own visitor",
        sendings=(sample(_CONFIG, PAGE_VIEW),),
        request=json_request(
            _URL,
            {
                "data": {
                    "type": "event",
                    "attributes": {
                        **_WHEN,
                        "metric": {
                            "data": {"type": "metric", "attributes": {"name": "Active on Site"}}
                        },
                        "profile": _VISITOR,
                        "properties": _PAGE,
                    },
                }
            },
            _LET_IN,
        ),
    ),
    Example(
        title="A product that is seen, by itself",
        sendings=(sample(_CONFIG, VIEW_ITEM),),
        request=json_request(
            _URL,
            {
                "data": {
                    "type": "event",
                    "attributes": {
                        **_WHEN,
                        "metric": {
                            "data": {"type": "metric", "attributes": {"name": "Viewed Product"}}
                        },
                        "profile": _VISITOR,
                        "properties": {
                            **_PAGE,
                            **_LIST,
                            "Items": [{**_LINE, "Quantity": 1}],
                            "ProductID": "SKU-1",
                            "ProductName": "Shoes",
                            "Price": 29.95,
                            "Brand": "Freewalk",
                        },
                        "value": 29.95,
                        "value_currency": "EUR",
                    },
                }
            },
            _LET_IN,
        ),
    ),
    Example(
        title="An order with the customer's profile, who had come from an e-mail of Klaviyo's",
        sendings=(
            sample(
                replace(
                    _CONFIG,
                    api_version="2026-07-15",
                    params={"store": "Lyon", "coupon": None},
                    profile={"tier": "gold"},
                    send_user_data=True,
                    send_device=True,
                ),
                PURCHASE,
                replace(
                    PERSON, cookies={"__kla_id": "eyJjaWQiOiJhIiwiJGV4Y2hhbmdlX2lkIjoiZXguMSJ9"}
                ),
            ),
        ),
        request=json_request(
            _URL,
            {
                "data": {
                    "type": "event",
                    "attributes": {
                        **_WHEN,
                        "metric": _PLACED,
                        "profile": {
                            "data": {
                                "type": "profile",
                                "attributes": {
                                    **_ANONYMOUS,
                                    "external_id": "u-42",
                                    "email": "jo.doe@gmail.com",
                                    "phone_number": "+33612345678",
                                    "_kx": "ex.1",
                                    "first_name": "Jo",
                                    "last_name": "Doe",
                                    "location": {
                                        "address1": "1, rue de la Paix",
                                        "city": "Paris",
                                        "region": "IDF",
                                        "zip": "75002",
                                        "country": "FR",
                                        "ip": "203.0.113.9",
                                    },
                                    "properties": {"tier": "gold"},
                                },
                            }
                        },
                        "properties": {
                            **{name: said for name, said in _ORDER.items() if name != "coupon"},
                            "store": "Lyon",
                        },
                        "value": 64.85,
                        "value_currency": "EUR",
                    },
                }
            },
            {**_LET_IN, "revision": "2026-07-15"},
        ),
    ),
    Example(
        title="An order without consent for user data, of a tag that does not need it",
        sendings=(
            sample(replace(_CONFIG, send_user_data=True), PURCHASE, denied=("ad_user_data",)),
        ),
        request=json_request(
            _URL,
            {
                "data": {
                    "type": "event",
                    "attributes": {
                        **_WHEN,
                        "metric": _PLACED,
                        "profile": _USER,
                        "properties": _ORDER,
                        "value": 64.85,
                        "value_currency": "EUR",
                    },
                }
            },
            _LET_IN,
        ),
    ),
    Example(
        title="A product put into the cart, a lead and a sign-up, in bulk",
        sendings=(sample(_BULK, ADD_TO_CART), sample(_BULK, LEAD), sample(_BULK, SIGN_UP)),
        request=Request(
            url="https://a.klaviyo.com/api/event-bulk-create-jobs",
            headers={**_LET_IN, "content-type": "application/json"},
            body=b'{"data":{"type":"event-bulk-create-job","attributes":{"events-bulk-create":'
            b'{"data":[{"type":"event-bulk-create","attributes":{"profile":{"data":{"type":"profile"'
            b',"attributes":{"anonymous_id":"0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11"}}},"events":{'
            b'"data":[{"type":"event","attributes":{"metric":{"data":{"type":"metric","attributes":{'
            b'"name":"Added to Cart"}}},"properties":{"page_location":"https://www.example.com/shoes'
            b'","page_title":"Shoes","page_referrer":"https://www.google.com/","ItemNames":["Shoes"],'
            b'"Brands":["Freewalk"],"Categories":["Footwear"],"Items":[{"ProductID":"SKU-1",'
            b'"ProductName":"Shoes","Quantity":2,"ItemPrice":29.95,"ProductCategories":["Footwear"],'
            b'"Brand":"Freewalk"}],"AddedItemProductID":"SKU-1","AddedItemProductName":"Shoes",'
            b'"AddedItemPrice":29.95,"AddedItemBrand":"Freewalk","AddedItemCategories":["Footwear"],'
            b'"AddedItemQuantity":2},"time":"2025-10-09T08:53:50.000Z","unique_id":'
            b'"0199c000-0000-7000-8000-000000000001","value":59.9,"value_currency":"EUR"}}]}}},'
            b'{"type":"event-bulk-create","attributes":{"profile":{"data":{"type":"profile",'
            b'"attributes":{"anonymous_id":"0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11"}}},"events":{"data'
            b'":[{"type":"event","attributes":{"metric":{"data":{"type":"metric","attributes":{"name"'
            b':"generate_lead"}}},"properties":{"page_location":"https://www.example.com/shoes",'
            b'"page_title":"Shoes","page_referrer":"https://www.google.com/"},"time":'
            b'"2025-10-09T08:53:50.000Z","unique_id":"0199c000-0000-7000-8000-000000000001","value":'
            b'15,"value_currency":"EUR"}}]}}},{"type":"event-bulk-create","attributes":{"profile":{'
            b'"data":{"type":"profile","attributes":{"external_id":"u-42","anonymous_id":'
            b'"0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11"}}},"events":{"data":[{"type":"event",'
            b'"attributes":{"metric":{"data":{"type":"metric","attributes":{"name":"sign_up"}}},'
            b'"properties":{"page_location":"https://www.example.com/shoes","page_title":"Shoes",'
            b'"page_referrer":"https://www.google.com/","method":"email"},"time":'
            b'"2025-10-09T08:53:50.000Z","unique_id":"0199c000-0000-7000-8000-000000000001"}}]}}}'
            b"]}}}}",
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="An event of nobody: without consent there is no cookie",
        sending=sample(_CONFIG, replace(EVENT, visitor_id=NO_VISITOR), Person()),
        refused=Refused(
            "no_match_key",
            "nothing tells Klaviyo whose it is: no cookie, no user id, and no e-mail or phone that"
            " may be sent",
        ),
    ),
)

ANSWERS = (
    Answer(title="Taken", response=Response(status=202), outcome=Delivered()),
    Answer(
        title="One of a job is wrong; Klaviyo has taken none",
        response=Response(
            status=400,
            body=b'{"errors":[{"id":"x","status":400,"code":"invalid","title":"Invalid input.",'
            b'"detail":"Invalid phone number format","source":{"pointer":"/data/attributes/'
            b'events-bulk-create/data/3/attributes/profile/data/attributes/phone_number"}}]}',
        ),
        outcome=Mixed(
            parts={3: Refused("bad_event", "Invalid phone number format", code="invalid")},
            rest=Resend(code="invalid"),
        ),
    ),
    Answer(
        title="The event is wrong",
        response=Response(
            status=400,
            body=b'{"errors":[{"code":"invalid","source":{"pointer":"/data/attributes/time"}}]}',
        ),
        outcome=Refused(
            "http_400",
            '{"errors":[{"code":"invalid","source":{"pointer":"/data/attributes/time"}}]}',
            code="invalid",
        ),
    ),
    Answer(
        title="The key is wrong, or lacks the scope",
        response=Response(status=403, body=b'{"errors":[{"code":"permission_denied"}]}'),
        outcome=Denied(
            "credentials", '{"errors":[{"code":"permission_denied"}]}', code="permission_denied"
        ),
    ),
    Answer(
        title="Too many at once",
        response=Response(
            status=429, headers={"retry-after": "3"}, body=b'{"errors":[{"code":"throttled"}]}'
        ),
        outcome=Retry("http_429", '{"errors":[{"code":"throttled"}]}', code="throttled"),
    ),
)
