from __future__ import annotations

import base64
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.destinations.contract import read_cookie


class Ids(msgspec.Struct):
    device: str = ""


TEXT = '{"device":"é+1","more":[1]}'


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cookie",
    [
        TEXT,
        quote(TEXT),
        in_base64(TEXT),
        quote(in_base64(TEXT)),
        in_base64(quote(TEXT)),
        in_base64(quote(TEXT, safe="")),
    ],
)
def test_json_is_found_in_every_wrapping(cookie: str) -> None:
    assert read_cookie(cookie, Ids) == Ids(device="é+1")


@given(st.text() | st.text().map(in_base64) | st.text().map(quote))
def test_anything_else_is_none(cookie: str) -> None:
    assert read_cookie(cookie, Ids) is None


@pytest.mark.parametrize("text", ['{"device":1}', "[1]", "{" * 20_000, "[" * 20_000, "null"])
def test_json_of_another_shape_is_none(text: str) -> None:
    assert read_cookie(text, Ids) is None
    assert read_cookie(in_base64(text), Ids) is None
