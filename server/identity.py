"""The visitor's signed first-party cookie: who came, and in which session.

    value = <visitor id, 32 hex>.<issued_at>.<session_id>.<session number>.<seen at>.<signature>

Numbers in the value are base-36, times in it whole seconds UTC. A cookie is signed again at most
once a minute, so `seen at` may lag by that much. The signature is HMAC-SHA256 by itsdangerous,
separate for each container. A key ring signs with its newest key and believes all.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import string
from pathlib import Path

import uuid_utils
from itsdangerous import BadSignature, Signer
from msgspec import Struct
from msgspec.structs import replace

from server.clock import MINUTE_MS
from server.errors import ConfigError
from server.model import Visitor

SESSION_GAP_MS = 30 * MINUTE_MS
MAX_COOKIE_BYTES = 256
_EARLY_MS = 5 * MINUTE_MS
# 32 bytes in base64 leave two bits of the last letter unused: other letters would pass for it.
_LAST_OF_MAC = frozenset("AEIMQUYcgkosw048")
_DIGITS = string.digits + string.ascii_lowercase


class KeyRing(Struct, frozen=True):
    """Secrets, oldest first; the last one signs."""

    secrets: tuple[str, ...]

    def signer(self, container_id: str) -> Signer:
        """Cookies of one container are forgeries in every other."""
        return Signer(
            list(self.secrets),
            salt=f"freehold.visitor.{container_id}",
            sep=".",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )


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
    fields = (
        visitor.visitor_id.replace("-", ""),
        _base36(visitor.issued_at // 1000),
        _base36(visitor.session_id),
        _base36(visitor.session_number),
        _base36(visitor.session_seen_at // 1000),
    )
    return signer.sign(".".join(fields)).decode("ascii")


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
    if len(value) > MAX_COOKIE_BYTES or not value.isascii() or value[-1] not in _LAST_OF_MAC:
        return None
    try:
        text = signer.unsign(value).decode("ascii")
        visitor_id, *numbers = text.split(".")
        issued, session_id, session_number, seen = (int(number, 36) for number in numbers)
        known = uuid_utils.UUID(hex=visitor_id)
    except (BadSignature, ValueError):
        return None
    return Visitor(
        visitor_id=str(known),
        issued_at=issued * 1000,
        session_id=session_id,
        session_number=session_number,
        session_seen_at=seen * 1000,
    )


def _base36(number: int) -> str:
    digits: list[str] = []
    while number:
        number, rest = divmod(number, 36)
        digits.append(_DIGITS[rest])
    return "".join(reversed(digits)) or "0"
