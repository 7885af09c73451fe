"""Which names GA4 takes; events and parameters with other names it drops without a word.

https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference#reserved_names
"""

from __future__ import annotations

import re

MAX_NAME_CHARS = 40
MAX_USER_PROPERTY_NAME_CHARS = 24

_LEGAL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PREFIXES = ("ga_", "google_", "firebase_")
_OWN_EVENTS = frozenset(
    {
        "ad_activeview", "ad_click", "ad_exposure", "ad_query", "ad_reward", "adunit_exposure",
        "app_clear_data", "app_exception", "app_install", "app_remove", "app_store_refund",
        "app_update", "app_upgrade", "dynamic_link_app_open", "dynamic_link_app_update",
        "dynamic_link_first_open", "error", "first_open", "first_visit", "notification_dismiss",
        "notification_foreground", "notification_open", "notification_receive",
        "notification_send", "os_update", "session_start", "user_engagement",
        # Of streams of applications alone.
        "ad_impression", "in_app_purchase", "screen_view",
    }
)  # fmt: skip
_OWN_USER_PROPERTIES = frozenset(
    {
        "first_open_time", "first_visit_time", "last_deep_link_referrer", "user_id",
        "first_open_after_install",
    }
)  # fmt: skip


def is_event(name: str) -> bool:
    """Whether an event may be called so."""
    return _is_legal(name, MAX_NAME_CHARS) and name not in _OWN_EVENTS


def is_param(name: str) -> bool:
    """Whether a parameter of an event or an item may be called so."""
    return _is_legal(name, MAX_NAME_CHARS)


def is_user_property(name: str) -> bool:
    """Whether a user property may be called so."""
    return _is_legal(name, MAX_USER_PROPERTY_NAME_CHARS) and name not in _OWN_USER_PROPERTIES


def nearest_event(name: str) -> str:
    """A name that an event may have, as like the given one as can be."""
    legal = re.sub(r"[^A-Za-z0-9]+", "_", name[:1000])
    while True:
        legal = re.sub(r"^[^A-Za-z]+", "", legal)
        prefix = next((p for p in _PREFIXES if legal.startswith(p)), "")
        if not prefix:
            break
        legal = legal[len(prefix) :]
    legal = legal[:MAX_NAME_CHARS].rstrip("_") or "event"
    return f"{legal}_event" if legal in _OWN_EVENTS else legal


def _is_legal(name: str, most: int) -> bool:
    return (
        len(name) <= most and _LEGAL.fullmatch(name) is not None and not name.startswith(_PREFIXES)
    )
