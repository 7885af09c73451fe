from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import HASH, Line, changed

LINE = Line(
    "/v22/customers/123:uploadClickConversions",
    {"authorization": "Bearer t"},
)
ONE: dict[str, Any] = {
    "conversionAction": "customers/123/conversionActions/9",
    "conversionDateTime": "2026-11-18 10:40:00+00:00",
    "gclid": "EAIaIQ",
    "orderId": "T-1",
    "conversionValue": 24.5,
    "currencyCode": "EUR",
    "consent": {"adUserData": "GRANTED"},
    "userIdentifiers": [{"hashedEmail": HASH}],
    "cartData": {"items": [{"productId": "CUP-1", "quantity": 1, "unitPrice": 24.5}]},
}
SOUND: dict[str, Any] = {"conversions": [ONE], "partialFailure": True}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND)[0] == 200


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("partialFailure",), ..., "partialFailure: expected true"),
        (
            ("conversions", 0, "conversionAction"),
            "9",
            "conversions[0].conversionAction: expected customers/<id>/conversionActions/<id>",
        ),
        (
            ("conversions", 0, "conversionDateTime"),
            "2026-11-18T10:40:00Z",
            "conversions[0].conversionDateTime: expected yyyy-mm-dd hh:mm:ss+hh:mm",
        ),
        (
            ("conversions", 0, "conversionDateTime"),
            "2026-08-01 00:00:00+00:00",
            "conversions[0].conversionDateTime: too long ago",
        ),
        (
            ("conversions", 0, "wbraid"),
            "x",
            "conversions[0].wbraid: only one click id may be given",
        ),
        (
            ("conversions", 0, "userIdentifiers", 0, "hashedEmail"),
            "a@b.c",
            "conversions[0].userIdentifiers[0].hashedEmail: expected SHA-256 in lower-case hex",
        ),
        (
            ("conversions", 0, "consent", "adUserData"),
            "granted",
            "conversions[0].consent.adUserData: expected one of GRANTED, DENIED, UNSPECIFIED, "
            "UNKNOWN",
        ),
        (
            ("conversions", 0, "cartData", "items", 0, "productId"),
            ...,
            "conversions[0].cartData.items[0].productId: expected a text",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_a_200_names_the_conversions_that_were_not_taken() -> None:
    bad = changed(ONE, "conversionAction", to="9")
    document = {"conversions": [ONE, bad], "partialFailure": True}
    status, body = LINE.says(document)
    [error] = body["partialFailureError"]["details"][0]["errors"]
    assert (status, error["location"]["fieldPathElements"]) == (
        200, [{"fieldName": "conversions", "index": 1}],
    )  # fmt: skip
    assert body["results"][1] == {}
    assert LINE.play(document).taken == 1


def test_without_a_token_nobody_is_known() -> None:
    status, body = Line(LINE.path, {}).says(SOUND)
    assert (status, body["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_orders_are_deduplicated_by_their_action() -> None:
    assert LINE.read(SOUND).items[0].key == "customers/123/conversionActions/9|T-1"
    click = changed(SOUND, "conversions", 0, "orderId", to=...)
    assert LINE.read(click).items[0].key == "EAIaIQ|2026-11-18 10:40:00+00:00"
