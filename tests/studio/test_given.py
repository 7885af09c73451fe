from __future__ import annotations

import pytest

from server.studio.given import BadEvent, read_event
from tests.samples import NOON


def test_a_few_words_are_an_event() -> None:
    text = b'{"name": "purchase", "value": 59.9, "props": {"a": "b"}, "cookies": {"_ga": "x"}, '
    sample = read_event(
        text + b'"headers": {"dnt": "1"}, "person": {"email": "jo@example.com"}}', "shop", now=NOON
    )
    event = sample.event
    assert (event.name, event.value, event.container_id) == ("purchase", "59.9000", "shop")
    assert (event.occurred_at, event.props) == (NOON, {"a": "b"})
    assert (sample.person.email, sample.person.cookies) == ("jo@example.com", {"_ga": "x"})
    assert (sample.beside.cookies, sample.beside.headers) == ({"_ga": "x"}, {"dnt": "1"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "the event"),
        (b"[]", "the event"),
        (b"\xff", "the event"),
        (b"{}", "name"),
        (b'{"name": "x", "nmae": 1}', "no nmae"),
        (b'{"name": "x", "items": 3}', "items"),
        (b'{"name": "x", "cookies": {"a": 1}}', "cookies.a: expected"),
        (b'{"name": "x", "items": [{"price": "a"}, {"quantity": []}]}', r"items\[1\].quantity"),
        (b'{"name": "x", "person": {"mail": "a"}}', "person.mail: no such key; did you mean email"),
        (b'{"name": "x", "consent": "granted"}', "consent: expected purposes"),
        (
            b'{"name": "x", "consent": {"ad_storage": true}}',
            "consent.ad_storage: true is not one of granted, denied, unset",
        ),
        (b'{"name": "x", "consent": {"ad_storage": "yes"}}', 'consent.ad_storage: "yes" is not'),
        (b'{"name": "x", "consent": {"ad_storag": "granted"}}', "did you mean ad_storage"),
        (b"[" * 100_000, "the event"),
    ],
)
def test_what_is_no_event_is_told(text: bytes, words: str) -> None:
    with pytest.raises(BadEvent, match=words):
        read_event(text, "shop", now=NOON)
