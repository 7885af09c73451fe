"""What Pinterest is sent, word for word, and what it would refuse."""

from __future__ import annotations

from typing import Any

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
from server.destinations.pinterest.config import Config
from server.model import Person

_CONFIG = Config(ad_account_id="549755885175", access_token="t0ken")  # noqa: S106
_QUIET = replace(_CONFIG, send_user_data=False)
_BROWSER = replace(PERSON, cookies={"_epik": "dj0yJnU9N3lPUGE3TXBNcTk"})
_ANONYMOUS = Person(ip="203.0.113.9", user_agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0")
_DEVICE = {
    "client_ip_address": "203.0.113.9",
    "client_user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0",
}
_EVENT = {
    "event_time": 1760000030,
    "event_id": "0199c000-0000-7000-8000-000000000001",
    "action_source": "web",
    "event_source_url": "https://www.example.com/shoes",
    "language": "fr",
}
_VISITOR = "9a370cc86c3c6852f2c7add250ee35f24cac2d419f86a726513d3753bbbcddcd"
_USER = "16ec525b74b75626eb93ecad8acc749885fcf4e83c95b139342769a4ab1828a3"
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
                    "em": ["b366fb677b78d9ee1a992860cb906c85f08bbecba30dc31c30dbc34135f4d9bc"],
                    "ph": ["8a3e7886c9335e82e02299fa3e87b46e2de3b0c63d56003e30a5029394a47661"],
                    "fn": ["c278ec5a69c34aace42773e41b1163e6ce40c906f2a14f807d39d1b2a1c2dff5"],
                    "ln": ["799ef92a11af918e3fb741df42934f3b568ed2d93ac1df74f1b8d41a27932a6f"],
                    "ct": ["1670f2e42fefa5044d59a65349e47c566009488fc57d7b4376dd5787b59e3c57"],
                    "st": ["84f1cf20153ffa93b9fb7efed7055a71fc0c3b967ab072801877b928bb83205c"],
                    "zp": ["de91f1787a94a068c252699f63c29de1d1b035adab4b6ee229e8fca187773ca4"],
                    "country": ["67ad8f41a7bb0a18c45f3efd8f6a32bdcd832bcf8f3f2eb44006c03d53076e18"],
                    "external_id": [_USER, _VISITOR],
                    **_DEVICE,
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
                "user_data": {**_DEVICE, "click_id": "dj0yJnU9N3lPUGE3TXBNcTk"},
                "custom_data": {"opt_out_type": "LDP"},
                "opt_out": True,
            }
        ),
    ),
    Example(
        title="Two events of a tag without user data, in one request, only looked at",
        sendings=(
            sample(replace(_QUIET, validate_only=True), VIEW_ITEM, _ANONYMOUS),
            sample(replace(_QUIET, validate_only=True), ADD_TO_CART, _ANONYMOUS),
        ),
        request=_request(
            {
                **_EVENT,
                "event_name": "view_content",
                "user_data": _DEVICE,
                "custom_data": _ONE_PAIR,
            },
            {
                **_EVENT,
                "event_name": "add_to_cart",
                "user_data": _DEVICE,
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
                _ANONYMOUS,
            ),
        ),
        request=_request(
            {
                **_EVENT,
                "event_name": "lead",
                "user_data": _DEVICE,
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
                    "em": ["b366fb677b78d9ee1a992860cb906c85f08bbecba30dc31c30dbc34135f4d9bc"],
                    "external_id": [_USER, _VISITOR],
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
