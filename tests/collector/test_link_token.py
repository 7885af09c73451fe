from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import identity
from server.collector.link_token import MAX_TOKEN, LinkSeal
from server.identity import KeyRing
from tests.samples import NOON, VISITOR_ID, visitor

OLD, NEW = "an-older-key-of-forty-characters-or-more", "the-newest-key-of-forty-characters-now"
RING = KeyRing((OLD, NEW))
SEAL = LinkSeal(RING)


def token() -> str:
    return SEAL.seal(visitor(), host="www.cups.example", now=NOON + 1_999)


def test_a_token_says_who_clicked_when_and_where() -> None:
    link = SEAL.unseal(token())
    assert link is not None
    assert (link.visitor, link.made_at, link.host) == (visitor(), NOON + 1_000, "www.cups.example")


def test_a_token_shows_nobody_who_it_is_and_no_two_are_alike() -> None:
    one, other = token(), token()
    assert one != other
    plain = urlsafe_b64decode(one + "==")
    for secret in (VISITOR_ID.replace("-", ""), "cups", VISITOR_ID):
        assert secret.encode() not in plain
    ids = {link.id for link in map(SEAL.unseal, (one, other)) if link}
    assert len(ids) == 2
    assert {len(id_) for id_ in ids} == {24}


def test_it_fits_into_an_address_unescaped_whatever_the_host() -> None:
    long = SEAL.seal(visitor(), host=f"{'x' * 400}.example", now=NOON)
    assert SEAL.unseal(long) is not None
    assert len(long) <= MAX_TOKEN
    assert long.replace("-", "").replace("_", "").isalnum()
    assert len(token()) < 180


def test_no_altered_token_is_believed() -> None:
    sealed = urlsafe_b64decode(token() + "==")
    for at in range(len(sealed)):
        bent = bytearray(sealed)
        bent[at] ^= 1
        assert SEAL.unseal(urlsafe_b64encode(bent).decode().rstrip("=")) is None
    for cut in range(len(sealed)):
        assert SEAL.unseal(urlsafe_b64encode(sealed[:cut]).decode().rstrip("=")) is None


def test_an_older_key_is_believed_and_a_stranger_s_is_not() -> None:
    older = LinkSeal(KeyRing((OLD,))).seal(visitor(), host="a", now=NOON)
    stranger = LinkSeal(KeyRing(("k" * 40,))).seal(visitor(), host="a", now=NOON)
    assert SEAL.unseal(older) is not None
    assert SEAL.unseal(stranger) is None


def test_a_token_and_a_cookie_are_never_taken_for_each_other() -> None:
    signer = RING.signer("link")
    cookie = identity.sign(visitor(), signer=signer)
    assert SEAL.unseal(cookie) is None
    assert identity.recognise(token(), signer=signer, now=NOON).is_new
    contexts = [RING.derive("link"), *(RING.derive(f"{one}.link") for one in ("visitor", "link"))]
    assert len({key for keys in contexts for key in keys}) == 6


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(bytes.hex)))
def test_no_text_is_an_error(text: str) -> None:
    assert SEAL.unseal(text) is None


@pytest.mark.parametrize("text", ["", "=", "A", "A" * 16, "A" * 100_000, "é", "\x00", "a.b" * 40])
def test_nor_is_one_of_these(text: str) -> None:
    assert SEAL.unseal(text) is None
