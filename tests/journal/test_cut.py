from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.journal import (
    CommittedDataMissing,
    FolderInUse,
    Mark,
    SegmentWriter,
    cut_back,
    segments,
)
from server.journal.folder import segment_path

from .reading import FIRST, drain, now, payloads


def crash(writer: SegmentWriter) -> None:
    """Leave the folder as a killed process does: unsealed, unlocked."""
    writer._lock.release()
    if writer._segment is not None:
        writer._segment.abandon()


@given(
    st.lists(st.lists(st.binary(max_size=60), max_size=5), max_size=10),
    st.integers(200, 600),
    st.booleans(),
    st.data(),
)
@settings(deadline=None, max_examples=80)
def test_a_spool_is_cut_back_to_what_was_committed(
    written: list[list[bytes]], segment_bytes: int, is_closed: bool, data: st.DataObject
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        writer = SegmentWriter(folder, segment_bytes=segment_bytes, now=now)
        ends = [(Mark(), 0), (writer.mark, 0)]
        for batch in written:
            ends.append((writer.write(batch), ends[-1][1] + len(batch)))
        writer.close() if is_closed else crash(writer)
        mark, count = data.draw(st.sampled_from(ends))
        cut_back(folder, mark)
        assert cut_back(folder, mark) == 0
        writer = SegmentWriter(folder, segment_bytes=segment_bytes, now=now)
        after = writer.write([b"after"])
        chunk = drain(folder, until=after)
        writer.close()
    expected = [payload for batch in written for payload in batch][:count]
    assert (payloads(chunk), chunk.mark, chunk.damage) == ([*expected, b"after"], after, [])


def test_the_bytes_that_were_cut_are_counted(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    mark = writer.write([b"committed"])
    writer.write([b"not"])
    crash(writer)
    writer = SegmentWriter(tmp_path, now=now)
    writer.write([b"nor this"])
    crash(writer)
    assert cut_back(tmp_path, mark) == (32 + 4 + 3) + (64 + 32 + 4 + 8)
    assert [(segment.seq, segment.size) for segment in segments(tmp_path)] == [(FIRST, mark.at)]


def test_nothing_is_cut_after_an_orderly_end(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    mark = writer.write([b"committed"])
    writer.close()
    before = segments(tmp_path)
    assert cut_back(tmp_path, mark) == 0
    assert segments(tmp_path) == before


def test_cutting_back_to_the_beginning_empties_the_folder(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, segment_bytes=100, now=now)
    for _ in range(3):
        writer.write([b"x" * 50])
    writer.close()
    assert cut_back(tmp_path, Mark()) > 0
    assert segments(tmp_path) == []
    assert cut_back(tmp_path / "new", Mark()) == 0


def test_a_segment_of_which_nothing_was_committed_keeps_its_number(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    start = writer.mark
    writer.write([b"not committed"])
    crash(writer)
    cut_back(tmp_path, start)
    assert [(segment.seq, segment.size) for segment in segments(tmp_path)] == [(FIRST, 64)]


def test_a_segment_that_was_never_begun_goes(tmp_path: Path) -> None:
    segment_path(tmp_path, FIRST).write_bytes(bytes(4096))
    assert cut_back(tmp_path, Mark(seq=FIRST)) == 0
    assert segments(tmp_path) == []


def test_a_mark_beyond_what_is_there_is_refused(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, segment_bytes=4096, now=now)
    first = writer.write([b"first"])
    mark = writer.write([b"committed"])
    writer.write([b"x" * 5000])
    writer.close()
    path = segment_path(tmp_path, FIRST)
    path.chmod(0o600)
    whole = path.read_bytes()
    for left in (whole[: mark.at - 1], whole[: first.at] + bytes(4000), whole[:64], b""):
        path.write_bytes(left)
        with pytest.raises(CommittedDataMissing, match=f"{mark.at} bytes"):
            cut_back(tmp_path, mark)
        assert path.read_bytes() == left
    path.unlink()
    with pytest.raises(CommittedDataMissing, match="is gone"):
        cut_back(tmp_path, mark)
    assert [segment.seq for segment in segments(tmp_path)] == [FIRST + 1]


def test_a_mark_inside_a_frame_is_refused(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    mark = writer.write([b"committed"])
    writer.close()
    with pytest.raises(CommittedDataMissing, match="another file"):
        cut_back(tmp_path, Mark(seq=mark.seq, at=mark.at - 1, off=1))


def test_damage_before_the_mark_is_left_to_the_reader(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    first = writer.write([b"first"])
    mark = writer.write([b"committed"])
    writer.write([b"not"])
    crash(writer)
    path = segment_path(tmp_path, FIRST)
    with path.open("r+b") as file:
        file.seek(first.at)
        file.write(b"?" * 10)
    cut_back(tmp_path, mark)
    assert path.stat().st_size == mark.at
    chunk = drain(tmp_path, until=mark)
    assert (payloads(chunk), [found.lost for found in chunk.damage]) == ([b"first"], [1])


def test_a_folder_with_a_writer_is_not_cut(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    with pytest.raises(FolderInUse):
        cut_back(tmp_path, Mark())
    writer.close()
