from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_curve_key
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from server.destinations.contract.oauth import jwt_grant, refresh_grant, service_account

URL = "https://oauth2.googleapis.com/token"
KEY = generate_private_key(65537, 2048)
NOW = 1_760_000_000_500


def pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def key_file(**fields: object) -> str:
    """As Google Cloud writes one, as far as it matters."""
    whole = {
        "type": "service_account",
        "private_key_id": "k1",
        "private_key": pem(KEY),
        "client_email": "tags@shop.iam.gserviceaccount.com",
    }
    return json.dumps({**whole, **fields})


def unpacked(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_service_account_signs_who_asks_for_what_until_when() -> None:
    request = jwt_grant(URL, service_account(key_file()), scope="https://a.example/b", now_ms=NOW)
    assert (request.method, request.url) == ("POST", URL)
    assert request.headers == {"content-type": "application/x-www-form-urlencoded"}
    fields = parse_qs(request.body.decode())
    assert fields.keys() == {"grant_type", "assertion"}
    assert fields["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    head, claims, signature = fields["assertion"][0].split(".")
    assert json.loads(unpacked(head)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert json.loads(unpacked(claims)) == {
        "iss": "tags@shop.iam.gserviceaccount.com",
        "scope": "https://a.example/b",
        "aud": URL,
        "iat": 1_760_000_000,
        "exp": 1_760_003_600,
    }
    signed = f"{head}.{claims}".encode()
    KEY.public_key().verify(unpacked(signature), signed, PKCS1v15(), hashes.SHA256())


def test_a_refresh_token_is_exchanged() -> None:
    request = refresh_grant(URL, client_id="c&1", client_secret="s=2", refresh_token="1//r")
    assert parse_qs(request.body.decode()) == {
        "grant_type": ["refresh_token"],
        "client_id": ["c&1"],
        "client_secret": ["s=2"],
        "refresh_token": ["1//r"],
    }


@pytest.mark.parametrize(
    "text",
    ["", "very secret", "[]", "{}", key_file(private_key=1), key_file(private_key="very secret")],
)
def test_what_is_no_key_of_a_service_account_is_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="the JSON key of a service account") as caught:
        service_account(text)
    assert "very" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("private_key", [pem(KEY)[:200], pem(new_curve_key(SECP256R1()))])
def test_a_key_that_cannot_sign_is_told_when_it_has_to(private_key: str) -> None:
    account = service_account(key_file(private_key=private_key))
    with pytest.raises(ValueError, match="the service account is no RSA key"):
        jwt_grant(URL, account, scope="s", now_ms=NOW)
