from __future__ import annotations

import stat
from pathlib import Path

from server import folders
from server.settings import read_settings


def test_the_keys_lie_in_a_folder_of_their_owner(data: Path, tmp_path: Path) -> None:
    settings = read_settings({"FREEHOLD_DATA": str(data)})
    files = {folders.keys_file(settings), folders.seal_file(settings)}
    files.add(folders.passwords_file(settings))
    assert {file.parent for file in files} == {data / "keys"}
    assert stat.S_IMODE((data / "keys").stat().st_mode) == 0o700
    elsewhere = read_settings({"FREEHOLD_DATA": str(data), "FREEHOLD_KEYS": str(tmp_path / "k")})
    assert folders.keys_file(elsewhere) == tmp_path / "k" / "cookie"


def test_folders_above_a_private_one_are_private_too(tmp_path: Path) -> None:
    made = folders.private(tmp_path / "a" / "b")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (made, made.parent)} == {0o700}
