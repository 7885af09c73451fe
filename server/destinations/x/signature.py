"""OAuth 1.0a (RFC 5849): a header that signs one request with an application's and a user's keys.

A body of JSON is no part of what is signed, the method, the address and the header itself are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from msgspec import Struct


class Keys(Struct, frozen=True, kw_only=True):
    """What signs."""

    consumer_key: str
    consumer_secret: str
    token: str
    token_secret: str


def authorization(url: str, keys: Keys, *, nonce: str, at: int) -> str:
    """The header `authorization` of a POST without a query; `at` in ms UTC."""
    said = {
        "oauth_consumer_key": keys.consumer_key,
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(at // 1000),
        "oauth_token": keys.token,
        "oauth_version": "1.0",
    }
    base = "&".join(_quoted(part) for part in ("POST", url, _joined(said)))
    key = f"{_quoted(keys.consumer_secret)}&{_quoted(keys.token_secret)}"
    mac = hmac.digest(key.encode(), base.encode(), hashlib.sha1)
    said["oauth_signature"] = base64.b64encode(mac).decode()
    return "OAuth " + ", ".join(
        f'{name}="{_quoted(value)}"' for name, value in sorted(said.items())
    )


def nonce(ids: Sequence[str], at: int) -> str:
    """Text that no other request has: of the events' ids and the time of the attempt, ms UTC."""
    return hashlib.sha256(" ".join((str(at), *ids)).encode(errors="replace")).hexdigest()[:32]


def _joined(said: Mapping[str, str]) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(said.items()))


def _quoted(text: str) -> str:
    return quote(text, safe="~", errors="replace")
