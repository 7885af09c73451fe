"""What injected power cuts once took, each as its smallest case."""

from __future__ import annotations

import errno
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from loadtests.faults.simfs import SimFS
from server.journal import JournalUnwritable, Mark, SegmentWriter, remove_before
from server.journal.folder import make_folder

from .reading import FIRST, drain, now, payloads


def failing(**numbers: int) -> Callable[[str], None]:
    """A disk on which the first such calls fail, each with its error."""

    def weather(call: str) -> None:
        if call in numbers:
            raise OSError(numbers.pop(call), "the disk says no")

    return weather


def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


def names_left(sim: SimFS, target: Path) -> list[str]:
    """What a power cut now leaves of everything that is not synced: nothing."""
    sim.leave(target, random.Random(0), "nothing")
    return sorted(path.name for path in target.rglob("*"))


def test_a_folder_whose_sync_failed_is_synced_the_next_time(tmp_path: Path) -> None:
    sim = SimFS(disk(tmp_path), weather=failing(fsync=errno.EIO))
    with sim.mounted():
        with pytest.raises(OSError, match="the disk says no"):
            make_folder(sim.root / "w0")
        make_folder(sim.root / "w0")
    assert names_left(sim, tmp_path / "left") == ["w0"]


def test_removals_never_outlive_the_name_of_the_segment_that_is_read(tmp_path: Path) -> None:
    folder = disk(tmp_path)
    SegmentWriter(folder, now=now).close()
    for name in (f"{FIRST:012}.j", f"{FIRST + 1:012}.j"):
        (folder / name).touch()
    sim = SimFS(folder)
    with sim.mounted():
        (sim.root / f"{FIRST + 2:012}.j").write_bytes(b"")  # just begun
        remove_before(sim.root, Mark(seq=FIRST + 2))
    assert f"{FIRST + 2:012}.j" in names_left(sim, tmp_path / "left")


def test_a_segment_that_cannot_be_removed_again_stops_nobody(tmp_path: Path) -> None:
    sim = SimFS(disk(tmp_path), weather=failing(pwrite=errno.ENOSPC, unlink=errno.EIO))
    with sim.mounted():
        writer = SegmentWriter(sim.root, now=now)
        for _ in range(2):  # the first finds the disk full, the second what the first has left
            with pytest.raises(JournalUnwritable):
                writer.write([b"refused"])
        writer.write([b"taken"])
        writer.close()
    read = drain(sim.root)
    assert payloads(read) == [b"taken"]
    assert [damage.lost for damage in read.damage] in ([], [0])
