from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.journal import (
    FolderInUse,
    JournalBroken,
    JournalUnwritable,
    Mark,
    Record,
    SegmentWriter,
    segments,
)
from server.journal.writer import SEGMENT_AGE_MS

from .disk import Syncs, full_at, without_preallocation
from .reading import FIRST, NOW, drain, now, payloads


class Clock:
    def __init__(self) -> None:
        self.ms = NOW

    def __call__(self) -> int:
        return self.ms


def test_what_was_written_is_read_in_order_with_its_positions(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    writer.write([b"one", b""])
    writer.write([b"three"])
    (segment,) = segments(tmp_path)
    assert drain(tmp_path).records == [
        Record(src=segment.src, off=0, payload=b"one"),
        Record(src=segment.src, off=1, payload=b""),
        Record(src=segment.src, off=2, payload=b"three"),
    ]
    writer.close()


def test_the_mark_is_where_the_next_frame_begins(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    assert writer.mark == Mark(seq=FIRST, at=0, off=0)
    assert writer.write([b"one", b"two"]) == Mark(seq=FIRST, at=64 + 32 + 14, off=2)
    assert writer.write([b"three"]) == Mark(seq=FIRST, at=110 + 32 + 9, off=3) == writer.mark
    assert drain(tmp_path).mark == writer.mark
    writer.roll()
    assert writer.mark == Mark(seq=FIRST + 1, at=0, off=0)
    writer.close()


def test_writing_nothing_makes_no_segment(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    assert writer.write([]) == Mark(seq=FIRST)
    writer.sync()
    writer.close()
    assert segments(tmp_path) == []


def test_a_full_segment_is_followed_by_another(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, segment_bytes=1000, now=now)
    for index in range(10):
        writer.write([b"%3d" % index * 100])
    writer.close()
    assert [segment.seq - FIRST for segment in segments(tmp_path)] == [0, 1, 2, 3, 4]
    assert payloads(drain(tmp_path)) == [b"%3d" % index * 100 for index in range(10)]


def test_one_write_lies_in_one_segment_however_large(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, segment_bytes=1000, now=now)
    writer.write([b"first"])
    assert writer.write([b"x" * 700_000] * 3).seq == FIRST + 1
    assert writer.write([b"last"]).seq == FIRST + 2
    writer.close()
    assert [len(payload) for payload in payloads(drain(tmp_path))] == [
        5,
        700_000,
        700_000,
        700_000,
        4,
    ]


def test_a_segment_takes_no_more_after_an_hour(tmp_path: Path) -> None:
    clock = Clock()
    writer = SegmentWriter(tmp_path, now=clock)
    writer.write([b"one"])
    clock.ms += SEGMENT_AGE_MS - 1
    assert writer.write([b"two"]).seq == FIRST
    clock.ms += 1
    assert writer.write([b"three"]) == Mark(seq=FIRST + 1, at=64 + 32 + 9, off=1)
    writer.close()


def test_a_new_writer_never_continues_an_old_segment(tmp_path: Path) -> None:
    for index in range(3):
        writer = SegmentWriter(tmp_path, now=now)
        assert writer.write([b"x"]).seq == FIRST + index
        writer.close()
    assert len({segment.src for segment in segments(tmp_path)}) == 3


def test_a_wiped_folder_does_not_begin_behind_the_marks_of_its_readers(tmp_path: Path) -> None:
    clock = Clock()
    for _ in range(2):
        writer = SegmentWriter(tmp_path, now=clock)
        mark = writer.write([b"x"])
        writer.close()
        for segment in segments(tmp_path):
            segment.path.unlink()
        clock.ms += 60_000
    assert mark.seq == FIRST + 60


def test_a_folder_has_one_writer_at_a_time(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    with pytest.raises(FolderInUse):
        SegmentWriter(tmp_path, now=now)
    writer.close()
    SegmentWriter(tmp_path, now=now).close()


def test_a_closed_segment_is_read_only_and_has_its_length(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "w0", now=now)
    mark = writer.write([b"one"])
    (live,) = segments(tmp_path / "w0")
    assert (live.size, live.path.stat().st_mode & 0o777) == (64 * 1024, 0o600)
    writer.close()
    (closed,) = segments(tmp_path / "w0")
    assert (closed.size, closed.path.stat().st_mode & 0o777) == (mark.at + 108, 0o440)
    assert (tmp_path / "w0").stat().st_mode & 0o777 == 0o700


def test_a_sync_covers_all_writes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(tmp_path, segment_bytes=1000, now=now)
    syncs = Syncs(monkeypatch)
    for _ in range(5):
        writer.write([b"x" * 300])
    writer.sync()
    writer.sync()
    inodes = [segment.path.stat().st_ino for segment in segments(tmp_path)]
    assert [inode for _, inode in syncs.files] == inodes
    writer.close()


def test_durability_of_the_system_syncs_ten_times_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    writer = SegmentWriter(tmp_path, durability="os", now=clock)
    syncs = Syncs(monkeypatch)
    for _ in range(100):
        writer.write([b"x"])
        writer.sync()
        clock.ms += 10
    assert syncs.count == 10
    writer.close()
    assert syncs.count == 11


def test_a_file_whose_sync_failed_is_never_touched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    syncs = Syncs(monkeypatch)
    syncs.failures = 1
    writer.write([b"not promised"])
    with pytest.raises(JournalUnwritable) as refusal:
        writer.sync()
    assert (type(refusal.value), refusal.value.retry_after_s) == (JournalUnwritable, 1)
    left = segments(tmp_path)[0].path.read_bytes()
    writer.sync()  # nothing is waiting
    writer.write([b"promised"])
    writer.sync()
    writer.close()
    first, second = segments(tmp_path)
    assert first.path.read_bytes() == left
    assert [inode for _, inode in syncs.files] == [
        first.path.stat().st_ino,
        second.path.stat().st_ino,
        second.path.stat().st_ino,
    ]
    assert (payloads(drain(tmp_path)), drain(tmp_path).damage) == (
        [b"not promised", b"promised"],
        [],
    )


def test_two_failed_syncs_in_a_row_break_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    syncs = Syncs(monkeypatch)
    for failures, expected in [(1, JournalUnwritable), (0, None), (1, JournalUnwritable)]:
        syncs.failures = failures
        writer.write([b"x"])
        if expected is None:
            writer.sync()
        else:
            with pytest.raises(expected):
                writer.sync()
    syncs.failures = 1
    writer.write([b"x"])
    with pytest.raises(JournalBroken):
        writer.sync()
    with pytest.raises(JournalBroken):
        writer.write([b"x"])
    with pytest.raises(JournalBroken):
        writer.sync()
    writer.close()
    SegmentWriter(tmp_path, now=now).close()


def test_a_failed_sync_while_rolling_fails_the_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(tmp_path, segment_bytes=1000, now=now)
    writer.write([b"x" * 900])
    syncs = Syncs(monkeypatch)
    syncs.failures = 1
    with pytest.raises(JournalUnwritable):
        writer.write([b"y" * 900])
    writer.write([b"z"])
    writer.close()
    assert payloads(drain(tmp_path)) == [b"x" * 900, b"z"]


def test_a_writer_that_cannot_seal_still_lets_the_folder_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    writer.write([b"x"])
    Syncs(monkeypatch).failures = 1
    with pytest.raises(JournalUnwritable):
        writer.close()
    SegmentWriter(tmp_path, now=now).close()


def test_a_full_disk_shows_before_anything_is_written(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, segment_bytes=16_384, now=now)
    with full_at(20_000):
        writer.write([b"x" * 10_000])
        with pytest.raises(JournalUnwritable) as refusal:
            writer.write([b"y" * 10_000, b"z" * 10_000])
        assert refusal.value.retry_after_s > 0
        writer.sync()
    assert payloads(drain(tmp_path)) == [b"x" * 10_000]
    writer.write([b"there is room again"])
    writer.close()
    assert payloads(drain(tmp_path)) == [b"x" * 10_000, b"there is room again"]
    assert drain(tmp_path).damage == []


def test_a_disk_too_full_for_a_new_segment_leaves_no_file(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    with full_at(1000), pytest.raises(JournalUnwritable):
        writer.write([b"x"])
    assert segments(tmp_path) == []
    assert writer.write([b"x"]).seq == FIRST
    writer.close()


def test_a_short_write_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_preallocation(monkeypatch)
    writer = SegmentWriter(tmp_path, now=now)
    mark = writer.write([b"x" * 10_000])
    with full_at(20_000):
        for _ in range(3):
            with pytest.raises(JournalUnwritable):
                writer.write([b"y" * 50_000])
            assert (writer.mark, segments(tmp_path)[0].size) == (mark, mark.at)
        writer.write([b"small enough"])
    writer.write([b"z" * 50_000])
    writer.close()
    assert payloads(drain(tmp_path)) == [b"x" * 10_000, b"small enough", b"z" * 50_000]
    assert [segment.seq for segment in segments(tmp_path)] == [FIRST]


def test_positions_that_a_failed_write_has_shown_are_not_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_preallocation(monkeypatch)
    writer = SegmentWriter(tmp_path, now=now)
    with full_at(1_500_000):
        writer.write([b"first"])
        with pytest.raises(JournalUnwritable):
            writer.write([b"shown" * 200_000, b"y" * 1_000_000])
        with pytest.raises(JournalUnwritable):
            writer.write([b"x" * 1_000_000, b"y" * 1_000_000])
    writer.write([b"second"])
    writer.close()
    assert [(record.off, record.payload) for record in drain(tmp_path).records] == [
        (0, b"first"),
        (0, b"second"),
    ]
    assert drain(tmp_path).damage == []


def test_a_full_disk_does_not_keep_a_writer_from_closing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_preallocation(monkeypatch)
    writer = SegmentWriter(tmp_path, now=now)
    mark = writer.write([b"x" * 1000])
    with full_at(mark.at + 50):
        writer.close()
    assert segments(tmp_path)[0].size == mark.at
    assert payloads(drain(tmp_path)) == [b"x" * 1000]


def test_a_record_that_no_frame_holds_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    with pytest.raises(ValueError, match="at most 1048540"):
        writer.write([b"x", b"y" * 1_048_541])
    assert segments(tmp_path) == []
    writer.close()


def test_the_name_of_a_segment_is_synced_before_its_first_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    folders = []
    fsync = os.fsync

    def note(fd: int) -> None:
        folders.append(os.fstat(fd).st_ino)
        assert payloads(drain(tmp_path)) == []
        fsync(fd)

    monkeypatch.setattr(os, "fsync", note)
    writer.write([b"x"])
    assert folders == [tmp_path.stat().st_ino]
    writer.close()
