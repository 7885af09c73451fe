from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from loadtests.faults.simfs import PowerCut, SimFS

A_FILE = os.O_WRONLY | os.O_CREAT


def after(
    tmp_path: Path, work: Callable[[Path], None], *, style: str = "nothing", seed: int = 0
) -> dict[str, bytes]:
    """What a power cut after some work leaves of a disk that held the synced file `old`."""
    disk, left = tmp_path / "disk", tmp_path / f"left{len(list(tmp_path.iterdir()))}"
    if not disk.exists():
        disk.mkdir()
        (disk / "old").write_bytes(b"old")
    sim = SimFS(disk)
    with sim.mounted():
        work(sim.root)
    sim.check()
    sim.leave(left, random.Random(seed), style)
    return {path.name: path.read_bytes() for path in sorted(left.iterdir())}


def sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def write(path: Path, data: bytes, *, is_synced: bool = True) -> None:
    fd = os.open(path, A_FILE)
    os.pwrite(fd, data, 0)
    if is_synced:
        os.fdatasync(fd)
    os.close(fd)


def test_bytes_that_are_not_synced_are_lost(tmp_path: Path) -> None:
    def work(disk: Path) -> None:
        write(disk / "new", b"gone", is_synced=False)
        sync(disk)

    assert after(tmp_path, work) == {"old": b"old", "new": b""}


def test_bytes_that_are_not_synced_may_be_there(tmp_path: Path) -> None:
    def work(disk: Path) -> None:
        write(disk / "new", b"there", is_synced=False)

    assert after(tmp_path, work, style="all") == {"old": b"old", "new": b"there"}


def test_a_synced_file_without_a_synced_name_is_lost(tmp_path: Path) -> None:
    assert after(tmp_path, lambda disk: write(disk / "new", b"x")) == {"old": b"old"}


def test_a_synced_file_with_a_synced_name_stays(tmp_path: Path) -> None:
    def work(disk: Path) -> None:
        write(disk / "new", b"x")
        sync(disk)

    assert after(tmp_path, work) == {"old": b"old", "new": b"x"}


def test_a_removal_and_a_renaming_are_undone_until_the_folder_is_synced(tmp_path: Path) -> None:
    def rename(disk: Path) -> None:
        os.rename(disk / "old", disk / "moved")

    def rename_and_sync(disk: Path) -> None:
        os.rename(disk / "moved", disk / "again")
        sync(disk)

    def unlink(disk: Path) -> None:
        (disk / "again").unlink()

    assert after(tmp_path, rename) == {"old": b"old"}
    assert after(tmp_path, rename_and_sync) == {"again": b"old"}
    assert after(tmp_path, unlink) == {"again": b"old"}


def test_a_cut_tears_at_sectors_and_reorders_them(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (disk / "file").write_bytes(b"a" * 2048)
    sim = SimFS(disk)
    with sim.mounted():
        write(sim.root / "file", b"b" * 2048, is_synced=False)
    seen = set()
    for seed in range(64):
        left = tmp_path / str(seed)
        sim.leave(left, random.Random(seed), "torn")
        data = (left / "file").read_bytes()
        sectors = [data[at : at + 512] for at in range(0, 2048, 512)]
        assert {frozenset(sector) for sector in sectors} <= {frozenset(b"a"), frozenset(b"b")}
        seen.add("".join(chr(sector[0]) for sector in sectors))
    assert "abab" in seen
    assert "bbaa" in seen
    assert len(seen) == 16


def test_what_a_failed_sync_did_not_write_no_later_one_writes(tmp_path: Path) -> None:
    disk, left = tmp_path / "disk", tmp_path / "left"
    disk.mkdir()
    (disk / "file").write_bytes(b"a" * 512)
    failures = iter([True])

    def weather(call: str) -> None:
        if call == "fsync" and next(failures, False):
            raise OSError(5, "Input/output error")

    sim = SimFS(disk, weather=weather)
    with sim.mounted():
        fd = os.open(sim.root / "file", os.O_WRONLY)
        os.pwrite(fd, b"b" * 512, 0)
        with pytest.raises(OSError, match="Input/output"):
            os.fdatasync(fd)
        os.pwrite(fd, b"c" * 512, 512)
        os.fdatasync(fd)
        os.close(fd)
    sim.leave(left, random.Random(0), "all")
    assert (left / "file").read_bytes() == b"a" * 512 + b"c" * 512
    assert sim.calls_after_failure == 1


def test_the_power_fails_at_a_call_and_at_all_after_it(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    sim = SimFS(disk, cut_at=3)
    with sim.mounted():
        fd = os.open(sim.root / "file", A_FILE)
        os.pwrite(fd, b"x", 0)
        with pytest.raises(PowerCut):
            os.fdatasync(fd)
        with pytest.raises(PowerCut):
            os.pwrite(fd, b"x", 1)
    assert (disk / "file").read_bytes() == b"x"


def test_files_outside_are_left_alone(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    sim = SimFS(disk, cut_at=1)
    with sim.mounted():
        (tmp_path / "other").write_bytes(b"x")
        os.rename(tmp_path / "other", tmp_path / "another")
    assert (tmp_path / "another").read_bytes() == b"x"


def test_a_change_behind_its_back_is_told(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    sim = SimFS(disk)
    (disk / "file").write_bytes(b"x")
    with pytest.raises(AssertionError, match="missed"):
        sim.check()


def test_zeros_that_were_synced_stay_zeros(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (disk / "removed").write_bytes(b"r" * 4096)
    sim = SimFS(disk)
    with sim.mounted():
        fd = os.open(sim.root / "file", A_FILE)
        os.pwrite(fd, b"a" * 512 + b"\0" * 512, 0)
        os.fdatasync(fd)
        sync(sim.root)
        os.unlink(sim.root / "removed")
        os.posix_fallocate(fd, 1024, 2048)
        os.close(fd)
    seen = set()
    for seed in range(32):
        left = tmp_path / str(seed)
        sim.leave(left, random.Random(seed), "stale")
        data = (left / "file").read_bytes()
        assert data[:1024] == b"a" * 512 + b"\0" * 512
        seen |= set(data[1024:])
    assert seen == set(b"\0r")  # what was never written may show what the block held
