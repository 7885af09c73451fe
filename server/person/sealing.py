"""Persons, sealed for the spools of the tags that need them: nobody reads them from the disk.

    token = version (1 byte, 1) | key id (4) | nonce (12) | AES-256-GCM(msgpack of the Person) + tag

The key id is the beginning of the key's SHA-256. The keys' file lies outside the data folder: one
key a line, 32 bytes in base64, oldest first. The newest seals, all unseal: to rotate, add a line,
and take the oldest one out once no spool is older. One key is good for 2^32 persons.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.errors import ConfigError, FreeholdError
from server.model import Person

KEY_BYTES = 32
ASSOCIATED_DATA = b"freehold.person"

_VERSION = b"\x01"
_ID_BYTES = 4
_NONCE_BYTES = 12
_HEAD_BYTES = len(_VERSION) + _ID_BYTES + _NONCE_BYTES
_NOBODY = Person()
_DECODER = msgspec.msgpack.Decoder(Person)


class BrokenSeal(FreeholdError):
    """A token that is damaged, or sealed with a key that is not in the ring; nobody is in it."""


class Seal:
    """Seals and unseals with a ring of keys, oldest first; at least one."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._ciphers = {_id_of(key): AESGCM(key) for key in keys}
        self._newest = _id_of(keys[-1])

    def seal(self, person: Person) -> bytes:
        """The token; `b""` for nobody."""
        known = {name: value for name, value in msgspec.structs.asdict(person).items() if value}
        if not known:
            return b""
        nonce = os.urandom(_NONCE_BYTES)
        text = msgspec.msgpack.encode(known)
        sealed = self._ciphers[self._newest].encrypt(nonce, text, ASSOCIATED_DATA)
        return _VERSION + self._newest + nonce + sealed

    def unseal(self, token: bytes) -> Person:
        """The person; raises BrokenSeal."""
        if not token:
            return _NOBODY
        if len(token) <= _HEAD_BYTES or token[:1] != _VERSION:
            raise BrokenSeal(f"{len(token)} bytes that are no sealed person")
        key_id = token[1 : 1 + _ID_BYTES]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise BrokenSeal(f"sealed with key {key_id.hex()}, which is not in the keys' file")
        nonce, sealed = token[1 + _ID_BYTES : _HEAD_BYTES], token[_HEAD_BYTES:]
        try:
            return _DECODER.decode(cipher.decrypt(nonce, sealed, ASSOCIATED_DATA))
        except InvalidTag:
            raise BrokenSeal(f"sealed with key {key_id.hex()}, and damaged since") from None
        except msgspec.DecodeError:
            raise BrokenSeal("sealed by another release: not a person as of now") from None


def load_seal_keys(path: Path) -> tuple[bytes, ...]:
    """The keys of a file, oldest first; made at the first start, 0600."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)).decode() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            os.link(draft, path)
        draft.unlink()
    return _parse_keys(path)


def _parse_keys(path: Path) -> tuple[bytes, ...]:
    if path.stat().st_mode & 0o077:
        raise ConfigError([f"{path}: others can read this key; run: chmod 600 {path}"])
    try:
        lines = path.read_bytes().split()
        keys = tuple(base64.b64decode(line, validate=True) for line in lines)
    except binascii.Error:
        keys = ()
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ConfigError([f"{path}: expected one key a line, {KEY_BYTES} bytes in base64"])
    return keys


def _id_of(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:_ID_BYTES]
