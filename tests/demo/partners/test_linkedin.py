from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import HASH, NOW, Line, changed

HEADERS = {
    "authorization": "Bearer t",
    "linkedin-version": "202606",
    "x-restli-protocol-version": "2.0.0",
    "x-restli-method": "BATCH_CREATE",
}
LINE = Line("/rest/conversionEvents", HEADERS)
EVENT: dict[str, Any] = {
    "conversion": "urn:lla:llaPartnerConversion:9",
    "conversionHappenedAt": NOW - 60_000,
    "conversionValue": {"currencyCode": "EUR", "amount": "24.5"},
    "eventId": "e-1",
    "user": {
        "userIds": [{"idType": "SHA256_EMAIL", "idValue": HASH}],
        "userInfo": {"firstName": "A", "lastName": "B"},
    },
}
SOUND: dict[str, Any] = {"elements": [EVENT]}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND) == (200, {"elements": [{"status": 201}]})


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (
            ("elements", 0, "conversion"),
            "9",
            "elements[0].conversion: expected urn:lla:llaPartnerConversion:<id>",
        ),
        (
            ("elements", 0, "conversionHappenedAt"),
            NOW // 1000,
            "elements[0].conversionHappenedAt: too long ago",
        ),
        (
            ("elements", 0, "conversionValue", "amount"),
            24.5,
            "elements[0].conversionValue.amount: expected a number in a text",
        ),
        (
            ("elements", 0, "user"),
            {},
            "elements[0].user.userIds: an id, or first and last name, is needed",
        ),
        (
            ("elements", 0, "user", "userIds", 0, "idType"),
            "AXCIOM_ID",
            "elements[0].user.userIds[0].idType: expected one of SHA256_EMAIL, "
            "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID, ACXIOM_ID, ORACLE_MOAT_ID, "
            "PLAINTEXT_IP_ADDRESS, SHA256_IP_ADDRESS, GOOGLE_AID",
        ),
        (
            ("elements", 0, "user", "userInfo", "lastName"),
            ...,
            "elements[0].user.userInfo.lastName: expected a text",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_422_names_the_places_in_words_and_takes_none() -> None:
    bad = changed(EVENT, "conversionValue", "amount", to=...)
    status, body = LINE.says({"elements": [EVENT, bad]})
    assert status == 422
    assert body["message"].startswith("Index: 1, ERROR :: /conversionValue/amount :: ")
    assert LINE.play({"elements": [EVENT, bad]}).taken == 0


def test_one_event_alone_is_created() -> None:
    alone = Line(LINE.path, {**HEADERS, "x-restli-method": ""})
    assert alone.says(EVENT) == (201, None)


def test_a_version_is_sunset_after_a_year() -> None:
    for version, status in (("202511", 200), ("202510", 426), ("2026-11", 400)):
        line = Line(LINE.path, {**HEADERS, "linkedin-version": version})
        assert line.says(SOUND)[0] == status
