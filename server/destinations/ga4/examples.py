"""What GA4 is sent, word for word."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Request
from server.destinations.contract import (
    ADD_TO_CART,
    EVENT,
    LEAD,
    SIGN_UP,
    VIEW_ITEM,
    Example,
    Sending,
    json_request,
    sample,
)
from server.destinations.ga4.config import Config
from server.model import Item, Person

_CONFIG = Config(measurement_id="G-ABC123", api_secret="s3cret")  # noqa: S106
_URL = "https://www.google-analytics.com/mp/collect?measurement_id=G-ABC123&api_secret=s3cret"
_JSON = {"content-type": "application/json"}

_PAGE_VIEW = replace(
    EVENT,
    title="Shoes",
    referrer="https://www.google.com/",
    language="fr-FR",
    screen="1920x1080",
    device_type="desktop",
    os="Windows",
    os_version="11",
    browser="Chrome",
    browser_version="141.0",
    country="FR",
    region="IDF",
    city="Paris",
)
_SCROLL = replace(
    EVENT,
    event_id="0199c000-0000-7000-8000-000000000002",
    name="scroll",
    occurred_at=EVENT.occurred_at + 9_000,
    props={"percent": "90", "postcode": "01000"},
    nums={"percent": 90.0, "postcode": 1000.0, "engagement_time_msec": 8700.0},
)
_PURCHASE = replace(
    EVENT,
    name="purchase",
    user_id="u-42",
    consent={
        "analytics_storage": "granted",
        "ad_user_data": "granted",
        "ad_personalization": "denied",
    },
    value="64.8500",
    currency="EUR",
    transaction_id="T-1001",
    items=[
        Item(
            item_id="SKU-1",
            item_name="Shoes",
            item_brand="Freewalk",
            price="29.9500",
            quantity=2.0,
            props={"size": "42"},
        )
    ],
    props={"coupon": "SPRING", "shipping": "4.95"},
    nums={"shipping": 4.95},
)
_PERSON = Person(
    ip="203.0.113.9",
    user_agent="Mozilla/5.0",
    email=" Jo.Doe@Gmail.com ",
    phone="06 12 34 56 78",
    first_name="Jo",
    last_name="Doe",
    street="1, rue de la Paix",
    city="Paris",
    postcode="75002",
    country="FR",
    cookies={
        "_ga": "GA1.1.1234567890.1750000000",
        "_ga_ABC123": "GS2.1.s1760000012$o3$g1$t1760000030$j42$l0$h0",
    },
)

_VISITOR = {
    "client_id": "439815370.1815898195",
    "user_location": {"country_id": "FR"},
    "device": {"language": "fr-FR"},
}
_ON_THE_PAGE = {
    "session_id": 1760000000,
    "engagement_time_msec": 1,
    "page_location": "https://www.example.com/shoes",
    "page_title": "Shoes",
    "page_referrer": "https://www.google.com/",
    "event_id": "0199c000-0000-7000-8000-000000000001",
}
_SHOES = {
    "item_id": "SKU-1",
    "item_name": "Shoes",
    "item_brand": "Freewalk",
    "item_category": "Footwear",
    "price": 29.95,
}

EXAMPLES = (
    Example(
        title="A page view of our own visitor, with device and place",
        sendings=(Sending(event=_PAGE_VIEW, person=Person(ip="203.0.113.9"), config=_CONFIG),),
        request=Request(
            url=_URL,
            headers=_JSON,
            body=b'{"client_id":"439815370.1815898195","consent":{"ad_user_data":"DENIED",'
            b'"ad_personalization":"DENIED"},"user_location":{"city":"Paris",'
            b'"region_id":"FR-IDF","country_id":"FR"},"device":{"category":"desktop",'
            b'"language":"fr-FR","screen_resolution":"1920x1080",'
            b'"operating_system":"Windows","operating_system_version":"11",'
            b'"browser":"Chrome","browser_version":"141.0"},"events":[{"name":"page_view",'
            b'"params":{"session_id":1760000000,"engagement_time_msec":1,'
            b'"page_location":"https://www.example.com/shoes","page_title":"Shoes",'
            b'"page_referrer":"https://www.google.com/",'
            b'"event_id":"0199c000-0000-7000-8000-000000000001"},'
            b'"timestamp_micros":1760000030000000}]}',
        ),
    ),
    Example(
        title="Two events of one visitor in one request; numbers where nothing is lost by it",
        sendings=(
            Sending(event=EVENT, person=Person(), config=_CONFIG),
            Sending(event=_SCROLL, person=Person(), config=_CONFIG),
        ),
        request=Request(
            url=_URL,
            headers=_JSON,
            body=b'{"client_id":"439815370.1815898195","consent":{"ad_user_data":"DENIED",'
            b'"ad_personalization":"DENIED"},"events":[{"name":"page_view",'
            b'"params":{"session_id":1760000000,"engagement_time_msec":1,'
            b'"page_location":"https://www.example.com/shoes",'
            b'"event_id":"0199c000-0000-7000-8000-000000000001"},'
            b'"timestamp_micros":1760000030000000},{"name":"scroll",'
            b'"params":{"session_id":1760000000,"engagement_time_msec":8700,'
            b'"page_location":"https://www.example.com/shoes",'
            b'"event_id":"0199c000-0000-7000-8000-000000000002","percent":90,'
            b'"postcode":"01000"},"timestamp_micros":1760000039000000}]}',
        ),
    ),
    Example(
        title="A purchase in gtag.js's own session, with hashed user data",
        sendings=(
            Sending(
                event=_PURCHASE,
                person=_PERSON,
                config=replace(
                    _CONFIG,
                    endpoint="https://region1.google-analytics.com",
                    send_user_data=True,
                    user_properties={"tier": "gold"},
                    params={"store": "Lyon", "page_location": None},
                ),
            ),
        ),
        request=Request(
            url=_URL.replace("www", "region1"),
            headers=_JSON,
            body=b'{"client_id":"1234567890.1750000000","user_id":"u-42",'
            b'"user_properties":{"tier":{"value":"gold"}},'
            b'"user_data":{"sha256_email_address":["'
            b'a57e48743464464f6f3f53288dace5ca7a453a35a62a8f37b7f552468b410a46"],'
            b'"sha256_phone_number":["'
            b'42d573cfc315801d4cd8eddd5416b416a0bf298b9b9e12d6b07442c91db42bd8"],'
            b'"address":[{"sha256_first_name":"'
            b'c278ec5a69c34aace42773e41b1163e6ce40c906f2a14f807d39d1b2a1c2dff5",'
            b'"sha256_last_name":"'
            b'799ef92a11af918e3fb741df42934f3b568ed2d93ac1df74f1b8d41a27932a6f",'
            b'"sha256_street":"'
            b'cc751a7d45cca886e64d478c633432a3ca5f48b9a5b12c225c228af8121ed12f",'
            b'"city":"paris","postal_code":"75002","country":"FR"}]},'
            b'"consent":{"ad_user_data":"GRANTED","ad_personalization":"DENIED"},'
            b'"events":[{"name":"purchase","params":{"session_id":1760000012,'
            b'"engagement_time_msec":1,"currency":"EUR","value":64.85,'
            b'"transaction_id":"T-1001","items":[{"item_id":"SKU-1","item_name":"Shoes",'
            b'"item_brand":"Freewalk","price":29.95,"quantity":2,"size":"42"}],'
            b'"event_id":"0199c000-0000-7000-8000-000000000001","store":"Lyon",'
            b'"coupon":"SPRING","shipping":4.95},"timestamp_micros":1760000030000000}]}',
        ),
    ),
    Example(
        title="A lead under another name, with the visitor's address in place of the place",
        sendings=(
            Sending(
                event=replace(_PAGE_VIEW, name="Form sent", device_type="tv"),
                person=_PERSON,
                config=replace(_CONFIG, event_name="generate_lead", send_ip=True),
            ),
        ),
        request=Request(
            url=_URL,
            headers=_JSON,
            body=b'{"client_id":"1234567890.1750000000","consent":{"ad_user_data":"DENIED",'
            b'"ad_personalization":"DENIED"},"ip_override":"203.0.113.9",'
            b'"device":{"category":"smart TV","language":"fr-FR",'
            b'"screen_resolution":"1920x1080","operating_system":"Windows",'
            b'"operating_system_version":"11","browser":"Chrome","browser_version":"141.0"},'
            b'"events":[{"name":"generate_lead","params":{"session_id":1760000012,'
            b'"engagement_time_msec":1,"page_location":"https://www.example.com/shoes",'
            b'"page_title":"Shoes","page_referrer":"https://www.google.com/",'
            b'"event_id":"0199c000-0000-7000-8000-000000000001"},'
            b'"timestamp_micros":1760000030000000}]}',
        ),
    ),
    Example(
        title="A product seen, put into the cart, and a lead: one visitor, one request",
        sendings=tuple(
            sample(_CONFIG, event, Person()) for event in (VIEW_ITEM, ADD_TO_CART, LEAD)
        ),
        request=json_request(
            _URL,
            {
                **_VISITOR,
                "consent": {"ad_user_data": "GRANTED", "ad_personalization": "GRANTED"},
                "events": [
                    {
                        "name": "view_item",
                        "params": {
                            **_ON_THE_PAGE,
                            "currency": "EUR",
                            "value": 29.95,
                            "items": [{**_SHOES, "quantity": 1}],
                        },
                        "timestamp_micros": 1760000030000000,
                    },
                    {
                        "name": "add_to_cart",
                        "params": {
                            **_ON_THE_PAGE,
                            "currency": "EUR",
                            "value": 59.9,
                            "items": [{**_SHOES, "quantity": 2}],
                        },
                        "timestamp_micros": 1760000030000000,
                    },
                    {
                        "name": "generate_lead",
                        "params": {**_ON_THE_PAGE, "currency": "EUR", "value": 15},
                        "timestamp_micros": 1760000030000000,
                    },
                ],
            },
        ),
    ),
    Example(
        title="A sign-up of somebody who wants no ads",
        sendings=(
            sample(_CONFIG, SIGN_UP, Person(), denied=("ad_user_data", "ad_personalization")),
        ),
        request=json_request(
            _URL,
            {
                **_VISITOR,
                "user_id": "u-42",
                "consent": {"ad_user_data": "DENIED", "ad_personalization": "DENIED"},
                "events": [
                    {
                        "name": "sign_up",
                        "params": {**_ON_THE_PAGE, "method": "email"},
                        "timestamp_micros": 1760000030000000,
                    }
                ],
            },
        ),
    ),
)
