"""What Reddit is sent, word for word, and what its answers mean."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Mixed, Refused, Resend, Response, Retry
from server.destinations.contract import (
    ADD_TO_CART,
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
from server.destinations.reddit.config import Config
from server.model import Person

_TOKEN = {"authorization": "Bearer t0ken"}
_URL = "https://ads-api.reddit.com/api/v3/pixels/a2_abc123/conversion_events"
_CONFIG = Config(pixel_id="a2_abc123", access_token="t0ken")  # noqa: S106
_VISITOR = replace(
    PERSON,
    cookies={"_rdt_uuid": "1677712978045.b8f7eb7d-b357-437b-8bd3-e1c8166c7132"},
    click_ids={"rdt_cid": "3184742045291813272"},
)
_AT = 1_760_000_030_000
_ID = "0199c000-0000-7000-8000-000000000001"
_EMAIL = "a57e48743464464f6f3f53288dace5ca7a453a35a62a8f37b7f552468b410a46"
"""Of jodoe@gmail.com: Reddit takes dots out of whatever mail address."""
_PHONE = "42d573cfc315801d4cd8eddd5416b416a0bf298b9b9e12d6b07442c91db42bd8"
_USER_ID = "16ec525b74b75626eb93ecad8acc749885fcf4e83c95b139342769a4ab1828a3"
_IP = "d861b7e91033ebc1c1e8e7af3929010158b3241b54ca87ef73e79c32f26400ec"
_BROWSER = {"uuid": "1677712978045.b8f7eb7d-b357-437b-8bd3-e1c8166c7132"}
_DEVICE = {"ip_address": _IP, "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0"}
_WHO = {"email": _EMAIL, "phone_number": _PHONE}
_SHOES = {
    "id": "SKU-1",
    "name": "Shoes",
    "category": "Footwear",
    "quantity": 2,
    "item_price": 29.95,
}
_LACES = {"id": "SKU-2", "name": "Laces", "quantity": 1, "item_price": 4.95}

EXAMPLES = (
    Example(
        title="A page view, by the click that the visit began with",
        sendings=(sample(_CONFIG, replace(PAGE_VIEW, screen="1920x1080"), _VISITOR),),
        request=json_request(
            _URL,
            {
                "data": {
                    "events": [
                        {
                            "event_at": _AT,
                            "action_source": "WEBSITE",
                            "event_source_url": "https://www.example.com/shoes",
                            "type": {"tracking_type": "PAGE_VISIT"},
                            "click_id": "3184742045291813272",
                            "metadata": {"conversion_id": _ID},
                            "user": {
                                **_BROWSER,
                                **_WHO,
                                **_DEVICE,
                                "screen_dimensions": {"width": 1920, "height": 1080},
                            },
                        }
                    ]
                }
            },
            _TOKEN,
        ),
    ),
    Example(
        title="Product view, cart, lead and sign-up in one request",
        sendings=(
            sample(_CONFIG, VIEW_ITEM),
            sample(_CONFIG, ADD_TO_CART),
            sample(_CONFIG, LEAD),
            sample(_CONFIG, SIGN_UP),
        ),
        request=json_request(
            _URL,
            {
                "data": {
                    "events": [
                        {
                            "event_at": _AT,
                            "action_source": "WEBSITE",
                            "event_source_url": "https://www.example.com/shoes",
                            "type": {"tracking_type": "VIEW_CONTENT"},
                            "metadata": {
                                "conversion_id": _ID,
                                "products": [{**_SHOES, "quantity": 1}],
                            },
                            "user": {**_WHO, **_DEVICE},
                        },
                        {
                            "event_at": _AT,
                            "action_source": "WEBSITE",
                            "event_source_url": "https://www.example.com/shoes",
                            "type": {"tracking_type": "ADD_TO_CART"},
                            "metadata": {
                                "conversion_id": _ID,
                                "value": 59.9,
                                "currency": "EUR",
                                "item_count": 2,
                                "products": [_SHOES],
                            },
                            "user": {**_WHO, **_DEVICE},
                        },
                        {
                            "event_at": _AT,
                            "action_source": "WEBSITE",
                            "event_source_url": "https://www.example.com/shoes",
                            "type": {"tracking_type": "LEAD"},
                            "metadata": {"conversion_id": _ID, "value": 15, "currency": "EUR"},
                            "user": {**_WHO, **_DEVICE},
                        },
                        {
                            "event_at": _AT,
                            "action_source": "WEBSITE",
                            "event_source_url": "https://www.example.com/shoes",
                            "type": {"tracking_type": "SIGN_UP"},
                            "metadata": {"conversion_id": _ID},
                            "user": {**_WHO, "external_id": _USER_ID, **_DEVICE},
                        },
                    ]
                }
            },
            _TOKEN,
        ),
    ),
    Example(
        title="A purchase of who grants neither user data nor personalised advertising",
        sendings=(
            sample(_CONFIG, PURCHASE, _VISITOR, denied=("ad_user_data", "ad_personalization")),
        ),
        request=json_request(
            _URL,
            {
                "data": {
                    "events": [
                        {
                            "event_at": _AT,
                            "action_source": "WEBSITE",
                            "event_source_url": "https://www.example.com/thanks",
                            "type": {"tracking_type": "PURCHASE"},
                            "click_id": "3184742045291813272",
                            "metadata": {
                                "conversion_id": _ID,
                                "value": 64.85,
                                "currency": "EUR",
                                "item_count": 3,
                                "products": [_SHOES, _LACES],
                            },
                            "user": {
                                **_BROWSER,
                                **_DEVICE,
                                "data_processing_options": {"modes": ["LDU"], "country": "FR"},
                            },
                        }
                    ]
                }
            },
            _TOKEN,
        ),
    ),
    Example(
        title="A custom conversion, tested, with a worth of its own and without the device",
        sendings=(
            sample(
                replace(
                    _CONFIG,
                    event_name="Promotion Event",
                    params={"value": 5, "currency": "USD"},
                    send_device=False,
                    test_id="t2_test",
                ),
                replace(PAGE_VIEW, name="select_promotion"),
                _VISITOR,
            ),
        ),
        request=json_request(
            _URL,
            {
                "data": {
                    "events": [
                        {
                            "event_at": _AT,
                            "action_source": "WEBSITE",
                            "event_source_url": "https://www.example.com/shoes",
                            "type": {
                                "tracking_type": "CUSTOM",
                                "custom_event_name": "Promotion Event",
                            },
                            "click_id": "3184742045291813272",
                            "metadata": {"conversion_id": _ID, "value": 5, "currency": "USD"},
                            "user": {**_BROWSER, **_WHO},
                        }
                    ],
                    "test_id": "t2_test",
                }
            },
            _TOKEN,
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="No event of Reddit's is like it",
        sending=sample(_CONFIG, replace(PAGE_VIEW, name="scroll")),
        refused=Refused(
            "no_mapping",
            "no event of this partner is like 'scroll': set `event_name` on the tag, or let it fire"
            " on one of add_to_cart, add_to_wishlist, generate_lead, page_view, purchase, search,"
            " sign_up, view_item, view_search_results",
        ),
    ),
    Refusal(
        title="A worth without a currency",
        sending=sample(_CONFIG, replace(PURCHASE, currency="")),
        refused=Refused(
            "no_currency", "Reddit takes value and currency together: set `currency` of the event"
        ),
    ),
    Refusal(
        title="Nobody is known",
        sending=sample(_CONFIG, PAGE_VIEW, Person(user_agent="Mozilla/5.0")),
        refused=Refused(
            "no_match_key",
            "nothing tells Reddit whose it is: no click id, cookie, e-mail, phone, user id or"
            " address",
        ),
    ),
)

_FAULT = (
    b'{"error":{"code":400,"message":"There were 1 invalid conversion events. None were processed.'
    b'","fields":[{"field":"$.data.events[1].user.UUID","message":"invalid UUID"}]}}'
)

ANSWERS = (
    Answer(
        title="Taken",
        response=Response(
            status=200,
            body=b'{"data":{"message":"Successfully processed 2 conversion events."}}',
        ),
        outcome=Delivered(),
    ),
    Answer(
        title="One event is wrong, and none was taken",
        response=Response(status=400, body=_FAULT),
        outcome=Mixed({1: Refused("invalid_event", "user.UUID: invalid UUID")}, rest=Resend()),
    ),
    Answer(
        title="The request is wrong, and nobody is named",
        response=Response(status=400, body=b'{"error":{"code":400,"message":"Bad Request"}}'),
        outcome=Refused("http_400", '{"error":{"code":400,"message":"Bad Request"}}'),
    ),
    Answer(
        title="The token is none, or not of this pixel",
        response=Response(status=403, body=b"You're not authorized to post conversions"),
        outcome=Denied("credentials", "You're not authorized to post conversions"),
    ),
    Answer(
        title="Too many requests",
        response=Response(status=429, body=b"Too many requests/events within timeframe."),
        outcome=Retry("http_429", "Too many requests/events within timeframe."),
    ),
    Answer(
        title="Reddit is down",
        response=Response(status=500),
        outcome=Retry("http_500"),
    ),
)
