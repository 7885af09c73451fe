from __future__ import annotations

from typing import Any

import pytest

from tests.demo.partners.asking import HASH, NOW, Line, changed

LINE = Line("/v1/events:ingest", {"authorization": "Bearer t"})
EVENT: dict[str, Any] = {
    "transactionId": "T-1",
    "eventTimestamp": "2026-11-18T10:40:00Z",
    "eventSource": "WEB",
    "currency": "EUR",
    "conversionValue": 24.5,
    "adIdentifiers": {"gclid": "EAIaIQ"},
    "userData": {"userIdentifiers": [{"emailAddress": HASH}]},
}
ACCOUNT = {"accountType": "GOOGLE_ADS", "accountId": "123"}
SOUND: dict[str, Any] = {
    "destinations": [{"operatingAccount": ACCOUNT, "productDestinationId": "9"}],
    "events": [EVENT],
    "consent": {"adUserData": "CONSENT_GRANTED"},
    "encoding": "HEX",
}


def test_a_sound_request_is_taken() -> None:
    assert LINE.faults(SOUND) == []
    assert LINE.play(SOUND).taken == 1
    assert LINE.says(SOUND) == (200, {"requestId": "recorder"})


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("encoding",), ..., "encoding: user identifiers need it"),
        (("destinations",), [], "destinations: expected a list of 1 to 10"),
        (
            ("destinations", 0, "productDestinationId"),
            9,
            "destinations[0].productDestinationId: expected a text",
        ),
        (
            ("consent", "adUserData"),
            "GRANTED",
            "consent.adUserData: expected one of CONSENT_GRANTED, CONSENT_DENIED, "
            "CONSENT_STATUS_UNSPECIFIED",
        ),
        (("events", 0, "transactionId"), ..., "events[0].transactionId: expected a text"),
        (("events", 0, "eventTimestamp"), 1795000000, "events[0].eventTimestamp: expected a time"),
        (
            ("events", 0, "userData", "userIdentifiers", 0),
            {},
            "events[0].userData.userIdentifiers[0]: expected one of emailAddress, phoneNumber, "
            "address",
        ),
        (
            ("events", 0, "userData", "userIdentifiers", 0, "emailAddress"),
            "a@b.c",
            "events[0].userData.userIdentifiers[0].emailAddress: expected SHA-256 in lower-case "
            "hex",
        ),
    ],
)
def test_one_fault_is_told_with_its_place(path: tuple[Any, ...], value: Any, fault: str) -> None:
    assert LINE.faults(changed(SOUND, *path, to=value)) == [fault]


def test_no_value_in_any_place_breaks_it() -> None:
    LINE.survives(SOUND)


def test_it_fails_fast_and_names_the_fields() -> None:
    document = {**SOUND, "events": [EVENT, changed(EVENT, "eventTimestamp", to="today")]}
    status, body = LINE.says(document)
    [violation] = body["error"]["details"][1]["fieldViolations"]
    assert (status, violation["field"]) == (400, "events[1].event_timestamp")
    assert LINE.play(document).taken == 0


def test_a_token_that_has_expired_is_none() -> None:
    late = Line(LINE.path, {"authorization": f"Bearer recorder-{NOW}-1"})
    assert late.says(SOUND)[0] == 401
