from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.errors import ConfigError
from server.store.embedded.errors import StoreError
from server.store.embedded.users import (
    ANALYST,
    FREEHOLD,
    Passwords,
    authenticate,
    load_passwords,
)

PASSWORDS = Passwords(freehold="f" * 20, analyst="a" * 20)


def test_passwords_are_made_once_and_only_the_owner_can_read_them(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "store-passwords"
    made = load_passwords(path)
    assert load_passwords(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == f"freehold: {made.freehold}\nanalyst: {made.analyst}\n"
    assert made.freehold != made.analyst
    assert min(len(made.freehold), len(made.analyst)) >= 32
    assert [each.name for each in path.parent.iterdir()] == ["store-passwords"]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        made = list(threads.map(load_passwords, [tmp_path / "passwords"] * 64))
    assert len(set(map(repr, made))) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "passwords"
    load_passwords(path)
    path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_passwords(path)


def test_a_folder_in_the_files_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_passwords(tmp_path)


def test_a_missing_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "passwords"
    path.touch(0o600)
    path.write_text("freehold: x\nanalist: y\n")
    with pytest.raises(ConfigError, match="`analyst: <password>`"):
        load_passwords(path)


def test_each_user_has_his_own_password() -> None:
    assert authenticate("freehold", PASSWORDS.freehold, PASSWORDS) is FREEHOLD
    assert authenticate("analyst", PASSWORDS.analyst, PASSWORDS) is ANALYST


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("freehold", PASSWORDS.analyst),
        ("analyst", PASSWORDS.freehold),
        ("analyst", ""),
        ("", PASSWORDS.analyst),
        ("ANALYST", PASSWORDS.analyst),
        ("analyst ", PASSWORDS.analyst),
        ("é", "é"),
    ],
)
def test_anything_else_is_nobody(name: str, password: str) -> None:
    with pytest.raises(StoreError) as refused:
        authenticate(name, password, PASSWORDS)
    assert (refused.value.code, refused.value.status) == (516, 403)
    assert PASSWORDS.analyst not in refused.value.text
