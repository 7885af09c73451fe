"""What Pinterest is sent, word for word, and what it would refuse."""

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
from server.destinations.pinterest.config import Config
from server.model import Person

_CONFIG = Config(ad_account_id="549755885175", access_token="t0ken")  # noqa: S106
_QUIET = replace(_CONFIG, send_user_data=False)
_BROWSER = replace(PERSON, cookies={"_epik": "dj0yJnU9N3lPUGE3TXBNcTk"})
_EVENT = {
    "event_time": 1760000030,
    "event_id": "0199c000-0000-7000-8000-000000000001",
    "action_source": "web",
    "event_source_url": "https://www.example.com/shoes",
    "language": "fr",
}
_SHOES = {
    "id": "SKU-1",
    "item_name": "Shoes",
    "item_category": "Footwear",
    "item_brand": "Freewalk",
    "item_price": "29.95",
    "quantity": 2,
}
_ONE_PAIR = {
    "value": "29.95",
    "currency": "EUR",
    "content_ids": ["SKU-1"],
    "contents": [{**_SHOES, "quantity": 1}],
    "num_items": 1,
}


def _request(*events: dict[str, Any], query: str = "") -> Request:
    url = f"https://api.pinterest.com/v5/ad_accounts/549755885175/events{query}"
    return json_request(url, {"data": list(events)}, {"authorization": "Bearer t0ken"})


EXAMPLES = (
    Example(
        title="A purchase of someone who came by an ad and grants everything",
        sendings=(sample(_CONFIG, PURCHASE, _BROWSER),),
        request=_request(
            {
                **_EVENT,
                "event_name": "checkout",
                "event_source_url": "https://www.example.com/thanks",
                "user_data": {
                    **HASHED,
                    "external_id": [HASHED_USER, HASHED_VISITOR],
                    **DEVICE,
                    "click_id": "dj0yJnU9N3lPUGE3TXBNcTk",
                },
                "custom_data": {
                    "value": "64.85",
                    "currency": "EUR",
                    "content_ids": ["SKU-1", "SKU-2"],
                    "contents": [
                        _SHOES,
                        {
                            "id": "SKU-2",
                            "item_name": "Laces",
                            "item_price": "4.95",
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
                "event_name": "page_visit",
                "user_data": {**DEVICE, "click_id": "dj0yJnU9N3lPUGE3TXBNcTk"},
                "custom_data": {"opt_out_type": "LDP"},
                "opt_out": True,
            }
        ),
    ),
    Example(
        title="Two events of a tag without user data, in one request, only looked at",
        sendings=(
            sample(replace(_QUIET, validate_only=True), VIEW_ITEM, ANONYMOUS),
            sample(replace(_QUIET, validate_only=True), ADD_TO_CART, ANONYMOUS),
        ),
        request=_request(
            {
                **_EVENT,
                "event_name": "view_content",
                "user_data": DEVICE,
                "custom_data": _ONE_PAIR,
            },
            {
                **_EVENT,
                "event_name": "add_to_cart",
                "user_data": DEVICE,
                "custom_data": {
                    **_ONE_PAIR,
                    "value": "59.9",
                    "contents": [_SHOES],
                    "num_items": 2,
                },
            },
            query="?test=true",
        ),
    ),
    Example(
        title="A lead, with a field of one's own and limited data processing",
        sendings=(
            sample(
                replace(_QUIET, params={"lead_type": "Test drive"}, limited_data_use=True),
                LEAD,
                ANONYMOUS,
            ),
        ),
        request=_request(
            {
                **_EVENT,
                "event_name": "lead",
                "user_data": DEVICE,
                "custom_data": {
                    "value": "15",
                    "currency": "EUR",
                    "opt_out_type": "LDP",
                    "lead_type": "Test drive",
                },
            }
        ),
    ),
    Example(
        title="A sign-up in a shop, under another name",
        sendings=(
            sample(
                replace(_CONFIG, event_name="subscribe", action_source="offline"),
                replace(SIGN_UP, url="", language=""),
                Person(email="jo.doe@gmail.com"),
            ),
        ),
        request=_request(
            {
                "event_name": "subscribe",
                "event_time": 1760000030,
                "event_id": "0199c000-0000-7000-8000-000000000001",
                "action_source": "offline",
                "user_data": {
                    "em": HASHED["em"],
                    "external_id": [HASHED_USER, HASHED_VISITOR],
                },
            }
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="An event that Pinterest has no name for",
        sending=sample(_CONFIG, replace(PAGE_VIEW, name="scroll")),
        refused=Refused(
            "no_mapping",
            "no event of this partner is like 'scroll': set `event_name` on the tag, or let it "
            "fire on one of add_payment_info, add_to_cart, add_to_wishlist, begin_checkout, "
            "generate_lead, page_view, purchase, search, sign_up, view_item, view_item_list, "
            "view_search_results",
        ),
    ),
    Refusal(
        title="A visitor whom Pinterest cannot tell: a click is not enough",
        sending=sample(replace(_QUIET, send_device=False), PAGE_VIEW, _BROWSER),
        refused=Refused(
            "no_match_key",
            "nothing tells Pinterest whose it is: no e-mail or address with user agent",
        ),
    ),
    Refusal(
        title="A value without a currency",
        sending=sample(_CONFIG, replace(PURCHASE, currency="")),
        refused=Refused(
            "no_currency",
            "Pinterest takes a value without a currency for one of the ad account's: set "
            "`currency` of the event or the container",
        ),
    ),
)
