from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from server.demo.partners import PARTNERS
from server.demo.partners.contract import Asked
from server.demo.playing import Stage
from tests.demo.partners.asking import NOW, Line

KEY = b"0123456789abcdef01234567"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
BODY = json.dumps({"event_id": "e-1", "event": "purchase"}).encode()


def signed(key: bytes = KEY, at: int = NOW // 1000, body: bytes = BODY) -> dict[str, str]:
    """What Standard Webhooks wants of a sender."""
    made = hmac.new(key, b"msg_1.%d." % at + body, hashlib.sha256).digest()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": "v1,AAAA v1," + base64.b64encode(made).decode(),
    }


def asked(headers: dict[str, str], secret: str = SECRET, body: bytes = BODY) -> Asked:
    return Asked(path="/orders", headers=headers, body=body, now=NOW, secret=secret)


def test_any_json_is_taken_under_its_id() -> None:
    line = Line("/orders")
    assert line.says({"event_id": "e-1"}) == (204, None)
    assert [item.id for item in line.read([{"id": "a"}, {"messageId": "b"}, 5]).items] == [
        "a", "b", "",
    ]  # fmt: skip
    assert line.says(b"a=1") == (400, None)
    assert line.faults(b"a=1") == ["body: no JSON"]


def test_a_signature_is_checked_when_there_is_a_secret() -> None:
    assert list(PARTNERS["webhook"].read(asked(signed())).verdict()) == []
    assert Stage().play(asked(signed())).answer.status == 204
    played = Stage().play(asked(signed(b"another")))
    assert (played.answer.status, played.taken) == (401, 0)


@pytest.mark.parametrize(
    ("headers", "secret", "fault"),
    [
        ({}, SECRET, "webhook-id: missing"),
        (signed(b"another"), SECRET, "webhook-signature: none of them fits"),
        (signed(body=b"{}"), SECRET, "webhook-signature: none of them fits"),
        (
            signed(at=NOW // 1000 - 400),
            SECRET,
            "webhook-timestamp: expected seconds since 1970, now",
        ),
        ({**signed(), "webhook-signature": ""}, "", "webhook-signature: missing"),
    ],
)
def test_what_is_wrong_with_a_signature_is_told(
    headers: dict[str, str], secret: str, fault: str
) -> None:
    assert list(PARTNERS["webhook"].read(asked(headers, secret)).verdict()) == [fault]


def test_a_secret_of_another_form_is_its_own_bytes() -> None:
    for secret in ("plain", "whsec_?"):
        read: Any = PARTNERS["webhook"].read(asked(signed(secret.encode()), secret))
        assert list(read.verdict()) == []


def test_no_value_in_any_place_breaks_it() -> None:
    Line("/orders").survives([{"event_id": "a", "name": "b"}])
