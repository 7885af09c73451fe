from __future__ import annotations

import hashlib

import pytest

from server.person.hashing import hashed, sha256_hex

JO = hashlib.sha256(b"jo@example.com").hexdigest()


def test_a_hash_is_64_lower_case_digits() -> None:
    assert sha256_hex("jo@example.com") == JO
    assert sha256_hex("é") == hashlib.sha256("é".encode()).hexdigest()


def test_nothing_has_no_hash() -> None:
    assert sha256_hex("") == ""
    assert hashed("  ", str.strip) == ""
    assert hashed("x", lambda text: "") == ""


def test_what_is_hashed_is_not_hashed_again() -> None:
    assert sha256_hex(JO.upper()) == JO
    assert hashed(f" {JO} ", lambda text: "never") == JO


@pytest.mark.parametrize("text", [JO[:-1], JO + "0", JO[:-1] + "g", JO + "\n" + "x"])
def test_what_only_looks_like_a_hash_is_hashed(text: str) -> None:
    assert sha256_hex(text) == hashlib.sha256(text.encode()).hexdigest()


def test_the_normalised_text_is_hashed() -> None:
    assert hashed(" Jo@Example.com ", str.lower) == JO
