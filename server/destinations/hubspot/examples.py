"""What HubSpot is sent, word for word, and what its answers mean."""

from __future__ import annotations

from msgspec.structs import replace

from server.delivery import Delivered, Denied, Refused, Response, Retry
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
from server.destinations.hubspot.config import Config
from server.model import Person

_CONFIG = Config(access_token="pat-eu1-1", hub_id="1234")  # noqa: S106
_KNOWN = replace(_CONFIG, send_user_data=True)
_URL = "https://api.hubapi.com/events/v3/send/batch"
_LET_IN = {"authorization": "Bearer pat-eu1-1"}
_BROWSER = Person(cookies={"hubspotutk": "0123456789abcdef0123456789abcdef"})
_BY_COOKIE = {
    "utk": "0123456789abcdef0123456789abcdef",
    "occurredAt": "2025-10-09T08:53:50.000Z",
    "uuid": "0199c000-0000-7000-8000-000000000001",
}
_BY_EMAIL = {
    "email": "jo.doe@gmail.com",
    "occurredAt": "2025-10-09T08:53:50.000Z",
    "uuid": "0199c000-0000-7000-8000-000000000001",
}
_PAGE = {
    "hs_page_url": "https://www.example.com/shoes",
    "hs_page_title": "Shoes",
    "hs_referrer": "https://www.google.com/",
    "hs_country": "FR",
}
_THANKS = {
    **_PAGE,
    "hs_page_url": "https://www.example.com/thanks",
    "hs_page_title": "Thank you",
}

EXAMPLES = (
    Example(
        title="What a browser does that HubSpot's script knows, without consent for user data",
        sendings=(
            sample(_KNOWN, PAGE_VIEW, _BROWSER, denied=("ad_user_data",)),
            sample(_KNOWN, VIEW_ITEM, _BROWSER, denied=("ad_user_data",)),
            sample(_KNOWN, ADD_TO_CART, _BROWSER, denied=("ad_user_data",)),
        ),
        request=json_request(
            _URL,
            {
                "inputs": [
                    {**_BY_COOKIE, "eventName": "pe1234_page_view", "properties": _PAGE},
                    {**_BY_COOKIE, "eventName": "pe1234_view_item", "properties": _PAGE},
                    {**_BY_COOKIE, "eventName": "pe1234_add_to_cart", "properties": _PAGE},
                ]
            },
            _LET_IN,
        ),
    ),
    Example(
        title="An order of a contact, with properties that the event has in HubSpot",
        sendings=(
            sample(
                replace(
                    _KNOWN,
                    event_name="pe1234_order",
                    params={"amount": 64.85, "order_number": "T-1001", "hs_country": None},
                ),
                PURCHASE,
            ),
        ),
        request=json_request(
            _URL,
            {
                "inputs": [
                    {
                        **_BY_EMAIL,
                        "eventName": "pe1234_order",
                        "properties": {
                            **{
                                name: said for name, said in _THANKS.items() if name != "hs_country"
                            },
                            "amount": "64.85",
                            "order_number": "T-1001",
                        },
                    }
                ]
            },
            _LET_IN,
        ),
    ),
    Example(
        title="A lead, and a sign-up by the number of the contact's record",
        sendings=(
            sample(_KNOWN, LEAD),
            sample(
                replace(_CONFIG, object_id="608051", params={"method": "email"}), SIGN_UP, PERSON
            ),
        ),
        request=json_request(
            _URL,
            {
                "inputs": [
                    {**_BY_EMAIL, "eventName": "pe1234_generate_lead", "properties": _PAGE},
                    {
                        "objectId": "608051",
                        "occurredAt": "2025-10-09T08:53:50.000Z",
                        "uuid": "0199c000-0000-7000-8000-000000000001",
                        "eventName": "pe1234_sign_up",
                        "properties": {**_PAGE, "method": "email"},
                    },
                ]
            },
            _LET_IN,
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="Nobody whom HubSpot could know: the e-mail may not be sent, and there is no cookie",
        sending=sample(_KNOWN, PURCHASE, denied=("ad_user_data",)),
        refused=Refused(
            "no_match_key",
            "nothing tells HubSpot whose it is: no e-mail that may be sent, no cookie `hubspotutk`,"
            " no `object_id` of the tag",
        ),
    ),
    Refusal(
        title="A name that an event cannot have there",
        sending=sample(_KNOWN, replace(LEAD, name="Form Sent")),
        refused=Refused(
            "bad_name",
            "HubSpot has no event 'Form Sent': names are small letters, digits, _ and -; set"
            " `event_name`",
        ),
    ),
)

ANSWERS = (
    Answer(title="Taken", response=Response(status=204), outcome=Delivered()),
    Answer(
        title="One is wrong, and none is taken: it is found by halves",
        response=Response(
            status=400,
            body=b'{"status":"error","message":"no such property","category":"VALIDATION_ERROR"}',
        ),
        outcome=Refused(
            "http_400",
            '{"status":"error","message":"no such property","category":"VALIDATION_ERROR"}',
            code="VALIDATION_ERROR",
        ),
    ),
    Answer(
        title="The app lacks the scope",
        response=Response(status=403, body=b'{"category":"MISSING_SCOPES"}'),
        outcome=Denied("credentials", '{"category":"MISSING_SCOPES"}', code="MISSING_SCOPES"),
    ),
    Answer(
        title="Too many at once",
        response=Response(status=429, body=b'{"category":"RATE_LIMITS"}'),
        outcome=Retry("http_429", '{"category":"RATE_LIMITS"}', code="RATE_LIMITS"),
    ),
)
