"""The store's two users: `freehold` writes, `analyst` reads. Their passwords live elsewhere."""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from server.errors import ConfigError
from server.store.embedded.errors import AUTHENTICATION_FAILED, refusal

_LINE = re.compile(r"^(\w+): (\S+)$")


class Passwords(Struct, frozen=True, kw_only=True):
    freehold: str
    analyst: str


class User(Struct, frozen=True, kw_only=True):
    """`role` is a role in the engine's own access control; the user's queries have its grants."""

    name: str
    role: str
    reads_only: bool


FREEHOLD = User(name="freehold", role="writer", reads_only=False)
ANALYST = User(name="analyst", role="analyst", reads_only=True)


def authenticate(name: str, password: str, passwords: Passwords) -> User:
    """The user, or ClickHouse's own answer: it does not say which of name and password is wrong."""
    for user, expected in ((FREEHOLD, passwords.freehold), (ANALYST, passwords.analyst)):
        same_password = secrets.compare_digest(password.encode(), expected.encode())
        if secrets.compare_digest(name.encode(), user.name.encode()) and same_password:
            return user
    raise refusal(
        AUTHENTICATION_FAILED,
        f"{name or 'default'}: Authentication failed: password is incorrect, or there is no user "
        "with such name. The users of this store are `freehold` and `analyst`; the operator finds "
        "their passwords in the store's password file",
    )


def load_passwords(path: Path) -> Passwords:
    """Reads the passwords; makes them at the first start. Several processes may ask at once."""
    if not path.exists():
        _make(path)
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) or mode & 0o077:
        raise ConfigError([f"{path}: others can read the store's passwords; run chmod 600 {path}"])
    found = dict(
        _LINE.findall(line)[0] for line in path.read_text().splitlines() if _LINE.match(line)
    )
    missing = {"freehold", "analyst"} - found.keys()
    if missing:
        wanted = ", ".join(f"`{name}: <password>`" for name in sorted(missing))
        raise ConfigError([f"{path}: expected a line {wanted}"])
    return Passwords(freehold=found["freehold"], analyst=found["analyst"])


def _make(path: Path) -> None:
    """Writes a file of its own, then links it: the first to link wins, nobody reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    text = "".join(f"{name}: {secrets.token_urlsafe(24)}\n" for name in ("freehold", "analyst"))
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
