from __future__ import annotations

import pytest

from server.domains import registrable_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.example.com", "example.com"),
        ("example.com", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("cups.myshopify.com", "cups.myshopify.com"),
        ("localhost", ""),
        ("203.0.113.9", ""),
        ("[2001:db8::1]", ""),
        ("co.uk", ""),
        ("", ""),
    ],
)
def test_a_registrable_domain(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain
