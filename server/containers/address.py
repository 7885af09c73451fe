"""Addresses with `{{ event.… }}` in them: the container names the host, an event what follows it.

    https://hooks.example.com/orders/{{ event.name }}?t={{ event.title }}
    └── written in the container ───┘ └── each value one segment, or one query value

Otherwise a visitor could have events, and the secrets in their headers, sent to a host of his own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

HOST_FIRST = "the host must be written here: an event may only fill what follows it"
SCHEME_FIRST = "expected http:// or https://"

_HOST = re.compile(r"https?://[^\s/?#\\{}]+[/?#]")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.S)


def address_fault(text: str) -> str:
    """What is wrong with an address that has placeholders; empty: nothing."""
    if _HOST.match(text):
        return ""
    is_begun = text.startswith(("http://", "https://", "{{"))
    return HOST_FIRST if is_begun else SCHEME_FIRST


def stand_in(text: str) -> str:
    """The address as it may be once it is filled."""
    return _PLACEHOLDER.sub("x", text)


@lru_cache(maxsize=512)
def escaped(value: str) -> str:
    """A value as one segment or one query value; dots alone, which lead elsewhere, are left out."""
    return quote(value, safe="", errors="replace") if value.strip(".") else ""
