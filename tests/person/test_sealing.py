from __future__ import annotations

import base64
import stat
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from server.errors import ConfigError
from server.model import Person
from server.person.sealing import ASSOCIATED_DATA, BrokenSeal, Seal, load_seal_keys

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
SEAL = Seal((OLD, NEW))
JO = Person(ip="203.0.113.9", email="jo@example.com", cookies={"_ga": "GA1.1.1.2"})


people = st.builds(
    Person,
    ip=st.text(),
    email=st.text(),
    last_name=st.text(),
    cookies=st.dictionaries(st.text(), st.text()),
    click_ids=st.dictionaries(st.text(), st.text()),
)


@given(people)
def test_every_person_can_be_unsealed(person: Person) -> None:
    assert SEAL.unseal(SEAL.seal(person)) == person


def test_nobody_takes_no_room() -> None:
    assert SEAL.seal(Person()) == b""
    assert SEAL.unseal(b"") == Person()


def test_a_token_shows_nothing_and_is_never_the_same() -> None:
    first, second = SEAL.seal(JO), SEAL.seal(JO)
    assert first != second
    for token in (first, second):
        assert b"jo@" not in token
        assert b"email" not in token


def test_the_newest_key_seals_and_all_unseal() -> None:
    assert SEAL.unseal(Seal((OLD,)).seal(JO)) == JO
    assert Seal((NEW,)).unseal(SEAL.seal(JO)) == JO


def test_a_token_of_a_key_that_is_gone_says_which() -> None:
    with pytest.raises(BrokenSeal, match=r"key [0-9a-f]{8}, which is not in the keys' file"):
        Seal((OLD,)).unseal(SEAL.seal(JO))


def test_a_token_damaged_in_any_byte_is_refused() -> None:
    token = SEAL.seal(JO)
    for place in range(len(token)):
        damaged = bytearray(token)
        damaged[place] ^= 1
        with pytest.raises(BrokenSeal):
            SEAL.unseal(bytes(damaged))


@given(st.binary(min_size=1, max_size=80))
def test_no_bytes_are_another_error(token: bytes) -> None:
    with pytest.raises(BrokenSeal):
        SEAL.unseal(token)
    with pytest.raises(BrokenSeal):
        SEAL.unseal(SEAL.seal(JO)[:5] + token)


def test_a_cut_token_is_refused() -> None:
    token = SEAL.seal(JO)
    for size in range(1, len(token)):
        with pytest.raises(BrokenSeal):
            SEAL.unseal(token[:size])


def test_a_token_of_another_release_is_refused() -> None:
    head, nonce = SEAL.seal(JO)[:5], bytes(12)
    sealed = AESGCM(NEW).encrypt(nonce, msgspec.msgpack.encode({"ip": 7}), ASSOCIATED_DATA)
    with pytest.raises(BrokenSeal, match="another release"):
        SEAL.unseal(head + nonce + sealed)


def test_a_token_made_for_something_else_is_refused() -> None:
    head, nonce = SEAL.seal(JO)[:5], bytes(12)
    sealed = AESGCM(NEW).encrypt(nonce, msgspec.msgpack.encode({"ip": "x"}), b"other")
    with pytest.raises(BrokenSeal, match="damaged"):
        SEAL.unseal(head + nonce + sealed)


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "seal"
    first = load_seal_keys(path)
    assert load_seal_keys(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [len(key) for key in first] == [32]
    assert [other.name for other in tmp_path.iterdir()] == ["seal"]


def test_a_line_more_is_a_newer_key(tmp_path: Path) -> None:
    path = tmp_path / "seal"
    (old,) = load_seal_keys(path)
    with path.open("ab") as file:
        file.write(base64.b64encode(NEW) + b"\n")
    assert load_seal_keys(path) == (old, NEW)
    assert Seal((NEW,)).unseal(Seal(load_seal_keys(path)).seal(JO)) == JO


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "seal"
    load_seal_keys(path)
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_seal_keys(path)


@pytest.mark.parametrize(
    "text",
    [b"", b"\n", b"secret\n", base64.b64encode(OLD[:16]), base64.b64encode(OLD) + b"\n!", b"\xff"],
)
def test_keys_that_are_none_are_refused_and_not_shown(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "seal"
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        load_seal_keys(path)
    assert caught.value.problems == [f"{path}: expected one key a line, 32 bytes in base64"]
