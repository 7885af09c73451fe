"""What is personal in a text, and what stays of it: the judgement of the steps that stand first.

    a name       `user[e-mail]`, `PhoneNumber`: its value goes, unless it is a mere yes or no
    a value      an e-mail address anywhere in it; as a whole a phone number, a secret, an IBAN
    an address   part by part: path, query, route

What goes is replaced by `redacted`, so that a marketer sees that a page leaks. Every pattern is
linear in the text's length.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus

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
EMAIL = re.compile(
    r"(?<![\w.+'-])[\w.+'-]++@(?!\dx\.)(?:[\w-]++\.)+[^\W\d_]{2,63}(?:[\w.+'-]*+@[\w.+'@-]*+)?"
)
JWT = re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]++\.")
_SESSION = re.compile(r"(;(?:jsessionid|phpsessid|sid)=)[^/;]*", re.I)
# With a country code, or in the grouping of France or of North America: shorter and ungrouped
# numbers are far more often products and orders.
PHONE = re.compile(
    r"[+ ](?=(?:\D*\d){8,15}\D*\Z)[1-9][\d .()/-]{6,24}"
    r"|0\d(?:[ .-]\d\d){4}|(?:\+?1[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
)
_IBAN_START = re.compile(r" *[A-Za-z] *[A-Za-z] *\d")
_IBAN = re.compile(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}")
# A product may have a UUID or an MD5; from forty characters on it is a key to something.
_SECRET = re.compile(r"(?=[^a-z]*[a-z])(?=\D*\d)(?:[0-9a-f]{40,}|(?=[^A-Z]*[A-Z])[\w+/.~-]{40,}=*)")
# Words joined by dashes are a page's or a product's name, and what ends like one is a file's.
_RUN = re.compile(r"\w{16}")
_FILE = re.compile(r"\.[A-Za-z]\w{1,4}\Z")
_NESTED = re.compile(r"[?&#;]([^=&?#;]{1,64})=")
_KEY = re.compile(r'"([^"\\]{1,128})"\s{0,8}:')


class Page(NamedTuple):
    """A cleaned URL and its parts."""

    url: str
    host: str
    path: str
    query: str


def clean_url(text: str) -> Page:
    """The URL without what is personal, and its parts; any text is taken."""
    return _clean(text) if len(text) <= MAX_CACHED_CHARS else _clean.__wrapped__(text)


@lru_cache(maxsize=16_384)
def _clean(text: str) -> Page:
    match = _URL.fullmatch(text)
    assert match is not None
    scheme, authority, path, query, fragment = match.groups(default="")
    authority = authority.rpartition("@")[2]
    path, query = clean_path(path), clean_query(query)
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
        route, parameters = fragment[0] + clean_path(route[1:]), clean_query(parameters)
        url += f"#{route}" + (f"?{parameters}" if parameters else "")
        path += f"#{route}"
        query = "&".join(filter(None, (query, parameters)))
    return Page(url, host, path, query)


def _host(authority: str) -> str:
    match = _HOST.fullmatch(authority.lower())
    return match[1].rstrip(".") if match else ""


def clean_path(path: str) -> str:
    """A path whose segments are no addresses, tokens or sessions."""
    if "@" not in path and "%" not in path and ";" not in path and "eyJ" not in path:
        return path
    path = _SESSION.sub(rf"\1{REDACTED}", path)
    return "/".join(REDACTED if _is_address(part) else part for part in path.split("/"))


def _is_address(segment: str) -> bool:
    text = decode(segment)
    return bool(EMAIL.search(text) or JWT.search(text))


def clean_query(query: str) -> str:
    """A query whose personal values, and names that are addresses, are replaced."""
    return "&".join([_clean_pair(pair) for pair in query.split("&")]) if query else ""


def _clean_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if EMAIL.search(decode(name)):
        name = REDACTED
    judgement = judge_name(name[-64:])
    if not value or judgement == "click" or value in FLAGS:
        return name + equals + value
    if judgement == "personal" or is_personal(decode(value), open_=judgement == "open"):
        return f"{name}={REDACTED}"
    return name + equals + value


@lru_cache(maxsize=4096)
def judge_name(name: str) -> str:
    """`click`: never touched; `personal`; `open`: only e-mail addresses; else the value decides."""
    name = decode(name).lower()
    if name in CLICK_IDS:
        return "click"
    if name.startswith(OPEN_PREFIXES):
        return "open"
    bare = re.sub(r"[^a-z0-9]", "", name)
    return "personal" if name in EXACT or bare in NAMES or bare.endswith(ENDINGS) else ""


def is_personal(value: str, *, open_: bool = False) -> bool:
    """Whether a value is personal by itself; of an open one, only e-mail addresses are."""
    if "@" in value and EMAIL.search(value):
        return True
    if open_ or len(value) < 8:
        return False
    if is_personal_number(value) or _is_secret(value):
        return True
    return "=" in value and any(judge_name(n) == "personal" for n in _NESTED.findall(value))


def has_personal_keys(text: str) -> bool:
    """Whether text that is nearly JSON has a key whose value would be personal."""
    return any(judge_name(name[-64:]) == "personal" for name in _KEY.findall(text))


def is_personal_number(value: str) -> bool:
    """Whether the whole value is a telephone number or an IBAN."""
    return bool(PHONE.fullmatch(value)) or _is_iban(value)


def _is_secret(value: str) -> bool:
    if len(value) >= 40 and _SECRET.fullmatch(value) and _RUN.search(value):
        return _FILE.search(value) is None
    return "eyJ" in value and JWT.search(value) is not None


def _is_iban(value: str) -> bool:
    """ISO 13616: the letters are numbers from 10 on, and the whole is 1 modulo 97."""
    if not _IBAN_START.match(value):
        return False
    packed = value.replace(" ", "").upper()
    if not packed.isascii() or not _IBAN.fullmatch(packed):
        return False
    return int("".join(str(int(char, 36)) for char in packed[4:] + packed[:4])) % 97 == 1


def decode(text: str) -> str:
    """The text as a person reads it; twice, since addresses inside addresses are encoded twice."""
    if "%" not in text and "+" not in text:
        return text
    text = unquote_plus(text)
    return unquote_plus(text) if "%" in text else text
