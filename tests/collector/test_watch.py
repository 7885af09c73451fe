from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from server.collector.site import Site, make_site
from server.collector.watch import REFUSED, Watch
from server.containers.installed import Installed, install
from server.containers.versions import container_of
from server.destinations import tag_types
from server.identity import KeyRing
from server.publication import Version

TYPES = tag_types()
KEYS = KeyRing(("k" * 32,))


def installed(number: int, name: str = "shop", more: str = "") -> Installed:
    version = Version(
        container_id=name, version=number, publication=f"p{number}", published_at=1, author="ann",
        source=f"id: {name}\nsites: [https://{name}.example]\n{more}",
    )  # fmt: skip
    return Installed(version=version, container=container_of(version, TYPES))


class Watched:
    """A folder that is watched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refusals: Counter[str] = Counter()
        self.made: list[int] = []
        self.put(installed(1))
        self.watch = Watch(
            folder,
            {"shop": installed(1)},
            types=TYPES,
            make=self.make,
            refusals=self.refusals,
        )

    def make(self, one: Installed) -> Site:
        self.made.append(one.container.version)
        return make_site(one.container, KEYS)

    def put(self, one: Installed) -> None:
        install(self.folder, one, rename=os.replace)

    def versions(self) -> dict[str, int]:
        return {name: site.container.version for name, site in self.watch.sites.items()}


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_what_has_not_changed_is_not_made_again(watched: Watched) -> None:
    assert [watched.watch.look() for _ in range(3)] == [False] * 3
    assert watched.made == [1]


def test_a_new_version_and_a_new_container_are_served(watched: Watched) -> None:
    watched.put(installed(2, more="observe: {history: true}\n"))
    watched.put(installed(1, "blog"))
    before = watched.watch.sites
    assert watched.watch.look()
    assert watched.versions() == {"shop": 2, "blog": 1}
    assert before["shop"].container.version == 1, "who holds the old ones holds them whole"
    assert watched.watch.sites["shop"].script != before["shop"].script
    assert not watched.watch.look()


GARBAGE = [b"", b"{", b"\x00" * 3_000, b"[" * 50_000, bytes(range(256))]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_never_replaces_a_good_one_and_is_counted(watched: Watched, garbage: bytes) -> None:
    watched.watch.look()
    (watched.folder / "shop.json").write_bytes(garbage)
    (watched.folder / "evil.json").write_bytes(garbage)
    assert [watched.watch.look() for _ in range(3)] == [False] * 3
    assert watched.versions() == {"shop": 1}
    assert watched.refusals == {REFUSED: 2}
    watched.put(installed(2))
    assert watched.watch.look()
    assert watched.versions() == {"shop": 2}


def test_a_file_that_could_not_be_read_is_read_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.put(installed(2))

    def no_descriptor(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr("builtins.open", no_descriptor)
        assert not watched.watch.look()
    assert watched.versions() == {"shop": 1}
    assert watched.watch.look()
    assert watched.versions() == {"shop": 2}


def test_a_file_that_is_gone_takes_nothing_away(watched: Watched) -> None:
    (watched.folder / "shop.json").unlink()
    assert not watched.watch.look()
    assert watched.versions() == {"shop": 1}


def test_what_a_gone_yaml_file_ran_is_not_taken_up(watched: Watched) -> None:
    one = installed(1, "old")
    version = replace(one.version, version=0)
    watched.put(Installed(version=version, container=replace(one.container, version=0)))
    assert not watched.watch.look()
    assert watched.versions() == {"shop": 1}


def test_it_looks_each_second_until_it_is_cancelled_whatever_happens(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.collector.watch.WATCH_S", 0.01)
    swapped: list[Mapping[str, Site]] = []

    async def run() -> None:
        task = asyncio.create_task(watched.watch.run(swapped.append))
        watched.folder.rename(watched.folder.with_name("away"))
        await asyncio.sleep(0.1)
        watched.folder.with_name("away").rename(watched.folder)
        watched.put(installed(2))
        while not swapped:
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(asyncio.wait_for(run(), 30))
    assert swapped[0]["shop"].container.version == 2
