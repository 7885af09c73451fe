"""What X is sent, word for word, and what its answers mean."""

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
from server.destinations.x.config import Config

_URL = "https://ads-api.x.com/12/measurement/conversions/o8z6j"
_IDS = {
    "page_view": "tw-o8z6j-o8001",
    "view_item": "tw-o8z6j-o8002",
    "add_to_cart": "tw-o8z6j-o8003",
    "purchase": "tw-o8z6j-o87ne",
    "generate_lead": "tw-o8z6j-o8004",
    "sign_up": "tw-o8z6j-o8005",
}
_CONFIG = Config(pixel_id="o8z6j", event_ids=_IDS, pixel_token="t0ken")  # noqa: S106
_SIGNED = Config(
    pixel_id="o8z6j",
    event_name="tw-o8z6j-o87ne",
    consumer_key="k3y",
    consumer_secret="s3cret",  # noqa: S106
    access_token="370-t0ken",  # noqa: S106
    access_token_secret="t0kens3cret",  # noqa: S106
    params={"description": "an order"},
    send_device=False,
)
_VISITOR = replace(PERSON, click_ids={"twclid": "23opevjt88psuo13lu8d020qkn"})
_TOKEN = {"x-pixel-token": "t0ken"}
_CLICK = {"twclid": "23opevjt88psuo13lu8d020qkn"}
_EMAIL = {"hashed_email": "b366fb677b78d9ee1a992860cb906c85f08bbecba30dc31c30dbc34135f4d9bc"}
_PHONE = {"hashed_phone_number": "42d573cfc315801d4cd8eddd5416b416a0bf298b9b9e12d6b07442c91db42bd8"}
_DEVICE = {
    "ip_address": "203.0.113.9",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0",
}
_AT = "2025-10-09T08:53:50.000Z"
_ID = "0199c000-0000-7000-8000-000000000001"
_SHOES = {
    "content_id": "SKU-1",
    "content_name": "Shoes",
    "content_type": "Footwear",
    "content_price": 29.95,
    "num_items": 2,
}
_LACES = {
    "content_id": "SKU-2",
    "content_name": "Laces",
    "content_price": 4.95,
    "num_items": 1,
}

EXAMPLES = (
    Example(
        title="A purchase after a click, with hashed user data",
        sendings=(sample(_CONFIG, PURCHASE, _VISITOR),),
        request=json_request(
            _URL,
            {
                "conversions": [
                    {
                        "conversion_time": _AT,
                        "event_id": "tw-o8z6j-o87ne",
                        "identifiers": [_CLICK, _EMAIL, _PHONE, _DEVICE],
                        "conversion_id": _ID,
                        "value": 64.85,
                        "price_currency": "EUR",
                        "number_items": 3,
                        "contents": [_SHOES, _LACES],
                    }
                ]
            },
            _TOKEN,
        ),
    ),
    Example(
        title="Page, product, cart, lead and sign-up in one request",
        sendings=(
            sample(_CONFIG, PAGE_VIEW),
            sample(_CONFIG, VIEW_ITEM),
            sample(_CONFIG, ADD_TO_CART),
            sample(_CONFIG, LEAD),
            sample(_CONFIG, SIGN_UP),
        ),
        request=json_request(
            _URL,
            {
                "conversions": [
                    {
                        "conversion_time": _AT,
                        "event_id": "tw-o8z6j-o8001",
                        "identifiers": [_EMAIL, _PHONE, _DEVICE],
                        "conversion_id": _ID,
                    },
                    {
                        "conversion_time": _AT,
                        "event_id": "tw-o8z6j-o8002",
                        "identifiers": [_EMAIL, _PHONE, _DEVICE],
                        "conversion_id": _ID,
                        "value": 29.95,
                        "price_currency": "EUR",
                        "number_items": 1,
                        "contents": [{**_SHOES, "num_items": 1}],
                    },
                    {
                        "conversion_time": _AT,
                        "event_id": "tw-o8z6j-o8003",
                        "identifiers": [_EMAIL, _PHONE, _DEVICE],
                        "conversion_id": _ID,
                        "value": 59.9,
                        "price_currency": "EUR",
                        "number_items": 2,
                        "contents": [_SHOES],
                    },
                    {
                        "conversion_time": _AT,
                        "event_id": "tw-o8z6j-o8004",
                        "identifiers": [_EMAIL, _PHONE, _DEVICE],
                        "conversion_id": _ID,
                        "value": 15,
                        "price_currency": "EUR",
                    },
                    {
                        "conversion_time": _AT,
                        "event_id": "tw-o8z6j-o8005",
                        "identifiers": [_EMAIL, _PHONE, _DEVICE],
                        "conversion_id": _ID,
                    },
                ]
            },
            _TOKEN,
        ),
    ),
    Example(
        title="Signed, without consent to user data",
        sendings=(
            sample(
                _SIGNED,
                replace(LEAD, props={"event_id": "order-17"}),
                replace(PERSON, cookies={"_twclid": '{"twclid":"23opevjt88psuo13lu8d020qkn"}'}),
                denied=("ad_user_data",),
                sent_at=1_760_000_031_000,
            ),
        ),
        request=json_request(
            _URL,
            {
                "conversions": [
                    {
                        "conversion_time": _AT,
                        "event_id": "tw-o8z6j-o87ne",
                        "identifiers": [_CLICK],
                        "conversion_id": "order-17",
                        "value": 15,
                        "price_currency": "EUR",
                        "description": "an order",
                    }
                ]
            },
            {
                "authorization": 'OAuth oauth_consumer_key="k3y",'
                ' oauth_nonce="a76dbf3ea234f758f51d64a017cd7574",'
                ' oauth_signature="vT8Gv%2BcWFIlaWqh4JHYM%2BkuAvQE%3D",'
                ' oauth_signature_method="HMAC-SHA1", oauth_timestamp="1760000031",'
                ' oauth_token="370-t0ken", oauth_version="1.0"'
            },
        ),
    ),
)

