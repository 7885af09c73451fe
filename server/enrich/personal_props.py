"""Takes personal data and secrets out of what a page says of an event: its props and its ids.

It stands second, before anything reads the props. Names and values are judged as those of a URL's
parameters are (`personal.py`); of a value that is JSON or a URL, only the personal part goes:

    phone      +33 6 12 34 56 78              →  redacted, and no number either
    user       {"mail":"bob@x.org","vip":1}   →  {"mail":"redacted","vip":1}
    link_url   https://x.org/?email=jo%40x.org →  https://x.org/?email=redacted

An id has to stay one: in `user_id`, `transaction_id` and the prop `event_id` an e-mail address, a
telephone number, an IBAN or a JWT becomes its SHA-256, so that two customers or two orders stay
two.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from server.enrich.contract import Context, Subject
from server.enrich.personal import (
    EMAIL,
    JWT,
    REDACTED,
    clean_url,
    decode,
    has_personal_keys,
    is_personal,
    is_personal_number,
    judge_name,
)
from server.enrich.tables.personal import FLAGS
from server.model import SHARED_ID, Item
from server.person import normalise
from server.person.hashing import sha256_hex

MAX_NAME_CHARS = 64
MAX_CACHED = 256
"""Characters of a value; longer ones are rarely seen twice."""
_CALLS = frozenset({"tel:", "sms:"})


def drop_personal_props(subject: Subject, _: Context) -> Subject:
    """The event with clean props, those of its items too, and ids that name nobody."""
    event = subject.event
    if not (event.props or event.items or event.user_id or event.transaction_id):
        return subject
    changed: dict[str, Any] = {}
    props = _clean_props(event.props)
    if props is not event.props:
        kept = {key: n for key, n in event.nums.items() if props.get(key) == event.props.get(key)}
        changed |= {"props": props, "nums": kept}
    if any(item.props for item in event.items):
        changed["items"] = [_clean_item(item) for item in event.items]
    user_id, transaction_id = _clean_id(event.user_id), _clean_id(event.transaction_id)
    if (user_id, transaction_id) != (event.user_id, event.transaction_id):
        changed |= {"user_id": user_id, "transaction_id": transaction_id}
    return replace(subject, event=replace(event, **changed)) if changed else subject


def _clean_item(item: Item) -> Item:
    props = _clean_props(item.props)
    return item if props is item.props else replace(item, props=props)


def _clean_props(props: dict[str, str]) -> dict[str, str]:
    """The very same props when nothing in them is personal."""
    cleaned = dict([_clean_pair(key, value) for key, value in props.items()])
    return props if cleaned == props else cleaned


def _clean_pair(key: str, value: str) -> tuple[str, str]:
    clean = _clean_short if len(value) <= MAX_CACHED else _clean_short.__wrapped__
    return clean(key, value)


@lru_cache(maxsize=8192)
def _clean_short(key: str, value: str) -> tuple[str, str]:
    """Cached, for sizes, lists and types of pages are the same again and again."""
    if key == SHARED_ID:
        return key, _clean_id(value)
    name = REDACTED if "@" in key and EMAIL.search(key) else key
    judgement = judge_name(key[-MAX_NAME_CHARS:])
    if not value or judgement == "click" or value in FLAGS:
        return name, value
    if judgement == "personal":
        return name, REDACTED
    return name, _clean_value(value, open_=judgement == "open")


def _clean_value(value: str, *, open_: bool) -> str:
    """The value, or what of it is not personal."""
    if value[0] in "{[":
        return _clean_json(value)
    text = decode(value) if "%" in value else value
    if text[:4].lower() in _CALLS:
        return REDACTED
    if not is_personal(text, open_=open_):
        return value
    if text.startswith(("https://", "http://")):
        url = clean_url(value).url
        return REDACTED if EMAIL.search(decode(url)) else url
    return REDACTED


def _clean_json(value: str) -> str:
    """JSON part by part; what only looks like it, or was cut, as a whole."""
    try:
        tree = msgspec.json.decode(value)
        cleaned = _clean_tree(tree)
        return value if cleaned == tree else msgspec.json.encode(cleaned).decode()
    except (ValueError, RecursionError):
        is_leaking = is_personal(value) or has_personal_keys(value)
        return REDACTED if is_leaking else value


def _clean_tree(tree: Any) -> Any:
    if isinstance(tree, dict):
        return dict([_clean_member(key, value) for key, value in tree.items()])
    if isinstance(tree, list):
        return [_clean_tree(value) for value in tree]
    return _clean_value(tree, open_=False) if isinstance(tree, str) and tree else tree


def _clean_member(key: str, value: Any) -> tuple[str, Any]:
    """A member of an object; true, null and numbers that are flags tell nothing of a person."""
    if isinstance(value, str):
        return _clean_pair(key, value)
    name = REDACTED if "@" in key and EMAIL.search(key) else key
    is_flag = value is None or value in (0, 1) or value in ({}, [])
    if not is_flag and judge_name(key[-MAX_NAME_CHARS:]) == "personal":
        return name, REDACTED
    return name, _clean_tree(value)


def _clean_id(text: str) -> str:
    """The id; what is personal in it is hashed, in the form in which partners hash it."""
    plain = unquote(text) if "%" in text else text
    if "eyJ" in plain and JWT.search(plain):
        return _hash("", plain)
    if "@" in plain and EMAIL.search(plain):
        clean = EMAIL.sub(lambda match: _hash(normalise.email(match[0]), match[0]), plain)
        is_doubtful = "%" in clean or EMAIL.search(clean)  # another may be hidden in what is left
        return _hash("", plain) if is_doubtful else clean
    if len(plain) >= 8 and is_personal_number(plain):
        return _hash(normalise.phone(plain), plain)
    return text


def _hash(normalised: str, plain: str) -> str:
    return sha256_hex((normalised or plain).encode(errors="replace").decode())
