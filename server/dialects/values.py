"""Values that a page may send, made fit for the columns of `events`; nothing here raises."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from server.model import VENDOR, Item

MAX_VALUE_CHARS = 8192
MAX_KEY_CHARS = 128
MAX_WORD_CHARS = 512
MONEY_LIMIT = Decimal(10) ** 13
MONEY_STEP = Decimal("0.0001")
MAX_CACHED_CHARS = 32
MAX_VENDORS = 50
PURPOSES = ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")
ANSWERS = ("granted", "denied", "unset")

_PLAIN = (int, float, str)
_VENDOR = re.compile(VENDOR + r"[1-9][0-9]{0,4}")
_ITEM_TEXTS = frozenset(
    name
    for name, kind in Item.__annotations__.items()
    if kind == "str" and name not in {"price", "discount"}
)
_ITEM_FIELDS = frozenset(Item.__struct_fields__)


def word(value: Any) -> str:
    """A short text; a number as one."""
    is_plain = isinstance(value, _PLAIN) and not isinstance(value, bool)
    return str(value)[:MAX_WORD_CHARS] if is_plain else ""


def consented(purposes: dict[str, Any]) -> dict[str, str]:
    """What was answered to the purposes that we know; of vendors, some at most."""
    answers = [
        (name, answer)
        for name, answer in purposes.items()
        if isinstance(answer, str) and answer in ANSWERS
    ]
    vendors = [(name, answer) for name, answer in answers if _VENDOR.fullmatch(name)]
    known = {name: answer for name, answer in answers if name in PURPOSES}
    return known | dict(vendors[:MAX_VENDORS])


def money(value: Any) -> str | None:
    """Decimal text with four places for a Decimal(18, 4) column; None: not an amount."""
    if isinstance(value, bool) or not isinstance(value, _PLAIN):
        return None
    text = str(value)
    return _quantized(text) if len(text) <= MAX_CACHED_CHARS else _quantized.__wrapped__(text)


@lru_cache(maxsize=4096)
def _quantized(text: str) -> str | None:
    """Cached, for prices are the same again and again."""
    try:
        amount = Decimal(text.strip())
        if not amount.is_finite() or abs(amount) >= MONEY_LIMIT:
            return None
        return str(amount.quantize(MONEY_STEP))
    except (ArithmeticError, ValueError):
        return None


def number(identity: str) -> str:
    """A UInt64 in decimal that stands for any id; of nothing, nothing."""
    if not identity:
        return ""
    return str(int.from_bytes(blake2b(identity.encode(), digest_size=8).digest()))


def texts(props: Mapping[str, Any]) -> dict[str, str]:
    """Every prop as text: numbers as written, true and false, lists and objects as JSON."""
    return {
        key[:MAX_KEY_CHARS]: (value if type(value) is str else text(value))[:MAX_VALUE_CHARS]
        for key, value in props.items()
        if value is not None
    }


def numbers(props: Mapping[str, Any]) -> dict[str, float]:
    """The props that are numbers, or text that is one; what a Float64 holds."""
    found: dict[str, float] = {}
    for key, value in props.items():
        if type(value) is str and not value[-1:].isdigit():  # most texts: a call costs more
            continue
        number = _number(value)
        if number is not None:
            found[key[:MAX_KEY_CHARS]] = number
    return found


def text(value: Any) -> str:
    """One value as text."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def item(fields: Mapping[str, Any]) -> Item:
    """One line of a cart in GA4's words; what it does not know goes to the item's props."""
    known: dict[str, Any] = {
        key: text(value)[:512]
        for key, value in fields.items()
        if key in _ITEM_TEXTS and value is not None
    }
    rest = {k: v for k, v in fields.items() if k not in _ITEM_FIELDS and v is not None}
    quantity, index = _number(fields.get("quantity")), _number(fields.get("index"))
    return Item(
        **known,
        price=money(fields.get("price")),
        discount=money(fields.get("discount")),
        quantity=1.0 if quantity is None else quantity,
        index=int(index) if index is not None and 0 <= index < 2**31 else 0,
        props=texts(rest) if rest else rest,
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, _PLAIN):
        return None
    if isinstance(value, str) and not (0 < len(value) <= 32 and value[-1].isdigit()):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
