"""The visitor's signed first-party cookie: who came, and in which session.

    value = <visitor id, 32 hex>.<issued_at>.<session_id>.<session number>.<seen at>.<signature>

Numbers in the value are base-36, times in it whole seconds UTC. A cookie is signed again at most
once a minute, so `seen at` may lag by that much. The signature is itsdangerous' HMAC-SHA256,
separate for each container. A key ring signs with its newest key and believes all.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import string
from binascii import b2a_base64
from collections.abc import Sequence
from pathlib import Path

import itsdangerous
import uuid_utils
from msgspec import Struct
from msgspec.structs import replace

from server.clock import MINUTE_MS
from server.errors import ConfigError
from server.model import Visitor

SESSION_GAP_MS = 30 * MINUTE_MS
MAX_COOKIE_BYTES = 256
_EARLY_MS = 5 * MINUTE_MS
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_Begun = tuple["hashlib._Hash", "hashlib._Hash"]
_DIGITS = string.digits + string.ascii_lowercase


class KeyRing(Struct, frozen=True):
    """Secrets, oldest first; the last one signs."""

    secrets: tuple[str, ...]

    def signer(self, container_id: str, purpose: str = "visitor") -> Signer:
        """What is signed for one container, or one purpose, is a forgery in every other."""
        return Signer(self.derive(f"{purpose}.{container_id}"))

    def derive(self, context: str) -> list[bytes]:
        """Keys of 32 bytes for one context, oldest first; they say nothing of those of another."""
        derived = itsdangerous.Signer(
            list(self.secrets),
            salt=f"freehold.{context}",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )
        return [derived.derive_key(secret) for secret in derived.secret_keys]


class Signer:
    """Signs and believes texts as `itsdangerous.Signer` does, with the keys derived once.

    HMAC is H(outer + H(inner + text)): both hashes have taken their half of the key beforehand, so
    that a text costs a third of what deriving the key and `hmac.digest` cost.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        blocks = [key.ljust(64, b"\0") for key in reversed(keys)]
        self._begun = [
            (hashlib.sha256(block.translate(_INNER)), hashlib.sha256(block.translate(_OUTER)))
            for block in blocks
        ]

    def sign(self, text: str) -> str:
        """The text and its signature, by the newest key."""
        return f"{text}.{_mac(self._begun[0], text.encode()).decode()}"

    def unsign(self, value: str) -> str | None:
        """The text, if one of the keys has signed it in exactly this spelling."""
        text, _, signature = value.rpartition(".")
        signed, given = text.encode(), signature.encode()
        for begun in self._begun:
            if hmac.compare_digest(_mac(begun, signed), given):
                return text
        return None


def _mac(begun: _Begun, text: bytes) -> bytes:
    inner, outer = begun[0].copy(), begun[1].copy()
    inner.update(text)
    outer.update(inner.digest())
    return b2a_base64(outer.digest(), newline=False).rstrip(b"=").translate(_URL_SAFE)


def recognise(
    value: str | None, *, signer: Signer, now: int, max_age_ms: int | None = None
) -> Visitor:
    """The visitor and session of a cookie; a bad or missing one makes a new visitor, no error.

    `max_age_ms` bounds the age of the identity itself, however long the browser kept it.
    """
    known = _read(value, signer) if value else None
    if known is None or not _is_of_age(known, now, max_age_ms):
        return _newcomer(now)
    if -_EARLY_MS < now - known.session_seen_at < SESSION_GAP_MS:
        return known
    return replace(
        known,
        session_id=now // 1000,
        session_number=known.session_number + 1,
        session_seen_at=now,
    )


def sign(visitor: Visitor, *, signer: Signer) -> str:
    """The cookie's value."""
    return signer.sign(written(visitor))


def written(visitor: Visitor) -> str:
    """The five fields of the value that say who it is and in which session."""
    fields = (
        visitor.visitor_id.replace("-", ""),
        base36(visitor.issued_at // 1000),
        base36(visitor.session_id),
        base36(visitor.session_number),
        base36(visitor.session_seen_at // 1000),
    )
    return ".".join(fields)


def read(text: str) -> Visitor:
    """The visitor of these fields; raises ValueError."""
    visitor_id, issued, session_id, session_number, seen = text.split(".")
    return Visitor(
        visitor_id=_hyphened(visitor_id),
        issued_at=int(issued, 36) * 1000,
        session_id=int(session_id, 36),
        session_number=int(session_number, 36),
        session_seen_at=int(seen, 36) * 1000,
    )


def is_due(visitor: Visitor, *, now: int) -> bool:
    """Whether a recognised visitor's cookie has to be signed: new, new session, or a minute old."""
    return visitor.session_seen_at == now or now - visitor.session_seen_at >= MINUTE_MS


def load_keys(path: Path) -> KeyRing:
    """The key ring of a file, one secret a line, oldest first; made at the first start, 0600."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            os.link(draft, path)
        draft.unlink()
    return _parse_keys(path)


def _parse_keys(path: Path) -> KeyRing:
    if path.stat().st_mode & 0o077:
        raise ConfigError([f"{path}: others can read this key; run: chmod 600 {path}"])
    lines = path.read_text(encoding="ascii").split()
    if not lines or min(map(len, lines)) < 32:
        raise ConfigError([f"{path}: expected one key a line, of 32 characters or more"])
    return KeyRing(tuple(lines))


def _newcomer(now: int) -> Visitor:
    return Visitor(
        visitor_id=str(uuid_utils.uuid4()),
        issued_at=now,
        session_id=now // 1000,
        session_number=1,
        session_seen_at=now,
        is_new=True,
    )


def _is_of_age(visitor: Visitor, now: int, max_age_ms: int | None) -> bool:
    """An identity from the future is a forgery or a broken clock; five minutes are forgiven."""
    age_ms = now - visitor.issued_at
    return age_ms >= -_EARLY_MS and (max_age_ms is None or age_ms < max_age_ms)


def _read(value: str, signer: Signer) -> Visitor | None:
    text = signer.unsign(value) if len(value) <= MAX_COOKIE_BYTES and value.isascii() else None
    if text is None:
        return None
    try:
        return read(text)
    except ValueError:  # signed with our key, but not by this version
        return None


def _hyphened(digits: str) -> str:
    """A UUID as it is usually written."""
    if len(digits) != 32:
        raise ValueError(f"{len(digits)} digits of a UUID")
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def base36(number: int) -> str:
    """A number as it stands in the value."""
    digits: list[str] = []
    while number:
        number, rest = divmod(number, 36)
        digits.append(_DIGITS[rest])
    return "".join(reversed(digits)) or "0"
