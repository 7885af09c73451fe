"""Cookies in which partners' scripts keep what they know, as JSON in this or that wrapping."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar
from urllib.parse import unquote

import msgspec

Kind = TypeVar("Kind")


def read_cookie(text: str, kind: type[Kind]) -> Kind | None:
    """JSON with or without percent signs, in base64 or not; None: the cookie is anything else."""
    text = unquote(text)
    try:
        plain = text if text.startswith("{") else base64.b64decode(text, validate=True).decode()
        return msgspec.json.decode(unquote(plain) if plain[:1] == "%" else plain, type=kind)
    except (binascii.Error, ValueError, RecursionError):
        return None
