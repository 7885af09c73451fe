from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from loadtests.faults.simfs import SimFS
from server.journal import FolderInUse, JournalUnwritable, Mark, SegmentWriter, cut_back, segments
from server.journal.spare import NAME

from .disk import full_at
from .reading import FIRST, drain, now, payloads

SEGMENT_BYTES = 256 * 1024


def prepared(folder: Path) -> SegmentWriter:
    writer = SegmentWriter(folder, segment_bytes=SEGMENT_BYTES, now=now)
    writer.prepare()
    return writer


def allocated(folder: Path) -> int:
    return (folder / NAME).stat().st_size


def test_a_segment_begins_in_the_space_that_was_prepared(tmp_path: Path) -> None:
    writer = prepared(tmp_path)
    assert (allocated(tmp_path), segments(tmp_path)) == (SEGMENT_BYTES, [])
    inode = (tmp_path / NAME).stat().st_ino
    writer.write([b"one"])
    (live,) = segments(tmp_path)
    assert (live.seq, live.size, live.path.stat().st_ino) == (FIRST, SEGMENT_BYTES, inode)
    assert not (tmp_path / NAME).exists()
    writer.sync()
    assert payloads(drain(tmp_path)) == [b"one"]
    writer.close()
    assert segments(tmp_path)[0].size < SEGMENT_BYTES


def test_readers_and_cut_back_know_nothing_of_a_spare(tmp_path: Path) -> None:
    writer = prepared(tmp_path)
    writer.write([b"one"])
    writer.sync()
    end = writer.mark
    writer.prepare()
    writer.prepare()  # there is one already
    assert payloads(drain(tmp_path)) == [b"one"]
    writer._lock.release()  # it dies
    assert cut_back(tmp_path, end) == 0
    assert payloads(drain(tmp_path)) == [b"one"]


def test_what_a_dead_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"half a header")
    writer = SegmentWriter(tmp_path, now=now)
    assert not (tmp_path / NAME).exists()
    with pytest.raises(FolderInUse):
        SegmentWriter(tmp_path, now=now)
    writer.prepare()
    writer.close()
    assert os.listdir(tmp_path) == [".lock"]


def test_without_room_for_a_spare_a_segment_takes_space_as_it_needs_it(tmp_path: Path) -> None:
    with full_at(SEGMENT_BYTES - 1):
        writer = prepared(tmp_path)
        assert not (tmp_path / NAME).exists()
        writer.write([b"one"])
        (live,) = segments(tmp_path)
        assert live.size == 64 * 1024
        writer.write([b"x" * 70_000])
        assert segments(tmp_path)[0].size == 128 * 1024
        writer.sync()
    writer.close()
    assert payloads(drain(tmp_path)) == [b"one", b"x" * 70_000]


def test_a_spare_never_replaces_a_segment(tmp_path: Path) -> None:
    writer = prepared(tmp_path)
    (tmp_path / f"{FIRST:012}.j").write_bytes(b"begun")
    with pytest.raises(JournalUnwritable):
        writer.write([b"refused"])
    assert (tmp_path / f"{FIRST:012}.j").read_bytes() == b"begun"
    assert not (tmp_path / NAME).exists()
    writer.write([b"taken"])
    writer.close()
    assert payloads(drain(tmp_path, Mark(seq=FIRST + 1))) == [b"taken"]


def test_a_spare_that_cannot_be_renamed_is_given_back(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    failures = [errno.EIO]

    def weather(call: str) -> None:
        if call == "rename" and failures:
            raise OSError(failures.pop(), "the disk says no")

    sim = SimFS(folder, weather=weather)
    with sim.mounted():
        writer = prepared(folder)
        with pytest.raises(JournalUnwritable, match="the disk says no"):
            writer.write([b"refused"])
        writer.write([b"taken"])
        writer.close()
    assert payloads(drain(folder)) == [b"taken"]
    assert [segment.seq for segment in segments(folder)] == [FIRST]
