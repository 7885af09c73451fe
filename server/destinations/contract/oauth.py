"""OAuth 2.0: requests that bring an access token, for `access`; what they are answered with is read
by who asks.

    refresh_grant  RFC 6749, 6   a refresh token, with the client's own id and secret
    jwt_grant      RFC 7523      a service account's key signs who asks, for what, until when
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from server.delivery import Request
from server.destinations.contract.values import encode

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

JWT_S = 3600
"""How long a signed request may be used; Google's longest."""
PEM = "-----BEGIN"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class ServiceAccount(Struct, frozen=True, kw_only=True):
    """The JSON key of a service account, as far as it is looked at."""

    client_email: str
    private_key: str
    private_key_id: str = ""


def service_account(text: str) -> ServiceAccount:
    """A key as it is written; raises ValueError, which does not show it. Whether it can sign is
    seen when it has to: that takes too long to be asked for each event."""
    try:
        account = msgspec.json.decode(text, type=ServiceAccount)
    except (msgspec.DecodeError, UnicodeEncodeError):
        account = None
    if account is None or not account.private_key.lstrip().startswith(PEM):
        raise ValueError("expected the JSON key of a service account, whole")
    return account


def refresh_grant(url: str, *, client_id: str, client_secret: str, refresh_token: str) -> Request:
    """Asks for an access token in the name of whoever once allowed it."""
    return _form(
        url,
        {
            "grant_type": "refresh_token",
            "client_id": client_id,
            "client_secret": client_secret,
            "refresh_token": refresh_token,
        },
    )


def jwt_grant(url: str, account: ServiceAccount, *, scope: str, now_ms: int) -> Request:
    """Asks for an access token in a service account's own name, signed by RS256; raises ValueError
    for a key that cannot sign."""
    head = {"alg": "RS256", "typ": "JWT", "kid": account.private_key_id}
    issued_s = now_ms // 1000
    claims = {
        "iss": account.client_email,
        "scope": scope,
        "aud": url,
        "iat": issued_s,
        "exp": issued_s + JWT_S,
    }
    signed = b".".join(_base64url(encode(part)) for part in (head, claims))
    assertion = b".".join((signed, _base64url(_signed(account, signed)))).decode()
    return _form(url, {"grant_type": JWT_BEARER, "assertion": assertion})


def _signed(account: ServiceAccount, text: bytes) -> bytes:
    """By RS256."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    return _key(account).sign(text, PKCS1v15(), hashes.SHA256())


def _key(account: ServiceAccount) -> RSAPrivateKey:
    """Raises ValueError, which does not show the key."""
    # Here and not above: a collector knows what tags may set, and starts without cryptography.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = None
    with contextlib.suppress(ValueError, TypeError, UnsupportedAlgorithm):
        key = load_pem_private_key(account.private_key.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("the private key of the service account is no RSA key")
    return key


def _form(url: str, fields: Mapping[str, str]) -> Request:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Request(url=url, headers=headers, body=urlencode(fields).encode())


def _base64url(text: bytes) -> bytes:
    return base64.urlsafe_b64encode(text).rstrip(b"=")
