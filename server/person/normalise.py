"""What a person typed, in the one form that partners hash: the same person, the same hash.

Each function takes text as it came and answers "" when it is not what it should be. The plain name
is what most partners ask for; another partner's own rule is a function of its own beside it, such
as `google_email`.
"""

from __future__ import annotations

import re
import unicodedata

from server.person.tables.calling_codes import CALLING_CODES

MAX_CHARS = 320

_EMAIL = re.compile(r"[^@]+@[^@.]+(\.[^@.]+)+")
_SPACES = re.compile(r"\s+")
_EXTENSION = re.compile(r"(?:;?ext[.:=]?|x|#|poste|durchwahl)\s*[0-9]{1,6}\s*$", re.I)
_NOT_DIALLED = re.compile(r"\(0\)|[\s().\-/]")
_SYMBOLS = re.compile(r"[`~!@#$%^&*()_\-+=:;<>,.?|/\\\[\]]")
_DIGITS = re.compile(r"\d")
_GMAIL = ("gmail.com", "googlemail.com")
_E164 = re.compile(r"[1-9][0-9]{6,14}")


def email(text: str) -> str:
    """Lower case, without white space."""
    address = _SPACES.sub("", text[:MAX_CHARS]).lower()
    return address if _EMAIL.fullmatch(address) else ""


def google_email(text: str) -> str:
    """Google's rule: an address of its own mail has no dots before the @; a `+tag` stays."""
    local, at, domain = email(text).rpartition("@")
    return (local.replace(".", "") if domain in _GMAIL else local) + at + domain


def phone(text: str, country: str = "") -> str:
    """E.164, such as `+442079460958`; "" when the country cannot be told.

    `country` (ISO 3166-1, two letters) is looked at when the number itself does not name it.
    """
    number = _ascii_digits(_EXTENSION.sub("", text[:MAX_CHARS].strip()))
    is_international = number.lstrip("( ").startswith(("+", "00"))
    number = _NOT_DIALLED.sub("", number)
    if is_international:
        return _e164(number.removeprefix("+").removeprefix("00"))
    return _e164(_with_code(number, country.strip().upper()))


def name(text: str) -> str:
    """A first or last name, a city or a region: lower case, without digits and symbols."""
    return street(_DIGITS.sub("", text[:MAX_CHARS]))


def street(text: str) -> str:
    """Street and number: lower case, without symbols, one space between words."""
    return _SPACES.sub(" ", _SYMBOLS.sub("", text[:MAX_CHARS])).strip().lower()


def postcode(text: str) -> str:
    """Without the characters that Google removes, `.` and `~`."""
    return re.sub(r"[.~]", "", text[:MAX_CHARS]).strip()


def country(text: str) -> str:
    """ISO 3166-1, two capital letters; a country's name is not translated."""
    code = text.strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def _with_code(number: str, country: str) -> str:
    """A national number with its calling code; "" where its length fits no reading of it."""
    if country not in CALLING_CODES or not number.isdecimal():
        return ""
    code, trunk, fewest, most = CALLING_CODES[country]
    readings = (
        (trunk, bool(trunk) and number.startswith(trunk)),
        (code, number.startswith(code)),
        ("", True),
    )
    for prefix, fits in readings:
        rest = number[len(prefix) :]
        if fits and fewest <= len(rest) <= most:
            return code + rest
    return ""


def _e164(digits: str) -> str:
    return f"+{digits}" if _E164.fullmatch(digits) else ""


def _ascii_digits(text: str) -> str:
    """Digits of every script as 0 to 9, and the wide plus sign of East Asian keyboards."""
    return "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text
    ).replace("＋", "+")  # noqa: RUF001
