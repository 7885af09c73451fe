from __future__ import annotations

import pytest

from server.store.endpoint import Endpoint, parse_endpoint


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://ch.example", Endpoint(host="ch.example", port=8123)),
        (
            "https://us%40er:p%2Fw@ch.example",
            Endpoint(host="ch.example", port=8443, secure=True, user="us@er", password="p/w"),
        ),
        ("http://u:p@[::1]:9000", Endpoint(host="::1", port=9000, user="u", password="p")),
    ],
)
def test_an_endpoint_is_read_from_its_url(url: str, endpoint: Endpoint) -> None:
    assert parse_endpoint(url) == endpoint


def test_a_password_is_never_shown() -> None:
    assert "SECRET" not in str(Endpoint(host="ch.example", port=8123, password="SECRET"))
