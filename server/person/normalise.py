"""What a person typed, in the one form that partners hash: the same person, the same hash.

Each function takes text as it came and answers "" when it is not what it should be. The plain name
is what most partners ask for; another partner's own rule is a function of its own beside it, such
as `google_email`. A phone is E.164 first (`phone`), then what a partner makes of it. What a country
or a state is called is not translated, but for the states that partners want as two letters.

    Meta, Snap   email   phone_digits   meta_name   meta_city   state   meta_postcode   country_low
    TikTok       email   phone          solid       tiktok_place (in clear)   meta_postcode
    GA4          google_email           phone       name, street          (place in clear)
    Google Ads   google_ads_email       phone       trimmed               (place in clear)
    Pinterest    email   phone_digits   solid       meta_city   state   pinterest_postcode
    Reddit       bare_email             phone       trimmed: the address, too
    Microsoft    bare_email             phone_digits          LinkedIn   email
    X            email   phone
"""

from __future__ import annotations

import re
import unicodedata

from server.person.tables.calling_codes import CALLING_CODES
from server.person.tables.states import STATES

MAX_CHARS = 320

_EMAIL = re.compile(r"[^@]+@[^@.]+(\.[^@.]+)+")
_SPACES = re.compile(r"\s+")
_EXTENSION = re.compile(
    r"(?:;?ext(?:ension)?[.:=]?|x|#|poste|durchwahl|anexo|interno|доб\.?)\s*[0-9]{1,6}\s*$", re.I
)
_NOT_DIALLED = re.compile(r"\(0\)|[\s().\-\u2010-\u2015/]")
_SYMBOLS = re.compile(r"[`~!@#$%^&*()_\-+=:;<>,.?|/\\\[\]]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~\s\u2010-\u201f]+")
_NOT_IN_PLACES = re.compile(r"[\W\d_]+")
_DIGITS = re.compile(r"\d")
_WITH_TRUNK = tuple(
    code + trunk for code, trunk, *_ in CALLING_CODES.values() if trunk.startswith("0")
)
_GMAIL = ("gmail.com", "googlemail.com")
_E164 = re.compile(r"[1-9][0-9]{6,14}")


def trimmed(text: str) -> str:
    """Lower case, without white space around it."""
    return text[:MAX_CHARS].strip().lower()


def solid(text: str) -> str:
    """Lower case, without white space."""
    return _SPACES.sub("", text[:MAX_CHARS]).lower()


def email(text: str) -> str:
    """Lower case, without white space."""
    address = solid(text)
    return address if _EMAIL.fullmatch(address) else ""


def google_email(text: str) -> str:
    """GA4's rule: an address of Google's own mail has no dots before the @; a `+tag` stays."""
    local, at, domain = email(text).rpartition("@")
    return (local.replace(".", "") if domain in _GMAIL else local) + at + domain


def google_ads_email(text: str) -> str:
    """The rule of Google Ads and the Data Manager: its own mail has neither dots nor `+tag`."""
    local, at, domain = google_email(text).rpartition("@")
    return email((local.partition("+")[0] if domain in _GMAIL else local) + at + domain)


def bare_email(text: str) -> str:
    """Reddit's and Microsoft's rule: whosever mail it is, neither dots nor `+tag` before the @."""
    local, at, domain = email(text).rpartition("@")
    return email(local.partition("+")[0].replace(".", "") + at + domain)


def phone(text: str, country: str = "") -> str:
    """E.164, such as `+442079460958`; "" when the country cannot be told.

    `country` (ISO 3166-1, two letters) is looked at when the number itself does not name it.
    """
    number = _EXTENSION.sub("", _ascii_digits(text[:MAX_CHARS]).strip())
    is_international = number.lstrip("( ").startswith(("+", "00"))
    number = _NOT_DIALLED.sub("", number)
    if is_international:
        return _e164(_without_trunk(number.removeprefix("+").removeprefix("00")))
    return _e164(_with_code(number, country.strip().upper()))


def phone_digits(text: str) -> str:
    """A phone of a country that it names itself, without the +."""
    return phone(text).removeprefix("+")


def name(text: str) -> str:
    """A first or last name, a city or a region: lower case, without digits and symbols."""
    return street(_DIGITS.sub("", text[:MAX_CHARS]))


def meta_name(text: str) -> str:
    """A first or last name as Meta's own parameter builder reads it: lower case in any script,
    neither white space nor punctuation."""
    return _PUNCTUATION.sub("", _composed(text)).lower()


def street(text: str) -> str:
    """Street and number: lower case, without symbols, one space between words."""
    return _SPACES.sub(" ", _SYMBOLS.sub("", text[:MAX_CHARS])).strip().lower()


def meta_city(text: str) -> str:
    """A city, or a region outside North America: letters of any script alone, lower case."""
    return _NOT_IN_PLACES.sub("", _composed(text).lower())


def tiktok_place(text: str) -> str:
    """A city, region or country as TikTok takes it unhashed: letters and digits of ASCII alone,
    lower case; accents are taken off, where leaving out the letter would name no place."""
    bare = unicodedata.normalize("NFD", text[:MAX_CHARS]).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]", "", bare).lower()


def state(text: str) -> str:
    """Two lower-case letters in the United States and Canada, by name or code; else as a city."""
    place = meta_city(text)
    return STATES.get(place, place)


def postcode(text: str) -> str:
    """Without the characters that Google removes, `.` and `~`."""
    return re.sub(r"[.~]", "", text[:MAX_CHARS]).strip()


def meta_postcode(text: str) -> str:
    """Lower case, without white space, up to a dash: `94035-1234` is `94035`."""
    return solid(text).partition("-")[0]


def pinterest_postcode(text: str) -> str:
    """Digits alone where a postcode is made of them; letters, as in `SW1A 1AA`, stay."""
    return _PUNCTUATION.sub("", _ascii_digits(text[:MAX_CHARS])).lower()


def country(text: str) -> str:
    """ISO 3166-1, two capital letters; a country's name is not translated."""
    code = text.strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def country_low(text: str) -> str:
    """ISO 3166-1, two small letters, as partners hash it."""
    return country(text).lower()


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


def _without_trunk(digits: str) -> str:
    """`330612345678` is `33612345678`: the zero is dialled inside the country alone."""
    if not digits.startswith(_WITH_TRUNK):
        return digits
    for code, trunk, fewest, most in CALLING_CODES.values():
        before = code + trunk
        if trunk.startswith("0") and digits.startswith(before):
            rest = digits[len(before) :]
            return code + rest if fewest <= len(rest) <= most else digits
    return digits


def _e164(digits: str) -> str:
    return f"+{digits}" if _E164.fullmatch(digits) else ""


def _composed(text: str) -> str:
    """Accents within their letters: a letter and an accent that follows it are one to who reads."""
    return unicodedata.normalize("NFC", text[:MAX_CHARS])


def _ascii_digits(text: str) -> str:
    """Digits of every script as 0 to 9, and the wide plus sign of East Asian keyboards."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text
    ).replace("＋", "+")  # noqa: RUF001
