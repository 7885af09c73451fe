"""SHA-256 of what is personal: the form in which partners compare it with what they know.

The hash of nothing is nothing: the hash of "" looks like a person, and it is always the same one.
A destination says in a table which of its fields is which of ours, and by whose rule:

    RULES = {"em": ("email", normalise.email), "ph": ("phone", normalise.phone_digits)}
    hashes(person, RULES)  →  {"em": "6f2c…"} of a person without a phone
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

from server.model import Person
from server.person import normalise

Rule = tuple[str, Callable[[str], str]]
"""A field of Person, and how the partner wants it before it is hashed."""

_HASH = re.compile(r"[0-9A-Fa-f]{64}")


def hashes(person: Person, rules: Mapping[str, Rule]) -> dict[str, str]:
    """What there is of a person, by the partner's names, as 64 lower-case hex digits.

    A phone comes to its rule as E.164, since only the whole person tells its country.
    """
    found = {name: hashed(_field(person, field), rule) for name, (field, rule) in rules.items()}
    return {name: digits for name, digits in found.items() if digits}


def phone_of(person: Person) -> str:
    """The phone as E.164, with the person's country where the number names none; a hash that the
    site sends in its place stays."""
    text = person.phone.strip()
    return text if _HASH.fullmatch(text) else normalise.phone(text, person.country)


def hashed(text: str, rule: Callable[[str], str]) -> str:
    """The hash of the normalised text; a hash that the site sends in its place is not touched."""
    text = text.strip()
    return sha256_hex(text if _HASH.fullmatch(text) else rule(text))


def sha256_hex(normalised: str) -> str:
    """64 lower-case hex digits; "" of ""; what is such a hash already stays as it is."""
    if not normalised or _HASH.fullmatch(normalised):
        return normalised.lower()
    return hashlib.sha256(normalised.encode(errors="replace")).hexdigest()


def _field(person: Person, name: str) -> str:
    return phone_of(person) if name == "phone" else str(getattr(person, name))
