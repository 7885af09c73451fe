"""Whose event it is: that of Amplitude's script on the page, if its cookie came with the hit."""

from __future__ import annotations

from typing import Any

import msgspec

from server.destinations.contract import Sending, read_cookie, stated, user_id, visitor_id

_KEY_CHARS = 10
_MAX_CHARS = 256


class _Cookie(msgspec.Struct, rename="camel"):
    device_id: str = ""
    session_id: int = 0


def cookie_name(api_key: str) -> str:
    """Of the cookie of a project."""
    return f"AMP_{api_key[:_KEY_CHARS]}"


def visitor(sending: Sending) -> dict[str, Any]:
    """The user, the device and the session, as far as they are known; a session is its start in
    ms."""
    event = sending.event
    cookie = sending.person.cookies.get(cookie_name(sending.config.api_key), "")
    on_page = read_cookie(cookie, _Cookie) or _Cookie()
    fields = {
        "user_id": user_id(event),
        "device_id": on_page.device_id[:_MAX_CHARS] or visitor_id(event),
        "session_id": (on_page.device_id and on_page.session_id) or event.session_id * 1000 or None,
    }
    return stated(fields)
