"""What TikTok is sent, word for word, and what it would refuse."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from server.delivery import Refused, Request
from server.destinations.contract import (
    ADD_TO_CART,
    ANONYMOUS,
    HASHED,
    HASHED_USER,
    HASHED_VISITOR,
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
from server.destinations.tiktok.config import Config

_CONFIG = Config(pixel_code="C4T8V5JC77UFQN0PKGJG", access_token="t0ken")  # noqa: S106
_QUIET = replace(_CONFIG, send_user_data=False)
_BROWSER = replace(
    PERSON, click_ids={"ttclid": "E.C.P.v3fQ2RHacdksKfofPmlyuStIIHJ4Af1"}, cookies={"_ttp": "2Fz9"}
)
_DEVICE = {
    "ip": "203.0.113.9",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0",
    "locale": "fr-FR",
}
_EVENT = {
    "event_time": 1760000030,
    "event_id": "0199c000-0000-7000-8000-000000000001",
    "page": {"url": "https://www.example.com/shoes", "referrer": "https://www.google.com/"},
}
_SHOES = {
    "content_id": "SKU-1",
    "content_name": "Shoes",
    "content_category": "Footwear",
    "brand": "Freewalk",
    "price": 29.95,
    "quantity": 2,
}
_ONE_PAIR = {
    "value": 29.95,
    "currency": "EUR",
    "content_type": "product",
    "content_ids": ["SKU-1"],
    "contents": [{**_SHOES, "quantity": 1}],
    "num_items": 1,
}


def _request(*events: dict[str, Any], **more: str) -> Request:
    source = {"event_source": "web", "event_source_id": "C4T8V5JC77UFQN0PKGJG"}
    return json_request(
        "https://business-api.tiktok.com/open_api/v1.3/event/track/",
        {**source, "data": list(events), **more},
        {"access-token": "t0ken"},
    )


EXAMPLES = (
    Example(
        title="A purchase of someone who came by an ad and grants everything",
        sendings=(sample(_CONFIG, PURCHASE, _BROWSER),),
        request=_request(
            {
                **_EVENT,
                "event": "Purchase",
                "page": {
                    "url": "https://www.example.com/thanks",
                    "referrer": "https://www.google.com/",
                },
                "user": {
                    "email": HASHED["em"],
                    "phone": ["42d573cfc315801d4cd8eddd5416b416a0bf298b9b9e12d6b07442c91db42bd8"],
                    "first_name": (
                        "c278ec5a69c34aace42773e41b1163e6ce40c906f2a14f807d39d1b2a1c2dff5"
                    ),
                    "last_name": "799ef92a11af918e3fb741df42934f3b568ed2d93ac1df74f1b8d41a27932a6f",
                    "zip_code": "de91f1787a94a068c252699f63c29de1d1b035adab4b6ee229e8fca187773ca4",
                    "city": "paris",
                    "state": "idf",
                    "country": "fr",
                    "external_id": [HASHED_USER, HASHED_VISITOR],
                    "ttclid": "E.C.P.v3fQ2RHacdksKfofPmlyuStIIHJ4Af1",
                    "ttp": "2Fz9",
                    **_DEVICE,
                },
                "properties": {
                    "value": 64.85,
                    "currency": "EUR",
                    "content_type": "product",
                    "content_ids": ["SKU-1", "SKU-2"],
                    "contents": [
                        _SHOES,
                        {
                            "content_id": "SKU-2",
                            "content_name": "Laces",
                            "price": 4.95,
                            "quantity": 1,
                        },
                    ],
                    "num_items": 3,
                    "order_id": "T-1001",
                },
            }
        ),
    ),
    Example(
        title="A page view of someone who lets neither user data go nor be judged by it",
        sendings=(
            sample(_CONFIG, PAGE_VIEW, _BROWSER, denied=("ad_user_data", "ad_personalization")),
        ),
        request=_request(
            {
                **_EVENT,
                "event": "Pageview",
                "user": {
                    "ttclid": "E.C.P.v3fQ2RHacdksKfofPmlyuStIIHJ4Af1",
                    "ttp": "2Fz9",
                    **_DEVICE,
                },
                "limited_data_use": True,
            }
        ),
    ),
    Example(
        title="Two events of a tag without user data, in one request, under Test events",
        sendings=(
            sample(replace(_QUIET, test_event_code="TEST123"), VIEW_ITEM, ANONYMOUS),
            sample(replace(_QUIET, test_event_code="TEST123"), ADD_TO_CART, ANONYMOUS),
        ),
        request=_request(
            {**_EVENT, "event": "ViewContent", "user": _DEVICE, "properties": _ONE_PAIR},
            {
                **_EVENT,
                "event": "AddToCart",
                "user": _DEVICE,
                "properties": {
                    **_ONE_PAIR,
                    "value": 59.9,
                    "contents": [_SHOES],
                    "num_items": 2,
                },
            },
            test_event_code="TEST123",
        ),
    ),
    Example(
        title="A lead under the older name, with a field of one's own",
        sendings=(
            sample(
                replace(_CONFIG, event_name="SubmitForm", params={"description": "Test drive"}),
                LEAD,
                ANONYMOUS,
            ),
        ),
        request=_request(
            {
                **_EVENT,
                "event": "SubmitForm",
                "user": {"external_id": [HASHED_VISITOR], **_DEVICE},
                "properties": {"value": 15, "currency": "EUR", "description": "Test drive"},
            }
        ),
    ),
    Example(
        title="A sign-up",
        sendings=(sample(_QUIET, SIGN_UP, ANONYMOUS),),
        request=_request({**_EVENT, "event": "CompleteRegistration", "user": _DEVICE}),
    ),
)

REFUSALS = (
    Refusal(
        title="An event that TikTok has no name for",
        sending=sample(_CONFIG, replace(PAGE_VIEW, name="scroll")),
        refused=Refused(
            "no_mapping",
            "no event of this partner is like 'scroll': set `event_name` on the tag, or let it "
            "fire on one of add_payment_info, add_to_cart, add_to_wishlist, begin_checkout, "
            "file_download, generate_lead, page_view, purchase, search, sign_up, view_item, "
            "view_search_results",
        ),
    ),
    Refusal(
        title="A visitor whom TikTok cannot tell",
        sending=sample(replace(_QUIET, send_device=False), PAGE_VIEW),
        refused=Refused(
            "no_match_key",
            "nothing tells TikTok whose it is: no click, cookie, e-mail, phone, id or address",
        ),
    ),
)
