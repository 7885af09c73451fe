"""What Piano is sent, word for word, and what its answers mean."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Refused, Response, Retry
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
from server.destinations.piano.config import Config
from server.model import NO_VISITOR, Item

_CONFIG = Config(endpoint="https://abcdefg.pa-cd.com", site_id=123456)
_URL = "https://abcdefg.pa-cd.com/event?s=123456&idclient=9a370cc8-6c3c-6852-f2c7-add250ee35f2"
_TEXT = {"content-type": "text/plain"}
_SHARED = {
    "device_timestamp_utc": 1_760_000_030_000,
    "event_collection_platform": "freehold",
    "event_url_full": "https://www.example.com/shoes",
    "previous_url": "https://www.google.com/",
    "page_title_html": "Shoes",
    "browser_language": "fr",
    "browser_language_local": "FR",
    "visitor_privacy_consent": True,
    "visitor_privacy_mode": "optin",
}
_ORDER = {
    **_SHARED,
    "event_url_full": "https://www.example.com/thanks",
    "page_title_html": "Thank you",
    "user_id": "u-42",
    "coupon": "SPRING",
    "cart_currency": "EUR",
    "cart_turnovertaxincluded": 64.85,
    "cart_quantity": 3,
    "cart_nbdistinctproduct": 2,
    "transaction_id": "T-1001",
    "transaction_promocode": ["SPRING"],
    "cart_id": "T-1001",
    "shipping_costtaxincluded": 4,
}
_SHOES = {
    "product_id": "SKU-1",
    "product": "Shoes",
    "product_brand": "Freewalk",
    "product_category1": "Footwear",
    "product_pricetaxincluded": 29.95,
    "product_quantity": 2,
}
_LACES = {
    "product_id": "SKU-2",
    "product": "Laces",
    "product_pricetaxincluded": 4.95,
    "product_quantity": 1,
}

EXAMPLES = (
    Example(
        title="A visit: page, product, cart, order, lead and sign-up",
        sendings=(
            sample(_CONFIG, replace(PAGE_VIEW, screen="1920x1080", campaign_source="news")),
            sample(_CONFIG, VIEW_ITEM),
            sample(_CONFIG, ADD_TO_CART),
            sample(_CONFIG, replace(PURCHASE, nums={"shipping": 4.0})),
            sample(_CONFIG, LEAD),
            sample(_CONFIG, SIGN_UP),
        ),
        request=json_request(
            _URL,
            {
                "events": [
                    {
                        "name": "page.display",
                        "data": {
                            **_SHARED,
                            "utm_source": "news",
                            "device_screen_width": 1920,
                            "device_screen_height": 1080,
                            "page": "Shoes",
                        },
                    },
                    {
                        "name": "product.page_display",
                        "data": {
                            **_SHARED,
                            "cart_currency": "EUR",
                            "items_list": [{**_SHOES, "product_quantity": 1}],
                        },
                    },
                    {
                        "name": "product.add_to_cart",
                        "data": {**_SHARED, "cart_currency": "EUR", "items_list": [_SHOES]},
                    },
                    {"name": "transaction.confirmation", "data": _ORDER},
                    {
                        "name": "product.purchased",
                        "data": {**_ORDER, "items_list": [_SHOES, _LACES]},
                    },
                    {
                        "name": "generate_lead",
                        "data": {**_SHARED, "value": 15, "currency": "EUR"},
                    },
                    {
                        "name": "sign_up",
                        "data": {**_SHARED, "user_id": "u-42", "method": "email"},
                    },
                ]
            },
            _TEXT,
        ),
    ),
    Example(
        title="Search, exit and download, of Piano's own visitor, with the device",
        sendings=tuple(
            sample(
                replace(_CONFIG, send_device=True, params={"site_section": "shop"}),
                replace(PAGE_VIEW, name=name, props=props),
                replace(
                    PERSON, cookies={"_pcid": "%7B%22browserId%22%3A%22lz9wrshm3h03ewbz%22%7D"}
                ),
            )
            for name, props in (
                ("search", {"search_term": "red shoes"}),
                ("click", {"link_text": "Sizes", "outbound": "true"}),
                ("file_download", {"file_name": "/sizes.pdf"}),
            )
        ),
        request=json_request(
            "https://abcdefg.pa-cd.com/event?s=123456&idclient=lz9wrshm3h03ewbz",
            {
                "events": [
                    {
                        "name": "internal_search_result.display",
                        "data": {
                            **_SHARED,
                            "ise_keyword": "red shoes",
                            "ise_page": 1,
                            "site_section": "shop",
                        },
                    },
                    {
                        "name": "click.exit",
                        "data": {
                            **_SHARED,
                            "link_text": "Sizes",
                            "outbound": "true",
                            "click": "Sizes",
                            "site_section": "shop",
                        },
                    },
                    {
                        "name": "click.download",
                        "data": {
                            **_SHARED,
                            "file_name": "/sizes.pdf",
                            "click": "/sizes.pdf",
                            "site_section": "shop",
                        },
                    },
                ]
            },
            {
                **_TEXT,
                "x-forwarded-for": "203.0.113.9",
                "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0",
            },
        ),
    ),
    Example(
        title="A page view of who grants nothing, by a tag that needs no consent",
        sendings=(
            sample(
                replace(_CONFIG, event_name="page.display"),
                replace(PAGE_VIEW, title="", path="/shoes"),
                denied=("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization"),
            ),
        ),
        request=json_request(
            _URL,
            {
                "events": [
                    {
                        "name": "page.display",
                        "data": {
                            **{k: v for k, v in _SHARED.items() if k != "page_title_html"},
                            "visitor_privacy_consent": False,
                            "visitor_privacy_mode": "exempt",
                            "page": "/shoes",
                        },
                    }
                ]
            },
            _TEXT,
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="Nobody's event",
        sending=sample(_CONFIG, replace(PAGE_VIEW, visitor_id=NO_VISITOR)),
        refused=Refused(
            "no_visitor",
            "neither our cookie nor Piano's came with the event, and Piano counts visits by it;"
            " without consent there is no cookie",
        ),
    ),
    Refusal(
        title="A product that has no id",
        sending=sample(_CONFIG, replace(VIEW_ITEM, items=[Item(item_name="Shoes")])),
        refused=Refused(
            "no_product_id", "Piano takes no product.page_display without an item with `item_id`"
        ),
    ),
    Refusal(
        title="A cart that has no id",
        sending=sample(_CONFIG, replace(ADD_TO_CART, name="view_cart")),
        refused=Refused(
            "no_cart_id",
            "Piano takes no cart.display without `cart_id`: push it with the event, or set it in"
            " `params`",
        ),
    ),
    Refusal(
        title="An order without a number",
        sending=sample(_CONFIG, replace(PURCHASE, transaction_id="")),
        refused=Refused(
            "no_transaction_id", "Piano takes no transaction.confirmation without `transaction_id`"
        ),
    ),
    Refusal(
        title="A name that Piano's data model cannot have",
        sending=sample(_CONFIG, replace(PAGE_VIEW, name="Sign Up!")),
        refused=Refused("bad_name", "Piano takes no event 'Sign Up!': set `event_name`"),
    ),
)

ANSWERS = (
    Answer(title="Taken", response=Response(status=204), outcome=Delivered()),
    Answer(
        title="Not a request that Piano reads",
        response=Response(status=400, body=b"bad request"),
        outcome=Refused("http_400", "bad request"),
    ),
    Answer(
        title="Piano is down",
        response=Response(status=503),
        outcome=Retry("http_503"),
    ),
)
