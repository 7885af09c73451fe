from __future__ import annotations

from pathlib import Path

from server.journal import Ahead, Mark, SegmentWriter, ahead, numbered
from server.journal.folder import segment_path

from .reading import FIRST, NOW, drain, now

FRAME = 32 + 4  # bytes beside the payload of a frame with one record
NEVER = 2**62


def write(folder: Path, *segments: list[bytes]) -> SegmentWriter:
    """One frame a record; the last segment stays open."""
    writer = SegmentWriter(folder, now=now)
    for number, payloads in enumerate(segments):
        if number:
            writer.roll()
        for payload in payloads:
            writer.write([payload])
            writer.sync()
    return writer


def test_nothing_lies_ahead_of_a_reader_at_the_end(tmp_path: Path) -> None:
    writer = write(tmp_path, [b"one", b"two"])
    assert ahead(tmp_path, writer.mark) == Ahead()
    assert ahead(tmp_path / "w9", Mark()) == Ahead()


def test_all_of_it_lies_ahead_of_a_reader_that_never_read(tmp_path: Path) -> None:
    write(tmp_path, [b"one", b"two"], [b"three"])
    size = 3 * FRAME + len(b"onetwothree")
    assert ahead(tmp_path, Mark()) == Ahead(records=3, numbered=3, bytes=size, oldest_at=NOW)


def test_segments_in_between_are_told_by_their_seals(tmp_path: Path) -> None:
    write(tmp_path, [b"a"], [b"b", b"c"], [b"d"], [b"e"])
    start = drain(tmp_path, until=Mark(seq=FIRST, at=64 + FRAME + 1, off=1)).mark
    found = ahead(tmp_path, start)
    assert (found.records, found.numbered, found.oldest_at) == (4, 4, NOW)


def test_what_is_not_committed_is_not_ahead(tmp_path: Path) -> None:
    writer = write(tmp_path, [b"a"], [b"b"])
    end = writer.mark
    writer.write([b"c"])
    assert ahead(tmp_path, Mark(), end).records == 2
    assert numbered(tmp_path, Mark(), end) == 2


def test_positions_between_marks_are_counted_over_segments(tmp_path: Path) -> None:
    writer = write(tmp_path, [b"a", b"b"], [b"c"], [b"d", b"e"])
    start = Mark(seq=FIRST, at=64 + FRAME + 1, off=1)
    assert numbered(tmp_path, start, writer.mark) == 4
    assert numbered(tmp_path, writer.mark, writer.mark) == 0


def test_a_frame_that_is_wiped_out_is_numbered_but_not_there(tmp_path: Path) -> None:
    write(tmp_path, [b"a", b"b", b"c"], [b"d"])
    path = segment_path(tmp_path, FIRST)
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(64 + FRAME + 1)
        file.write(bytes(FRAME + 1))
    found = ahead(tmp_path, Mark())
    assert (found.records, found.numbered) == (3, 4)
    # The reader finds the same: three records, and a gap of one.
    chunk = drain(tmp_path)
    assert (len(chunk.records), [damage.lost for damage in chunk.damage]) == (3, [1])


def test_a_segment_that_was_never_sealed_counts_as_far_as_it_is_whole(tmp_path: Path) -> None:
    write(tmp_path, [b"a", b"b"], [b"c"])
    path = segment_path(tmp_path, FIRST)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[: 64 + 2 * (FRAME + 1) - 1])
    found = ahead(tmp_path, Mark())
    assert (found.records, found.numbered) == (2, 2)
