"""Ad clicks of a visitor: the id that a partner knows a click by, and when it was clicked.

    the landing's address, now or earlier   person.click_ids, person.clicked_at
    the partner's own cookie                GCL.1760000000.Cj0K    2.1.kCj0K$i1760000000
                                            fb.1.1760000000000.IwAR    _uet4f1c…    or the bare id

A cookie counts where we know no click of its kind, or where it tells of a later one: the visitor
may have consented only after the landing, or landed on a page without our tag.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from server.model import Person
from server.person.tables.click_cookies import CLICK_COOKIES

MAX_CHARS = 512

META_COOKIE = re.compile(
    r"fb\.\d\.(?P<ms>\d{13})\.(?P<id>[^.]{1,512})(?:\.(?:[\w-]{2}|[\w-]{8}))?", re.A
)
"""`_fbc` and `_fbp`; the fifth part tells which of Meta's libraries wrote it."""

_ID = re.compile(r"[!-~]{1,512}")
_GOOGLE = re.compile(r"(?:GCL|1)\.(?P<s>\d{9,11})\.(?P<id>[\w-]+)(?:\..*)?", re.A)
_GOOGLE_NEW = re.compile(r"\d+\.\d+\.k(?P<id>[\w-]+)\$i(?P<s>\d{9,11})(?:\$.*)?", re.A)
_X = re.compile(r'.*"twclid":"(?P<id>[^"]+)".*', re.S)
_TIMED = frozenset({"gclid", "gbraid", "wbraid", "dclid", "fbclid"})
"""Kinds whose cookies say when the click was."""


class Click(NamedTuple):
    """One click on an ad."""

    value: str
    """Empty: there was none."""
    at: int
    """When, in ms; 0: not known."""


NO_CLICK = Click("", 0)


def click_id(person: Person, kind: str) -> Click:
    """The last click of a kind that is known of the person, as `gclid`; NO_CLICK: none is."""
    value = person.click_ids.get(kind, "")
    own = Click(value, person.clicked_at.get(kind, 0)) if value else NO_CLICK
    if value and kind not in _TIMED:
        return own
    theirs = _noted(person, kind)
    is_later = theirs.value != own.value and theirs.at > own.at > 0
    return theirs if is_later or not value else own


def click_cookies(*kinds: str) -> tuple[str, ...]:
    """The cookies that `click_id` looks at for these kinds."""
    return tuple(name for kind in kinds for name in CLICK_COOKIES[kind])


def _noted(person: Person, kind: str) -> Click:
    """The click that the partner's cookies tell of."""
    for name in CLICK_COOKIES.get(kind, ()):
        found = _read(kind, person.cookies.get(name, ""))
        if found.value:
            return found
    return NO_CLICK


def _read(kind: str, cookie: str) -> Click:
    text = unquote(cookie[: 4 * MAX_CHARS])
    if kind in _TIMED:
        match = (
            META_COOKIE.fullmatch(text)
            if kind == "fbclid"
            else _GOOGLE.fullmatch(text) or _GOOGLE_NEW.fullmatch(text)
        )
        if match is None:
            return NO_CLICK
        times = match.groupdict()
        return _click(match["id"], int(times["ms"]) if "ms" in times else int(times["s"]) * 1000)
    if kind == "msclkid":
        text = text.removeprefix("_uet")
    if kind == "twclid" and (match := _X.fullmatch(text)):
        text = match["id"]
    return _click(text, 0)


def _click(value: str, at: int) -> Click:
    return Click(value, at) if _ID.fullmatch(value) else NO_CLICK
