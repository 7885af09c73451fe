from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.containers.installed import Installed, install, read_folder, read_installed, remove
from server.containers.model import TagTypes
from server.containers.versions import container_of
from server.destinations import tag_types
from server.errors import ConfigError
from server.publication import Version
from server.resources import resource

TYPES: TagTypes = tag_types()
SOURCE = (resource("tag_configs") / "demo.yaml").read_text()


def installed(number: int = 7, source: str = SOURCE) -> Installed:
    version = Version(
        container_id="demo",
        version=number,
        publication="0199c000-0000-7000-8000-000000000001",
        published_at=1,
        author="ann",
        source=source,
    )
    return Installed(version=version, container=container_of(version, TYPES))


def put(folder: Path, one: Installed) -> Path:
    install(folder, one, rename=os.replace)
    return folder / f"{one.container.id}.json"


def test_what_is_installed_is_read_as_it_was(tmp_path: Path) -> None:
    path = put(tmp_path, installed())
    assert read_installed(path, TYPES) == installed()
    assert [file.name for file in tmp_path.iterdir()] == ["demo.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    remove(tmp_path, "demo")
    remove(tmp_path, "demo")
    assert read_folder(tmp_path, TYPES) == ({}, [])


def test_a_crash_before_the_rename_leaves_the_old_one(tmp_path: Path) -> None:
    put(tmp_path, installed(7))

    def crash(_: Path, __: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install(tmp_path, installed(8), rename=crash)
    assert read_folder(tmp_path, TYPES) == ({"demo": installed(7)}, [])


@given(cut=st.integers(0, 4_000), flip=st.integers(0, 255))
def test_no_damage_goes_unseen(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flip: int
) -> None:
    path = put(tmp_path_factory.mktemp("node"), installed())
    text = path.read_bytes()
    at = cut % len(text)
    for damaged in (text[:at], text[:at] + bytes([flip]) + text[at + 1 :], text + bytes([flip])):
        path.write_bytes(damaged)
        if damaged == text:
            assert read_installed(path, TYPES) == installed()
            continue
        with pytest.raises(ConfigError, match="not whole"):
            read_installed(path, TYPES)


def sealed(body: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"\xff", b'{"version":5,"container":{}}', b"[" * 100_000],
)
def test_whole_nonsense_is_told(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "demo.json"
    path.write_bytes(sealed(body))
    with pytest.raises(ConfigError, match=r"demo\.json: "):
        read_installed(path, TYPES)


def test_one_bad_file_hides_no_other(tmp_path: Path) -> None:
    put(tmp_path, installed())
    (tmp_path / "shop.json").write_text("{")
    (tmp_path / "notes.txt").write_text("not ours")
    (tmp_path / "dir.json").mkdir()
    found, problems = read_folder(tmp_path, TYPES)
    assert found == {"demo": installed()}
    assert len(problems) == 2


def test_a_container_under_another_s_name_is_refused(tmp_path: Path) -> None:
    put(tmp_path, installed()).rename(tmp_path / "shop.json")
    with pytest.raises(ConfigError, match="is of the container 'demo'"):
        read_installed(tmp_path / "shop.json", TYPES)


def test_what_another_freehold_made_is_made_anew_from_its_yaml(tmp_path: Path) -> None:
    path = put(tmp_path, installed())
    held = json.loads(path.read_bytes().split(b"\n", 1)[1])
    held["container"]["what_a_later_one_added"] = 5
    path.write_bytes(sealed(json.dumps(held).encode()))
    assert read_installed(path, TYPES) == installed()


def test_a_tag_of_a_destination_that_is_gone_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, installed())
    left = {name: kind for name, kind in TYPES.items() if name != "ga4"}
    with pytest.raises(ConfigError, match="no destination 'ga4'"):
        read_installed(path, left)


def test_a_version_is_more_than_a_file() -> None:
    one = installed()
    assert one.is_published
    assert not replace(one, version=replace(one.version, version=0)).is_published
