"""What Matomo is sent, word for word, and what its answers mean."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Mixed, Refused, Response, Retry
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
from server.destinations.matomo.config import Config
from server.model import NO_VISITOR

_URL = "https://stats.example.com/matomo.php"
_CONFIG = Config(
    endpoint="https://stats.example.com/",
    site_id=1,
    token_auth="t0ken",  # noqa: S106
    goals={"generate_lead": 3},
)
_VISITOR = "9a370cc86c3c6852"
_SAID = {
    "idsite": "1",
    "rec": "1",
    "apiv": "1",
    "cdt": "1760000030",
    "url": "https://www.example.com/shoes",
    "urlref": "https://www.google.com/",
    "_id": _VISITOR,
    "cid": _VISITOR,
    "lang": "fr-FR",
    "country": "fr",
}
_LINK = "https://shop.example.net/size-chart.pdf"

EXAMPLES = (
    Example(
        title="A visit: page, product, cart, order, lead and sign-up",
        sendings=(
            sample(_CONFIG, replace(PAGE_VIEW, screen="1920x1080", page_id="81985529216486895")),
            sample(_CONFIG, VIEW_ITEM),
            sample(_CONFIG, ADD_TO_CART),
            sample(_CONFIG, replace(ADD_TO_CART, name="view_cart")),
            sample(_CONFIG, replace(PURCHASE, nums={"tax": 10.8, "shipping": 4.0})),
            sample(_CONFIG, LEAD),
            sample(_CONFIG, SIGN_UP),
        ),
        request=json_request(
            _URL,
            {
                "requests": [
                    {
                        **_SAID,
                        "res": "1920x1080",
                        "pv_id": "abcdef",
                        "action_name": "Shoes",
                    },
                    {
                        **_SAID,
                        "ca": "1",
                        "e_c": "ecommerce",
                        "e_a": "view_item",
                        "e_v": "29.95",
                        "_pks": "SKU-1",
                        "_pkn": "Shoes",
                        "_pkc": "Footwear",
                        "_pkp": "29.95",
                    },
                    {
                        **_SAID,
                        "ca": "1",
                        "e_c": "ecommerce",
                        "e_a": "add_to_cart",
                        "e_v": "59.9",
                    },
                    {
                        **_SAID,
                        "idgoal": "0",
                        "revenue": "59.9",
                        "ec_items": '[["SKU-1","Shoes","Footwear",29.95,2]]',
                    },
                    {
                        **_SAID,
                        "url": "https://www.example.com/thanks",
                        "idgoal": "0",
                        "ec_id": "T-1001",
                        "revenue": "64.85",
                        "ec_tx": "10.8",
                        "ec_sh": "4",
                        "ec_items": '[["SKU-1","Shoes","Footwear",29.95,2],'
                        '["SKU-2","Laces","",4.95,1]]',
                    },
                    {**_SAID, "idgoal": "3", "revenue": "15"},
                    {**_SAID, "ca": "1", "e_c": "event", "e_a": "sign_up"},
                ],
                "token_auth": "t0ken",
            },
        ),
    ),
    Example(
        title="Search, download and outlink, of Matomo's own visitor, with the device",
        sendings=tuple(
            sample(
                replace(
                    _CONFIG,
                    endpoint="https://www.example.com/stats/matomo.php",
                    visitor_cookie="_pk_id.1.1fff",
                    send_device=True,
                    params={"dimension1": "gold", "urlref": None},
                ),
                replace(PAGE_VIEW, name=name, props=props, user_id="u-42"),
                replace(PERSON, cookies={"_pk_id.1.1fff": "0a1b2c3d4e5f6789.1700000000."}),
            )
            for name, props in (
                ("search", {"search_term": "red shoes"}),
                ("file_download", {"link_url": _LINK}),
                ("click", {"link_url": _LINK, "outbound": "true"}),
            )
        ),
        request=json_request(
            "https://www.example.com/stats/matomo.php",
            {
                "requests": [
                    {
                        "idsite": "1",
                        "rec": "1",
                        "apiv": "1",
                        "cdt": "1760000030",
                        "_id": "0a1b2c3d4e5f6789",
                        "cid": "0a1b2c3d4e5f6789",
                        "lang": "fr-FR",
                        "cip": "203.0.113.9",
                        "ua": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0",
                        "uid": "u-42",
                        "dimension1": "gold",
                        **said,
                    }
                    for said in (
                        {"url": "https://www.example.com/shoes", "search": "red shoes"},
                        {"url": _LINK, "download": _LINK},
                        {"url": _LINK, "link": _LINK},
                    )
                ],
                "token_auth": "t0ken",
            },
        ),
    ),
    Example(
        title="An event of one's own name, of who grants no more than measurement",
        sendings=(
            sample(
                replace(_CONFIG, event_name="Newsletter"),
                replace(SIGN_UP, props={"event_category": "form", "event_label": "footer"}),
                denied=("ad_storage", "ad_user_data", "ad_personalization"),
            ),
        ),
        request=json_request(
            _URL,
            {
                "requests": [
                    {**_SAID, "ca": "1", "e_c": "form", "e_a": "Newsletter", "e_n": "footer"}
                ],
                "token_auth": "t0ken",
            },
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="Nobody's event",
        sending=sample(_CONFIG, replace(PAGE_VIEW, visitor_id=NO_VISITOR)),
        refused=Refused(
            "no_visitor",
            "without consent there is no cookie, and without `send_device` Matomo would take all"
            " such events for one visitor's",
        ),
    ),
    Refusal(
        title="An order without a number",
        sending=sample(_CONFIG, replace(PURCHASE, transaction_id="")),
        refused=Refused(
            "no_transaction_id", "Matomo takes an order without a number for a change of the cart"
        ),
    ),
)

ANSWERS = (
    Answer(
        title="Taken",
        response=Response(status=200, body=b'{"status":"success","tracked":7,"invalid":0}'),
        outcome=Delivered(),
    ),
    Answer(
        title="One was invalid, as a superuser is told",
        response=Response(
            status=200,
            body=b'{"status":"success","tracked":1,"invalid":1,"invalid_indices":[1]}',
        ),
        outcome=Mixed(
            {1: Refused("invalid", "Matomo takes the parameters of this event for invalid")}
        ),
    ),
    Answer(
        title="Some were invalid, and Matomo does not say which",
        response=Response(status=200, body=b'{"status":"success","tracked":6,"invalid":1}'),
        outcome=Delivered("1 of them were invalid, Matomo does not say which"),
    ),
    Answer(
        title="The token or the site is wrong",
        response=Response(status=200, body=b'{"status":"success","tracked":0,"invalid":7}'),
        outcome=Denied("credentials", "Matomo took nothing: see `token_auth` and `site_id`"),
    ),
    Answer(
        title="Not Matomo's answer: its plugin BulkTracking is off, or it is in maintenance",
        response=Response(status=200, body=b"GIF89a"),
        outcome=Retry("unclear_answer", "GIF89a"),
    ),
    Answer(
        title="Its database is down, and it took nothing",
        response=Response(status=500, body=b'{"status":"error","tracked":0,"invalid":0}'),
        outcome=Retry("http_500", '{"status":"error","tracked":0,"invalid":0}'),
    ),
)
