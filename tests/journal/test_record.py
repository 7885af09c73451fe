from __future__ import annotations

from server.journal import Mark


def test_marks_are_ordered_by_segment_and_then_by_offset() -> None:
    marks = [Mark(), Mark(seq=7), Mark(seq=7, at=64), Mark(seq=7, at=900, off=3), Mark(seq=8)]
    assert sorted([marks[3], marks[1], marks[4], marks[2], marks[0]]) == marks
    assert Mark(seq=7, at=900, off=3) == Mark(seq=7, at=900, off=3)
