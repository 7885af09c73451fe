from __future__ import annotations

from urllib.parse import urlencode

import pytest

from server.demo.partners.contract import Asked
from server.demo.partners.values import bearer
from tests.demo.partners.asking import NOW, Line

LINE = Line("/token")
REFRESH = {
    "grant_type": "refresh_token",
    "client_id": "c",
    "client_secret": "s",
    "refresh_token": "r",
}
SIGNED = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"}


def form(**words: str) -> bytes:
    return urlencode(words).encode()


@pytest.mark.parametrize("given", [REFRESH, SIGNED])
def test_a_token_lives_for_an_hour(given: dict[str, str]) -> None:
    status, body = LINE.says(form(**given))
    assert (status, body["expires_in"], body["token_type"]) == (200, 3600, "Bearer")

    def use(now: int) -> str:
        token = {"authorization": f"Bearer {body['access_token']}"}
        return bearer(Asked(path="/", headers=token, now=now))

    assert use(NOW + 3_599_000) == ""
    assert use(NOW + 3_600_000) == "authorization: the access token has expired"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({**REFRESH, "refresh_token": "revoked-1"}, "invalid_grant"),
        ({**REFRESH, "client_secret": ""}, "invalid_request"),
        ({**SIGNED, "assertion": "no jwt"}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
    ],
)
def test_what_is_no_grant_is_told_by_its_name(given: dict[str, str], error: str) -> None:
    status, body = LINE.says(form(**given))
    assert (status, body["error"]) == (400, error)


def test_any_bytes_are_answered() -> None:
    for body in (b"", b"\xff=%ff", b"[" * 100_000, b"&=" * 5_000):
        assert LINE.says(body)[0] == 400
