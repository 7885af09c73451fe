"""SHA-256 of what is personal: the form in which partners compare it with what they know.

The hash of nothing is nothing: the hash of "" looks like a person, and it is always the same one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

_HASH = re.compile(r"[0-9A-Fa-f]{64}")


def sha256_hex(normalised: str) -> str:
    """64 lower-case hex digits; "" of ""; what is such a hash already stays as it is."""
    if not normalised or _HASH.fullmatch(normalised):
        return normalised.lower()
    return hashlib.sha256(normalised.encode()).hexdigest()


def hashed(text: str, normalise: Callable[[str], str]) -> str:
    """The hash of the normalised text; a hash that the site sends in its place is not touched."""
    text = text.strip()
    return sha256_hex(text if _HASH.fullmatch(text) else normalise(text))
