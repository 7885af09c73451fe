"""Takes personal data and secrets out of addresses and titles before anything is stored.

It stands first. What it takes away it replaces by `redacted`, so that a marketer sees that a page
leaks; it also splits the page's URL into `host`, `path` and `query`, so that the four agree:

    https://u:p@Shop.example/a/jo@x.org?email=jo%40x.org&utm_source=n#top
    url    https://Shop.example/a/redacted?email=redacted&utm_source=n
    host   shop.example        path   /a/redacted        query   email=redacted&utm_source=n

A fragment stays only if it is a route (`#/cart`, `#!/cart`); it is then part of `path`, and its own
parameters follow the page's in `query`. Text that is no http(s) URL keeps its wording and has no
`host`. Every pattern is linear in the text's length.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus

from msgspec.structs import replace

from server.enrich.contract import Context, Subject
from server.enrich.tables.click_ids import CLICK_IDS
from server.enrich.tables.personal import ENDINGS, EXACT, FLAGS, NAMES, OPEN_PREFIXES

REDACTED = "redacted"
MAX_CACHED_CHARS = 2048
"""Longer URLs are rare, and four thousand of them would be a burden."""

# RFC 3986, appendix B: it matches any text.
_URL = re.compile(r"(?:([A-Za-z][\w+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.S)
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[\w.-]{1,253})(?::\d*)?")
# Each run of local-part characters is read once: it starts where one starts, and never gives back.
# `@2x.` is the name of an image, not an address; a chain of them (`a@b.cc@d.ee`) is one.
_EMAIL = re.compile(
    r"(?<![\w.+'-])[\w.+'-]++@(?!\dx\.)(?:[\w-]++\.)+[^\W\d_]{2,63}(?:[\w.+'-]*+@[\w.+'@-]*+)?"
)
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]++\.")
_SESSION = re.compile(r"(;(?:jsessionid|phpsessid|sid)=)[^/;]*", re.I)
# With a country code, or in the grouping of France or of North America: shorter and ungrouped
# numbers are far more often products and orders.
_PHONE = re.compile(
    r"[+ ](?=(?:\D*\d){8,15}\D*\Z)[1-9][\d .()/-]{6,24}"
    r"|0\d(?:[ .-]\d\d){4}|(?:\+?1[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
)
_IBAN = re.compile(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}")
# A product may have a UUID or an MD5; from forty characters on it is a key to something.
_SECRET = re.compile(r"(?=[^a-z]*[a-z])(?=\D*\d)(?:[0-9a-f]{40,}|(?=[^A-Z]*[A-Z])[\w+/.~-]{40,}=*)")
_NESTED = re.compile(r"[?&#;]([^=&?#;]{1,64})=")


class Page(NamedTuple):
    """A cleaned URL and its parts."""

    url: str
    host: str
    path: str
    query: str


def drop_personal_query(subject: Subject, _: Context) -> Subject:
    """The event with clean addresses and title; `host`, `path` and `query` are those of `url`."""
    event = subject.event
    if event.url:
        page = _clean_url(event.url)
    else:
        page = Page("", event.host, _clean_path(event.path), _clean_query(event.query))
    referrer = _clean_url(event.referrer.partition("#")[0]).url if event.referrer else ""
    title = _EMAIL.sub(REDACTED, event.title) if "@" in event.title else event.title
    cleaned = replace(event, referrer=referrer, title=title, **page._asdict())
    return replace(subject, event=cleaned)


def _clean_url(text: str) -> Page:
    return _clean(text) if len(text) <= MAX_CACHED_CHARS else _clean.__wrapped__(text)


@lru_cache(maxsize=4096)
def _clean(text: str) -> Page:
    match = _URL.fullmatch(text)
    assert match is not None
    scheme, authority, path, query, fragment = match.groups(default="")
    authority = authority.rpartition("@")[2]
    path, query = _clean_path(path), _clean_query(query)
    url = (
        (f"{scheme}:" if scheme else "")
        + (f"//{authority}" if match[2] is not None else "")
        + path
        + (f"?{query}" if query else "")
    )
    host = _host(authority) if scheme.lower() in {"http", "https"} else ""
    if host and not path:
        path = "/"
    if fragment.startswith(("/", "!")):
        route, _, parameters = fragment.partition("?")
        route, parameters = fragment[0] + _clean_path(route[1:]), _clean_query(parameters)
        url += f"#{route}" + (f"?{parameters}" if parameters else "")
        path += f"#{route}"
        query = "&".join(filter(None, (query, parameters)))
    return Page(url, host, path, query)


def _host(authority: str) -> str:
    match = _HOST.fullmatch(authority.lower())
    return match[1].rstrip(".") if match else ""


def _clean_path(path: str) -> str:
    if "@" not in path and "%" not in path and ";" not in path and "eyJ" not in path:
        return path
    path = _SESSION.sub(rf"\1{REDACTED}", path)
    return "/".join(REDACTED if _is_address(part) else part for part in path.split("/"))


def _is_address(segment: str) -> bool:
    text = _decode(segment)
    return bool(_EMAIL.search(text) or _JWT.search(text))


def _clean_query(query: str) -> str:
    return "&".join([_clean_pair(pair) for pair in query.split("&")]) if query else ""


def _clean_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if _EMAIL.search(_decode(name)):
        name = REDACTED
    judgement = _judge_name(name[-64:])
    if not value or judgement == "click" or value in FLAGS:
        return name + equals + value
    if judgement == "personal" or _is_personal(_decode(value), open_=judgement == "open"):
        return f"{name}={REDACTED}"
    return name + equals + value


@lru_cache(maxsize=4096)
def _judge_name(name: str) -> str:
    """`click`: never touched; `personal`; `open`: only e-mail addresses; else the value decides."""
    name = _decode(name).lower()
    if name in CLICK_IDS:
        return "click"
    if name.startswith(OPEN_PREFIXES):
        return "open"
    bare = re.sub(r"[^a-z0-9]", "", name)
    return "personal" if name in EXACT or bare in NAMES or bare.endswith(ENDINGS) else ""


def _is_personal(value: str, *, open_: bool) -> bool:
    if "@" in value and _EMAIL.search(value):
        return True
    if open_ or len(value) < 8:
        return False
    if _PHONE.fullmatch(value) or _SECRET.fullmatch(value) or _JWT.search(value):
        return True
    if any(_judge_name(name) == "personal" for name in _NESTED.findall(value)):
        return True
    return _is_iban(value)


def _is_iban(value: str) -> bool:
    """ISO 13616: the letters are numbers from 10 on, and the whole is 1 modulo 97."""
    packed = value.replace(" ", "").upper()
    if not packed.isascii() or not _IBAN.fullmatch(packed):
        return False
    return int("".join(str(int(char, 36)) for char in packed[4:] + packed[:4])) % 97 == 1


def _decode(text: str) -> str:
    """As a person reads it; twice, since addresses inside addresses are encoded twice."""
    if "%" not in text and "+" not in text:
        return text
    text = unquote_plus(text)
    return unquote_plus(text) if "%" in text else text