REFUSALS = (
    Refusal(
        title="The account has no event for it",
        sending=sample(_CONFIG, replace(PAGE_VIEW, name="scroll")),
        refused=Refused("no_mapping", "`event_ids` of the tag names no event of X's for 'scroll'"),
    ),
    Refusal(
        title="Nobody is known, and no click",
        sending=sample(_CONFIG, PURCHASE, denied=("ad_user_data",)),
        refused=Refused(
            "no_match_key", "nothing tells X whose it is: no click id, e-mail or phone"
        ),
    ),
    Refusal(
        title="A value of no currency, which X would take for dollars",
        sending=sample(_CONFIG, replace(PURCHASE, currency="")),
        refused=Refused(
            "no_currency", "X takes a value without a currency for dollars: set `currency`"
        ),
    ),
)

_WRONG = b'{"errors":[{"code":"INVALID_PARAMETER","message":"Hashed_email is not a valid hash"}]}'

ANSWERS = (
    Answer(
        title="Taken",
        response=Response(
            status=200, body=b'{"data":{"conversions_processed":2,"debug_id":"ab12"}}'
        ),
        outcome=Delivered(),
    ),
    Answer(
        title="A success that took nothing",
        response=Response(status=200, body=b'{"data":{"conversions_processed":0}}'),
        outcome=Refused("none_taken", '{"data":{"conversions_processed":0}}'),
    ),
    Answer(
        title="A success that does not say what it took",
        response=Response(status=200, body=b"<html>"),
        outcome=Retry("unclear_answer", "<html>"),
    ),
    Answer(
        title="One event is wrong, and none was taken",
        response=Response(status=400, body=_WRONG),
        outcome=Refused("http_400", _WRONG.decode(), code="INVALID_PARAMETER"),
    ),
    Answer(
        title="The keys are wrong",
        response=Response(status=401, body=b'{"errors":[{"code":"UNAUTHORIZED_ACCESS"}]}'),
        outcome=Denied(
            "credentials",
            '{"errors":[{"code":"UNAUTHORIZED_ACCESS"}]}',
            code="UNAUTHORIZED_ACCESS",
        ),
    ),
    Answer(
        title="Too many requests",
        response=Response(status=429, body=b'{"errors":[{"code":"TOO_MANY_REQUESTS"}]}'),
        outcome=Retry(
            "http_429",
            '{"errors":[{"code":"TOO_MANY_REQUESTS"}]}',
            code="TOO_MANY_REQUESTS",
        ),
    ),
)
