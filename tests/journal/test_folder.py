from __future__ import annotations

from pathlib import Path

from server.journal import Mark, SegmentInfo, SegmentWriter, remove_before, segments
from server.journal.folder import make_folder, segment_path

from .reading import FIRST, NOW, drain, now, payloads


def write_three_segments(folder: Path) -> None:
    writer = SegmentWriter(folder, now=now)
    for payload in [b"one", b"two", b"three"]:
        writer.write([payload])
        writer.roll()
    writer.close()


def test_segments_are_described_in_order(tmp_path: Path) -> None:
    write_three_segments(tmp_path)
    (tmp_path / "notes.txt").write_text("not ours")
    (tmp_path / "quarantine").mkdir()
    sources = {record.payload: record.src for record in drain(tmp_path).records}
    assert segments(tmp_path) == [
        SegmentInfo(
            seq=FIRST + index,
            src=sources[payload],
            created_at=NOW,
            path=tmp_path / f"00{FIRST + index}.j",
            size=64 + 32 + 4 + len(payload) + 108,
        )
        for index, payload in enumerate([b"one", b"two", b"three"])
    ]


def test_a_segment_without_a_readable_header_has_no_source(tmp_path: Path) -> None:
    segment_path(tmp_path, 7).write_bytes(b"?" * 100)
    assert segments(tmp_path) == [
        SegmentInfo(seq=7, src=0, created_at=0, path=tmp_path / "000000000007.j", size=100)
    ]


def test_a_folder_that_is_not_there_has_no_segments(tmp_path: Path) -> None:
    assert segments(tmp_path / "w0") == []
    assert remove_before(tmp_path / "w0", Mark(seq=9)) == []


def test_segments_before_the_one_of_the_mark_are_removed(tmp_path: Path) -> None:
    write_three_segments(tmp_path)
    assert remove_before(tmp_path, Mark()) == []
    assert remove_before(tmp_path, Mark(seq=FIRST + 1, at=9999)) == [segment_path(tmp_path, FIRST)]
    assert payloads(drain(tmp_path)) == [b"two", b"three"]


def test_the_newest_segment_always_stays(tmp_path: Path) -> None:
    write_three_segments(tmp_path)
    remove_before(tmp_path, Mark(seq=FIRST + 3))
    assert [segment.seq for segment in segments(tmp_path)] == [FIRST + 2]
    writer = SegmentWriter(tmp_path, now=now)
    assert writer.mark == Mark(seq=FIRST + 3)
    writer.close()


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "journal" / "w0"
    make_folder(folder)
    make_folder(folder)
    assert [path.stat().st_mode & 0o777 for path in (folder, folder.parent)] == [0o700, 0o700]
