"""What Meta is sent, word for word, and what it would refuse."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from server.delivery import Refused, Request
from server.destinations.contract import (
    ADD_TO_CART,
    ANONYMOUS,
    DEVICE,
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
from server.destinations.meta.config import Config
from server.model import NO_VISITOR, Person

_CONFIG = Config(pixel_id="1234567890123456", access_token="t0ken")  # noqa: S106
_QUIET = replace(_CONFIG, send_user_data=False)
_BROWSER = replace(
    PERSON,
    cookies={
        "_fbc": "fb.1.1760000000000.IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk",
        "_fbp": "fb.1.1750000000000.1116446470",
    },
)
_EVENT = {
    "event_time": 1760000030,
    "event_id": "0199c000-0000-7000-8000-000000000001",
    "action_source": "website",
    "event_source_url": "https://www.example.com/shoes",
    "referrer_url": "https://www.google.com/",
}
_SHOES = {"id": "SKU-1", "quantity": 2, "item_price": 29.95}


def _request(*events: dict[str, Any], query: str = "access_token=t0ken", **more: str) -> Request:
    url = f"https://graph.facebook.com/v25.0/1234567890123456/events?{query}"
    return json_request(url, {"data": list(events), **more})


EXAMPLES = (
    Example(
        title="A purchase of someone who came by an ad and grants everything",
        sendings=(sample(_CONFIG, PURCHASE, _BROWSER),),
        request=_request(
            {
                **_EVENT,
                "event_name": "Purchase",
                "event_source_url": "https://www.example.com/thanks",
                "user_data": {
                    **HASHED,
                    **DEVICE,
                    "external_id": [HASHED_USER, HASHED_VISITOR],
                    "fbc": "fb.1.1760000000000."
                    "IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk",
                    "fbp": "fb.1.1750000000000.1116446470",
                },
                "custom_data": {
                    "value": 64.85,
                    "currency": "EUR",
                    "content_type": "product",
                    "content_ids": ["SKU-1", "SKU-2"],
                    "contents": [_SHOES, {"id": "SKU-2", "quantity": 1, "item_price": 4.95}],
                    "order_id": "T-1001",
                },
            }
        ),
    ),
    Example(
        title="A page view of someone who lets neither user data go nor be judged by it",
        sendings=(
            sample(
                _CONFIG,
                PAGE_VIEW,
                replace(PERSON, click_ids={"fbclid": "IwAR0"}),
                denied=("ad_user_data", "ad_personalization"),
            ),
        ),
        request=_request(
            {
                **_EVENT,
                "event_name": "PageView",
                "user_data": {**DEVICE, "fbc": "fb.1.1760000030000.IwAR0"},
                "opt_out": True,
                "data_processing_options": ["LDU"],
                "data_processing_options_country": 0,
                "data_processing_options_state": 0,
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
            {
                **_EVENT,
                "event_name": "ViewContent",
                "user_data": DEVICE,
                "custom_data": {
                    "value": 29.95,
                    "currency": "EUR",
                    "content_type": "product",
                    "content_ids": ["SKU-1"],
                    "contents": [{**_SHOES, "quantity": 1}],
                    "content_name": "Shoes",
                    "content_category": "Footwear",
                },
            },
            {
                **_EVENT,
                "event_name": "AddToCart",
                "user_data": DEVICE,
                "custom_data": {
                    "value": 59.9,
                    "currency": "EUR",
                    "content_type": "product",
                    "content_ids": ["SKU-1"],
                    "contents": [_SHOES],
                    "content_name": "Shoes",
                    "content_category": "Footwear",
                },
            },
            test_event_code="TEST123",
        ),
    ),
    Example(
        title="A lead by telephone under a name of one's own, with the app's proof",
        sendings=(
            sample(
                replace(
                    _CONFIG,
                    app_secret="shh",  # noqa: S106
                    event_name="Test drive",
                    action_source="phone_call",
                    params={"value": None, "currency": None, "model": "S"},
                    limited_data_use=True,
                ),
                replace(LEAD, visitor_id=NO_VISITOR),
                Person(phone="+33 6 12 34 56 78"),
            ),
        ),
        request=_request(
            {
                **_EVENT,
                "event_name": "Test drive",
                "action_source": "phone_call",
                "user_data": {"ph": HASHED["ph"]},
                "custom_data": {"model": "S"},
                "data_processing_options": ["LDU"],
                "data_processing_options_country": 0,
                "data_processing_options_state": 0,
            },
            query="access_token=t0ken&appsecret_proof="
            "bc4d3b2fd55595af47e6b4a6105f9704e290010c073396999aaf3b7a289189db",
        ),
    ),
    Example(
        title="A sign-up",
        sendings=(sample(_CONFIG, SIGN_UP, ANONYMOUS),),
        request=_request(
            {
                **_EVENT,
                "event_name": "CompleteRegistration",
                "user_data": {
                    **DEVICE,
                    "external_id": [HASHED_USER, HASHED_VISITOR],
                    "fbp": "fb.1.1701752160260.120246302",
                },
            }
        ),
    ),
    Example(
        title="A lead",
        sendings=(sample(_QUIET, LEAD, ANONYMOUS),),
        request=_request(
            {
                **_EVENT,
                "event_name": "Lead",
                "user_data": DEVICE,
                "custom_data": {"value": 15, "currency": "EUR"},
            }
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="An event that Meta has no name for",
        sending=sample(_CONFIG, replace(PAGE_VIEW, name="scroll")),
        refused=Refused(
            "no_mapping",
            "no event of this partner is like 'scroll': set `event_name` on the tag, or let it "
            "fire on one of add_payment_info, add_to_cart, add_to_wishlist, begin_checkout, "
            "generate_lead, page_view, purchase, search, sign_up, view_item, view_search_results",
        ),
    ),
    Refusal(
        title="A visitor whom Meta cannot tell",
        sending=sample(replace(_QUIET, send_device=False), PAGE_VIEW),
        refused=Refused(
            "no_match_key",
            "nothing tells Meta whose it is: no click, cookie, e-mail, phone, name, id or address",
        ),
    ),
    Refusal(
        title="A website's event that does not say by which browser",
        sending=sample(_CONFIG, PAGE_VIEW, replace(PERSON, user_agent="")),
        refused=Refused(
            "no_page",
            "Meta requires page and user agent of what happens on a website: let the tag send "
            "them, or set its `action_source`",
        ),
    ),
    Refusal(
        title="A purchase without a currency",
        sending=sample(_CONFIG, replace(PURCHASE, currency="")),
        refused=Refused("no_currency", "a purchase needs a `currency`: the container may name one"),
    ),
    Refusal(
        title="A purchase without a value",
        sending=sample(_CONFIG, replace(PURCHASE, value=None)),
        refused=Refused("no_value", "a purchase needs a `value`, and the event has none"),
    ),
)
