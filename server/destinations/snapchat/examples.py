"""What Snap is sent, word for word, and what it would refuse."""

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
                    **HASHED,
                    "external_id": [HASHED_USER, HASHED_VISITOR],
                    **DEVICE,
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
                "user_data": {**DEVICE, **_CLICK},
                "opt_out": True,
                "data_processing_options": ["LDU"],
            }
        ),
    ),
    Example(
        title="Two events of a tag without user data, in one request, to the test tool",
        sendings=(
            sample(replace(_QUIET, validate_only=True), VIEW_ITEM, ANONYMOUS),
            sample(replace(_QUIET, validate_only=True), ADD_TO_CART, ANONYMOUS),
        ),
        request=_request(
            {
                **_EVENT,
                "event_name": "VIEW_CONTENT",
                "user_data": DEVICE,
                "custom_data": _ONE_PAIR,
            },
            {
                **_EVENT,
                "event_name": "ADD_CART",
                "user_data": DEVICE,
                "custom_data": {**_ONE_PAIR, "value": 59.9, "contents": [_SHOES], "num_items": 2},
            },
            path="events/validate",
        ),
    ),
    Example(
        title="A sign-up",
        sendings=(sample(_QUIET, SIGN_UP, ANONYMOUS),),
        request=_request(
            {
                **_EVENT,
                "event_name": "SIGN_UP",
                "user_data": DEVICE,
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
                    "ph": HASHED["ph"],
                    "external_id": [HASHED_VISITOR],
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
