"""The token of a link that leads to another site of the brand: who clicked, sealed.

    token = base64url(id (12 bytes) | AES-256-GCM("<visitor>.<made at>.<host>") + tag (16 bytes))

The visitor is the five fields of their cookie, the time whole seconds in base 36, the host that of
the page with the link. It is sealed and not only signed, since it stands in an address for a
moment: no script, log or site on the way learns the visitor's id. The id is the cipher's nonce. The
keys are derived from those of the cookies for this purpose alone: neither is taken for the other.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from server import identity
from server.identity import KeyRing
from server.model import Visitor

PURPOSE = "link"
"""Of the keys that seal."""
MAX_TOKEN = 512
MAX_HOST = 253

_ID_BYTES = 12


class Link(Struct, frozen=True, kw_only=True):
    """What a token says."""

    id: str
    """In hexadecimal digits; no other token has it."""
    visitor: Visitor
    made_at: int
    """ms UTC, in whole seconds."""
    host: str
    """Of the page that the link is on."""


class LinkSeal:
    """Seals with the newest key of a ring and unseals with all."""

    def __init__(self, keys: KeyRing) -> None:
        self._ciphers = [AESGCM(key) for key in reversed(keys.derive(PURPOSE))]

    def seal(self, visitor: Visitor, *, host: str, now: int) -> str:
        """A token; no two are alike."""
        text = f"{identity.written(visitor)}.{identity.base36(now // 1000)}.{host[:MAX_HOST]}"
        id_ = os.urandom(_ID_BYTES)
        sealed = self._ciphers[0].encrypt(id_, text.encode(), None)
        return urlsafe_b64encode(id_ + sealed).decode().rstrip("=")

    def unseal(self, token: str) -> Link | None:
        """What a token says; None: it is not one of ours, or not as it was made."""
        if len(token) > MAX_TOKEN:
            return None
        try:
            sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            id_, text = sealed[:_ID_BYTES], self._decrypted(sealed)
            *visitor, made_at, host = text.split(".", 6)
            return Link(
                id=id_.hex(),
                visitor=identity.read(".".join(visitor)),
                made_at=int(made_at, 36) * 1000,
                host=host,
            )
        except ValueError:
            return None

    def _decrypted(self, sealed: bytes) -> str:
        """Raises ValueError."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(sealed[:_ID_BYTES], sealed[_ID_BYTES:], None).decode()
            except InvalidTag:
                continue
        raise ValueError("sealed by nobody we know")
