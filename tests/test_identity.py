from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import itsdangerous
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.clock import DAY_MS, MINUTE_MS
from server.errors import ConfigError
from server.identity import KeyRing, is_due, load_keys, recognise, sign
from server.model import Visitor

NOON = 1_760_000_000_000
RING = KeyRing(
    ("an-older-key-of-forty-characters-or-more", "the-newest-key-of-forty-characters-now")
)
SIGNER = RING.signer("demo")


def newcomer(now: int = NOON) -> Visitor:
    return recognise(None, signer=SIGNER, now=now)


def test_a_cookie_says_who_came() -> None:
    visitor = newcomer()
    again = recognise(sign(visitor, signer=SIGNER), signer=SIGNER, now=NOON + 5_000)
    assert again == Visitor(
        visitor_id=visitor.visitor_id,
        issued_at=NOON,
        session_id=NOON // 1000,
        session_number=1,
        session_seen_at=NOON,
    )


def test_a_cookie_of_an_earlier_version_is_believed_and_made_the_same() -> None:
    visitor = Visitor(
        visitor_id="0b6f2f6e-6a1c-4a57-8d0c-0d5f0f3a9c11",
        issued_at=NOON - 1000,
        session_id=NOON // 1000,
        session_number=2,
        session_seen_at=NOON,
    )
    cookie = (
        "0b6f2f6e6a1c4a578d0c0d5f0f3a9c11.t3uwov.t3uwow.2.t3uwow.JeufrdbxXI"
        "ivvCZcxKy0tWdSbd2Y7nQKL8g3zxzLoAU"
    )
    assert recognise(cookie, signer=SIGNER, now=NOON) == visitor
    assert sign(visitor, signer=SIGNER) == cookie


@given(st.text(st.characters(codec="ascii"), max_size=80))
def test_a_signature_is_itsdangerous_own(text: str) -> None:
    theirs = itsdangerous.Signer(
        list(RING.secrets),
        salt="freehold.visitor.demo",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )
    assert SIGNER.sign(text) == theirs.sign(text).decode()
    assert SIGNER.unsign(theirs.sign(text).decode()) == text


@pytest.mark.parametrize("text", ["", "a.b.c.d.e", "0b6f.1.1.1.1", "0" * 32 + ".1.1.1.!"])
def test_what_we_signed_ourselves_but_cannot_read_makes_a_new_visitor(text: str) -> None:
    assert recognise(SIGNER.sign(text), signer=SIGNER, now=NOON).is_new


def test_the_next_day_is_a_new_session_of_the_same_visitor() -> None:
    visitor = newcomer()
    tomorrow = NOON + DAY_MS
    again = recognise(sign(visitor, signer=SIGNER), signer=SIGNER, now=tomorrow)
    assert again == Visitor(
        visitor_id=visitor.visitor_id,
        issued_at=NOON,
        session_id=tomorrow // 1000,
        session_number=2,
        session_seen_at=tomorrow,
    )


def test_a_session_lasts_while_hits_come_within_thirty_minutes() -> None:
    cookie = sign(newcomer(), signer=SIGNER)
    inside = recognise(cookie, signer=SIGNER, now=NOON + 30 * MINUTE_MS - 1)
    outside = recognise(cookie, signer=SIGNER, now=NOON + 30 * MINUTE_MS)
    assert (inside.session_number, outside.session_number) == (1, 2)


def test_a_forged_cookie_makes_a_new_visitor() -> None:
    visitor = newcomer()
    cookie = sign(visitor, signer=SIGNER)
    for place in range(len(cookie)):
        other = "A" if cookie[place] != "A" else "B"
        forged = cookie[:place] + other + cookie[place + 1 :]
        assert recognise(forged, signer=SIGNER, now=NOON).visitor_id != visitor.visitor_id


def test_a_cookie_of_another_container_makes_a_new_visitor() -> None:
    visitor = newcomer()
    cookie = sign(visitor, signer=SIGNER)
    assert recognise(cookie, signer=RING.signer("other"), now=NOON).is_new


def test_a_cookie_from_the_future_makes_a_new_visitor() -> None:
    cookie = sign(newcomer(NOON + DAY_MS), signer=SIGNER)
    assert recognise(cookie, signer=SIGNER, now=NOON).is_new


def test_a_clock_set_back_a_little_does_not_end_a_session() -> None:
    visitor = newcomer()
    again = recognise(sign(visitor, signer=SIGNER), signer=SIGNER, now=NOON - 2 * MINUTE_MS)
    assert (again.visitor_id, again.session_number) == (visitor.visitor_id, 1)


def test_an_identity_older_than_allowed_makes_a_new_visitor() -> None:
    cookie = sign(newcomer(), signer=SIGNER)
    age = 390 * DAY_MS
    assert not recognise(cookie, signer=SIGNER, now=NOON + age - 1, max_age_ms=age).is_new
    assert recognise(cookie, signer=SIGNER, now=NOON + age, max_age_ms=age).is_new


def test_a_cookie_is_signed_again_at_most_once_a_minute() -> None:
    visitor = newcomer()
    assert is_due(visitor, now=NOON)
    cookie = sign(visitor, signer=SIGNER)
    at = NOON + MINUTE_MS
    assert not is_due(recognise(cookie, signer=SIGNER, now=at - 1), now=at - 1)
    assert is_due(recognise(cookie, signer=SIGNER, now=at), now=at)


def test_a_key_ring_signs_with_the_newest_key_and_believes_all() -> None:
    visitor = newcomer()
    old = KeyRing(RING.secrets[:1]).signer("demo")
    new = KeyRing(RING.secrets[1:]).signer("demo")
    assert recognise(sign(visitor, signer=old), signer=SIGNER, now=NOON) == recognise(
        sign(visitor, signer=SIGNER), signer=new, now=NOON
    )
    assert recognise(sign(visitor, signer=SIGNER), signer=old, now=NOON).is_new


@given(st.text(max_size=400))
def test_no_text_is_an_error(value: str) -> None:
    assert recognise(value, signer=SIGNER, now=NOON).is_new


@given(
    st.uuids(),
    st.integers(0, 2**40),
    st.integers(0, 2**32 - 1),
    st.integers(1, 2**31),
)
def test_every_visitor_can_be_read_back(
    visitor_id: object, issued_s: int, session_id: int, number: int
) -> None:
    visitor = Visitor(
        visitor_id=str(visitor_id),
        issued_at=issued_s * 1000,
        session_id=session_id,
        session_number=number,
        session_seen_at=issued_s * 1000,
    )
    cookie = sign(visitor, signer=SIGNER)
    assert len(cookie) < 160
    assert recognise(cookie, signer=SIGNER, now=issued_s * 1000) == visitor


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "cookie"
    first = load_keys(path)
    assert load_keys(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first.secrets[0]) >= 43


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "cookie"
    load_keys(path)
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_keys(path)


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cookie"
    path.write_text("secret\n")
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="32 characters"):
        load_keys(path)
