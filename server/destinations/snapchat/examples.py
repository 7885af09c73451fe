"""What Snap is sent, word for word, and what it would refuse."""

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
from server.destinations.snapchat.config import Config
from server.model import Person

_PIXEL = "1ec32188-754e-4be2-8e55-c949a984a39f"
_CONFIG = Config(pixel_id=_PIXEL, access_token="t0ken")  # noqa: S106
_QUIET = replace(_CONFIG, send_user_data=False)
_BROWSER = replace(
    PERSON,
    click_ids={"sccid": "b1a1c1d1-0000-4000-8000-000000000001"},
    cookies={"_scid": "a5f9b6c8-1111-4222-8333-444455556666"},
)
_ANONYMOUS = Person(ip="203.0.113.9", user_agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0")
_DEVICE = {
    "client_ip_address": "203.0.113.9",
    "client_user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0",
}
_CLICK = {
    "sc_click_id": "b1a1c1d1-0000-4000-8000-000000000001",
    "sc_cookie1": "a5f9b6c8-1111-4222-8333-444455556666",
}
_EVENT = {
    "event_time": 1760000030,
    "event_id": "0199c000-0000-7000-8000-000000000001",
    "action_source": "WEB",
    "event_source_url": "https://www.example.com/shoes",
}
_VISITOR = "9a370cc86c3c6852f2c7add250ee35f24cac2d419f86a726513d3753bbbcddcd"
_USER = "16ec525b74b75626eb93ecad8acc749885fcf4e83c95b139342769a4ab1828a3"
_SHOES = {"id": "SKU-1", "quantity": "2", "item_price": "29.95", "brand": "Freewalk"}
_ONE_PAIR = {
    "value": 29.95,
    "currency": "EUR",
    "content_ids": ["SKU-1"],
    "contents": [{**_SHOES, "quantity": "1"}],
    "content_category": "Footwear",
    "num_items": 1,
}


def _request(*events: dict[str, Any], path: str = "events") -> Request:
    url = f"https://tr.snapchat.com/v3/1ec32188-754e-4be2-8e55-c949a984a39f/{path}"
    return json_request(f"{url}?access_token=t0ken", {"data": list(events)})


EXAMPLES = (
    Example(
        title="A purchase of someone who came by an ad and grants everything",
        sendings=(sample(_CONFIG, PURCHASE, _BROWSER),),
        request=_request(
            {
                **_EVENT,
                "event_name": "PURCHASE",
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
                    **_CLICK,
                },
                "custom_data": {
                    "value": 64.85,
                    "currency": "EUR",
                    "content_ids": ["SKU-1", "SKU-2"],
                    "contents": [_SHOES, {"id": "SKU-2", "quantity": "1", "item_price": "4.95"}],
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
                "event_name": "PAGE_VIEW",
                "user_data": {**_DEVICE, **_CLICK},
                "opt_out": True,
                "data_processing_options": ["LDU"],
            }
        ),
    ),
    Example(
        title="Two events of a tag without user data, in one request, to the test tool",
        sendings=(
            sample(replace(_QUIET, validate_only=True), VIEW_ITEM, _ANONYMOUS),
            sample(replace(_QUIET, validate_only=True), ADD_TO_CART, _ANONYMOUS),
        ),
        request=_request(
            {
                **_EVENT,
                "event_name": "VIEW_CONTENT",
                "user_data": _DEVICE,
                "custom_data": _ONE_PAIR,
            },
            {
                **_EVENT,
                "event_name": "ADD_CART",
                "user_data": _DEVICE,
                "custom_data": {**_ONE_PAIR, "value": 59.9, "contents": [_SHOES], "num_items": 2},
            },
            path="events/validate",
        ),
    ),
    Example(
        title="A sign-up",
        sendings=(sample(_QUIET, SIGN_UP, _ANONYMOUS),),
        request=_request(
            {
                **_EVENT,
                "event_name": "SIGN_UP",
                "user_data": _DEVICE,
                "custom_data": {"sign_up_method": "email"},
            }
        ),
    ),
    Example(
        title="A lead that came by telephone, as an event of one's own",
        sendings=(
            sample(
                replace(
                    _CONFIG,
                    event_name="CUSTOM_EVENT_1",
                    action_source="OFFLINE",
                    params={"value": None, "currency": None, "status": "new"},
                    limited_data_use=True,
                ),
                replace(LEAD, url=""),
                Person(phone="+33 6 12 34 56 78"),
            ),
        ),
        request=_request(
            {
                "event_name": "CUSTOM_EVENT_1",
                "event_time": 1760000030,
                "event_id": "0199c000-0000-7000-8000-000000000001",
                "action_source": "OFFLINE",
                "user_data": {
                    "ph": ["8a3e7886c9335e82e02299fa3e87b46e2de3b0c63d56003e30a5029394a47661"],
                    "external_id": [_VISITOR],
                },
                "custom_data": {"status": "new"},
                "data_processing_options": ["LDU"],
            }
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="An event that Snap has no name for",
        sending=sample(_CONFIG, LEAD),
        refused=Refused(
            "no_mapping",
            "no event of this partner is like 'generate_lead': set `event_name` on the tag, or let "
            "it fire on one of add_payment_info, add_to_cart, add_to_wishlist, begin_checkout, "
            "login, page_view, purchase, search, share, sign_up, view_item, view_item_list, "
            "view_search_results",
        ),
    ),
    Refusal(
        title="A visitor whom Snap cannot tell: a click is not enough",
        sending=sample(replace(_QUIET, send_device=False), PAGE_VIEW, _BROWSER),
        refused=Refused(
            "no_match_key",
            "nothing tells Snap whose it is: no e-mail, phone or address with user agent",
        ),
    ),
    Refusal(
        title="What happened on the web, and nobody knows where",
        sending=sample(_CONFIG, replace(PAGE_VIEW, url="")),
        refused=Refused(
            "no_page",
            "Snap requires the page of what happens on the web: let the tag send it, or set "
            "`action_source: OFFLINE`",
        ),
    ),
    Refusal(
        title="A purchase without a currency",
        sending=sample(_CONFIG, replace(PURCHASE, currency="")),
        refused=Refused("no_currency", "a purchase needs a `currency`: the container may name one"),
    ),
)
