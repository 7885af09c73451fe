from __future__ import annotations

import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.journal import Chunk, Damage, DamageReason, Mark, SegmentWriter, read, segments
from server.journal.folder import segment_path
from server.journal.frame import encode_frame, pack

from .reading import FIRST, drain, now, payloads

BATCHES = [[b"one"], [b"two", b"three"], [b"four" * 50], [b"five", b"", b"six"], [b"seven"]]
ALL = [payload for batch in BATCHES for payload in batch]


class Written:
    """The five batches in one segment, and where each frame ends."""

    def __init__(self, folder: Path, *, sealed: bool) -> None:
        writer = SegmentWriter(folder, segment_bytes=4096, now=now)
        start = writer.mark
        self.marks = [start, *(writer.write(batch) for batch in BATCHES)]
        self.path = segment_path(folder, FIRST)
        self.bytes = self.path.read_bytes()
        writer.close()
        if sealed:
            self.bytes = self.path.read_bytes()
        self.path.chmod(0o600)
        self.path.write_bytes(self.bytes)

    def damage(self, at: int, data: bytes) -> None:
        self.path.write_bytes(self.bytes[:at] + data + self.bytes[at + len(data) :])

    def frame(self, index: int) -> tuple[int, int]:
        """The offsets where a frame begins and ends."""
        return max(64, self.marks[index].at), self.marks[index + 1].at


def add_successor(folder: Path) -> Mark:
    writer = SegmentWriter(folder, segment_bytes=4096, now=now)
    mark = writer.write([b"next"])
    writer.close()
    return mark


def damage(folder: Path, at: int, size: int, lost: int | None, reason: DamageReason) -> Damage:
    path = str(segment_path(folder, FIRST))
    return Damage(path=path, at=at, bytes=size, lost=lost, reason=reason)


batches = st.lists(st.lists(st.binary(max_size=60), max_size=6), max_size=12)


@given(batches, st.integers(200, 600), st.integers(1, 10), st.integers(1, 200))
@settings(deadline=None, max_examples=60)
def test_everything_written_is_read_once_whatever_the_sizes(
    written: list[list[bytes]], segment_bytes: int, max_records: int, max_bytes: int
) -> None:
    with TemporaryDirectory() as name:
        writer = SegmentWriter(Path(name), segment_bytes=segment_bytes, durability="os", now=now)
        for batch in written:
            writer.write(batch)
        got: list[bytes] = []
        positions = []
        mark = Mark()
        while True:
            chunk = read(Path(name), mark, max_records=max_records, max_bytes=max_bytes)
            assert chunk.damage == []
            got += payloads(chunk)
            positions += [(record.src, record.off) for record in chunk.records]
            if chunk.mark == mark:
                break
            mark = chunk.mark
        writer.close()
    assert got == [payload for batch in written for payload in batch]
    assert len(set(positions)) == len(got)


@given(batches, st.integers(200, 600), st.data())
@settings(deadline=None, max_examples=60)
def test_a_reader_reaches_until_and_never_passes_it(
    written: list[list[bytes]], segment_bytes: int, data: st.DataObject
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        writer = SegmentWriter(folder, segment_bytes=segment_bytes, durability="os", now=now)
        ends = [(writer.mark, 0)]
        for batch in written:
            ends.append((writer.write(batch), ends[-1][1] + len(batch)))
        start, before = data.draw(st.sampled_from(ends))
        until, after = data.draw(st.sampled_from([end for end in ends if end[0] >= start]))
        chunk = drain(folder, start, until=until, max_records=3)
        writer.close()
    expected = [payload for batch in written for payload in batch][before:after]
    assert (payloads(chunk), chunk.mark, chunk.damage) == (expected, until, [])


def test_a_chunk_holds_whole_frames_within_its_limits(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    assert payloads(read(tmp_path, Mark(), max_records=3)) == ALL[:3]
    assert payloads(read(tmp_path, Mark(), max_records=4)) == ALL[:4]
    assert read(tmp_path, Mark(), max_records=6).mark == written.marks[3]
    assert payloads(read(tmp_path, written.marks[3], max_records=1)) == [b"five", b"", b"six"]
    assert payloads(read(tmp_path, Mark(), max_bytes=30)) == ALL[:3]
    assert payloads(read(tmp_path, written.marks[2], max_bytes=1)) == [b"four" * 50]


def test_an_empty_or_absent_folder_has_nothing_to_read(tmp_path: Path) -> None:
    nothing = Chunk(records=[], mark=Mark(), damage=[])
    assert read(tmp_path, Mark()) == read(tmp_path / "absent", Mark()) == nothing
    ahead = Mark(seq=5, at=100, off=3)
    assert read(tmp_path, ahead) == Chunk(records=[], mark=ahead, damage=[])


def test_every_cut_of_the_newest_segment_leaves_the_frames_before_it(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    for cut in range(written.marks[-1].at + 1):
        written.path.write_bytes(written.bytes[:cut])
        whole = [mark for mark in written.marks[1:] if mark.at <= cut]
        chunk = drain(tmp_path)
        assert (payloads(chunk), chunk.damage) == (ALL[: whole[-1].off if whole else 0], [])
        assert drain(tmp_path, chunk.mark) == Chunk(records=[], mark=chunk.mark, damage=[])


def test_every_cut_of_a_finished_segment_is_a_torn_tail(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    after = add_successor(tmp_path)
    for cut in range(64, written.marks[-1].at + 1):
        written.path.write_bytes(written.bytes[:cut] + bytes(100))
        whole = [mark for mark in written.marks[1:] if mark.at <= cut]
        end = whole[-1] if whole else Mark(at=64)
        torn = len(written.bytes[end.at : cut].rstrip(b"\0"))
        expected = [damage(tmp_path, end.at, torn, 0, DamageReason.TORN_TAIL)] if torn else []
        assert drain(tmp_path).damage == expected
        assert (payloads(drain(tmp_path)), drain(tmp_path).mark) == (
            [*ALL[: end.off], b"next"],
            after,
        )
    assert not (tmp_path / "quarantine").exists()


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_every_changed_byte_costs_its_own_frame_and_no_other(tmp_path: Path, mask: int) -> None:
    written = Written(tmp_path, sealed=True)
    for is_finished in (False, True):
        if is_finished:
            add_successor(tmp_path)
        after = [b"next"] * is_finished
        for index, batch in enumerate(BATCHES):
            start, end = written.frame(index)
            first, last = written.marks[index].off, written.marks[index + 1].off
            for at in range(start, end):
                written.damage(at, bytes([written.bytes[at] ^ mask]))
                chunk = drain(tmp_path)
                assert payloads(chunk) == [*ALL[:first], *ALL[last:], *after]
                assert chunk.damage == [
                    damage(tmp_path, start, end - start, len(batch), DamageReason.CORRUPT)
                ]


def test_every_changed_byte_of_a_sealed_header_is_mended_by_the_seal(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=True)
    for at in range(64):
        written.damage(at, bytes([written.bytes[at] ^ 1]))
        chunk = drain(tmp_path)
        assert payloads(chunk) == ALL
        assert chunk.damage == [damage(tmp_path, 0, 64, 0, DamageReason.BAD_HEADER)]


def test_every_changed_byte_of_a_seal_is_harmless(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=True)
    end = written.marks[-1].at
    for at in range(end, len(written.bytes)):
        written.damage(at, bytes([written.bytes[at] ^ 1]))
        assert (payloads(drain(tmp_path)), drain(tmp_path).damage) == (ALL, [])
    add_successor(tmp_path)
    (torn,) = drain(tmp_path).damage
    assert (torn.at, torn.lost, torn.reason) == (end, 0, DamageReason.TORN_TAIL)


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_no_damage_makes_a_record_that_was_not_written(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        written = Written(folder, sealed=data.draw(st.booleans()))
        add_successor(folder)
        bytes_ = bytearray(written.bytes)
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(bytes_)))
            patch = data.draw(
                st.one_of(
                    st.binary(max_size=8),
                    st.builds(bytes, st.integers(0, 600)),
                    st.just(bytes(bytes_[64:400])),
                )
            )
            bytes_[at : at + data.draw(st.sampled_from([0, len(patch), 900]))] = patch
        written.path.write_bytes(bytes_)
        chunk = drain(folder)
    first = [record for record in chunk.records if record.payload != b"next"]
    assert all(ALL[record.off] == record.payload for record in first)
    assert [record.off for record in first] == sorted({record.off for record in first})
    assert payloads(chunk)[-1:] == [b"next"]
    known = [damage.lost for damage in chunk.damage if damage.reason is DamageReason.CORRUPT]
    if all(damage.reason is DamageReason.CORRUPT for damage in chunk.damage):
        assert len(first) + sum(lost or 0 for lost in known) <= len(ALL)


def test_damage_is_copied_to_the_quarantine(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    start, end = written.frame(1)
    written.damage(start + 40, b"?")
    drain(tmp_path)
    drain(tmp_path)
    (copy,) = (tmp_path / "quarantine").iterdir()
    assert copy.name == f"00{FIRST}-{start}.bad"
    assert copy.read_bytes() == written.path.read_bytes()[start:end]
    assert [path.stat().st_mode & 0o777 for path in (copy, copy.parent)] == [0o600, 0o700]


def test_damage_is_reported_to_the_one_that_keeps_the_mark_once(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    written.damage(written.frame(1)[0], bytes(4))
    chunk = read(tmp_path, Mark(), max_records=3)
    assert (payloads(chunk), chunk.damage) == ([b"one", b"four" * 50], [chunk.damage[0]])
    assert drain(tmp_path, chunk.mark).damage == []


def test_several_frames_in_a_row_can_be_lost(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    start, end = written.frame(1)[0], written.frame(3)[1]
    written.damage(start + 1, b"?" * (end - start - 1))
    chunk = drain(tmp_path)
    assert payloads(chunk) == [b"one", b"seven"]
    assert chunk.damage == [damage(tmp_path, start, end - start, 6, DamageReason.CORRUPT)]


def test_a_hole_of_zeros_is_found_when_the_segment_is_finished(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    start, end = written.frame(1)
    written.damage(start, bytes(end - start))
    waiting = drain(tmp_path)
    assert (payloads(waiting), waiting.damage) == ([b"one"], [])
    add_successor(tmp_path)
    chunk = drain(tmp_path, waiting.mark)
    assert payloads(chunk) == [*ALL[3:], b"next"]
    assert chunk.damage == [damage(tmp_path, start, end - start, 2, DamageReason.CORRUPT)]


def test_a_frame_written_over_another_is_not_read_twice(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    start, end = written.frame(0)
    target = written.frame(3)[0]
    written.damage(target, written.bytes[start:end])
    chunk = drain(tmp_path)
    assert payloads(chunk) == [*ALL[:4], b"seven"]
    assert [found.lost for found in chunk.damage] == [3]


def test_a_frame_inside_a_record_is_never_taken_for_one(tmp_path: Path) -> None:
    inner = SegmentWriter(tmp_path / "inner", now=now)
    inner.write([b"a forgery"])
    inner.close()
    forgery = segments(tmp_path / "inner")[0].path.read_bytes()
    writer = SegmentWriter(tmp_path / "outer", now=now)
    writer.write([b"before"])
    mark = writer.write([forgery * 3])
    writer.write([b"after"])
    writer.close()
    path = segments(tmp_path / "outer")[0].path
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(mark.at - 1)
        file.write(b"?")
    chunk = drain(tmp_path / "outer")
    assert payloads(chunk) == [b"before", b"after"]
    assert [found.lost for found in chunk.damage] == [1]


@pytest.mark.parametrize("begun", [b"", bytes(64), bytes(4096), b"\xf5FHJ", b"?" * 64])
def test_a_segment_that_was_never_begun_is_waited_for_and_then_passed(
    tmp_path: Path, begun: bytes
) -> None:
    written = Written(tmp_path, sealed=True)
    path = segment_path(tmp_path, FIRST + 1)
    path.write_bytes(begun)
    chunk = drain(tmp_path)
    assert (payloads(chunk), chunk.mark, chunk.damage) == (ALL, Mark(seq=FIRST + 1), [])
    after = add_successor(tmp_path)
    size = len(begun.rstrip(b"\0"))
    bad = Damage(path=str(path), at=0, bytes=size, lost=0, reason=DamageReason.BAD_HEADER)
    chunk = drain(tmp_path, chunk.mark)
    assert (payloads(chunk), chunk.mark, chunk.damage) == ([b"next"], after, [bad])
    assert written.path.exists()


def test_a_header_lost_without_a_seal_loses_the_segment_but_not_its_bytes(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    written.damage(20, b"?")
    assert drain(tmp_path) == Chunk(records=[], mark=Mark(seq=FIRST), damage=[])
    add_successor(tmp_path)
    chunk = drain(tmp_path)
    end = written.marks[-1].at
    assert payloads(chunk) == [b"next"]
    assert chunk.damage == [damage(tmp_path, 0, end, None, DamageReason.BAD_HEADER)]
    (copy,) = (tmp_path / "quarantine").iterdir()
    assert copy.read_bytes() == written.path.read_bytes()[:end]


def test_a_segment_under_a_wrong_name_is_not_read_twice(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=True)
    segment_path(tmp_path, FIRST + 1).write_bytes(written.bytes)
    add_successor(tmp_path)
    chunk = drain(tmp_path)
    assert payloads(chunk) == [*ALL, b"next"]
    assert [found.reason for found in chunk.damage] == [DamageReason.BAD_HEADER]


def test_a_segment_that_is_gone_is_reported(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=True)
    add_successor(tmp_path)
    last = add_successor(tmp_path)
    segment_path(tmp_path, FIRST + 1).unlink()
    gone = str(segment_path(tmp_path, FIRST + 1))
    missing = Damage(path=gone, at=0, bytes=0, lost=None, reason=DamageReason.MISSING)
    chunk = drain(tmp_path)
    assert (payloads(chunk), chunk.damage, chunk.mark) == ([*ALL, b"next"], [missing], last)
    assert drain(tmp_path, Mark(seq=FIRST + 1, at=90, off=2)).damage == [missing]
    written.path.unlink()
    assert drain(tmp_path).damage == []  # Mark() does not say where the folder began


def test_a_segment_removed_while_it_was_listed_is_a_segment_that_is_gone(tmp_path: Path) -> None:
    Written(tmp_path, sealed=True)
    segment_path(tmp_path, FIRST + 1).symlink_to("removed")
    add_successor(tmp_path)
    assert [segment.seq for segment in segments(tmp_path)] == [FIRST, FIRST + 2]
    chunk = drain(tmp_path)
    assert payloads(chunk) == [*ALL, b"next"]
    assert [found.reason for found in chunk.damage] == [DamageReason.MISSING]


def test_a_mark_behind_the_end_goes_on_in_the_next_segment(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    end = written.marks[-1]
    written.path.write_bytes(written.bytes[: written.marks[2].at])  # a power cut took the rest
    assert drain(tmp_path, end) == Chunk(records=[], mark=end, damage=[])
    after = add_successor(tmp_path)
    chunk = drain(tmp_path, end)
    assert (payloads(chunk), chunk.mark, chunk.damage) == ([b"next"], after, [])


def test_committed_data_that_is_damaged_or_gone_never_stops_the_reader(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    until = written.marks[4]
    start, end = written.frame(3)
    for bytes_ in (
        written.bytes[:start] + bytes(end - start),
        written.bytes[:start] + b"?" * (end - start),
        written.bytes[:start],
    ):
        written.path.write_bytes(bytes_)
        chunk = drain(tmp_path, until=until)
        assert (payloads(chunk), chunk.mark) == (ALL[:4], until)
        assert chunk.damage == [damage(tmp_path, start, end - start, 3, DamageReason.CORRUPT)]
    written.damage(0, bytes(64))
    assert drain(tmp_path, until=until).damage == [
        damage(tmp_path, 0, end, 7, DamageReason.BAD_HEADER)
    ]
    written.path.unlink()
    chunk = drain(tmp_path, Mark(seq=FIRST), until=until)
    assert chunk.damage == [damage(tmp_path, 0, 0, 7, DamageReason.MISSING)]
    assert chunk.mark == until


def test_a_frame_that_ends_behind_until_is_not_read(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=True)
    end = written.marks[2]
    until = Mark(seq=end.seq, at=end.at + 40, off=end.off + 1)
    chunk = drain(tmp_path, until=until)
    assert (payloads(chunk), chunk.mark) == (ALL[: end.off], until)
    assert chunk.damage == [damage(tmp_path, end.at, 40, 1, DamageReason.CORRUPT)]


def test_a_reader_waits_before_a_frame_of_a_newer_freehold(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=False)
    (segment,) = segments(tmp_path)
    end = written.marks[-1]
    salt = int.from_bytes(written.bytes[56:60], "little")
    (body,) = pack([b"compressed"])
    newer = encode_frame(body, first_off=end.off, written_at=0, salt=salt, flags=2)
    written.damage(end.at, newer)
    add_successor(tmp_path)
    chunk = drain(tmp_path)
    assert (payloads(chunk), chunk.mark, chunk.damage) == (ALL, end, [])
    assert chunk.is_stopped
    assert segment.seq == FIRST


def test_a_reader_waits_before_a_segment_of_a_newer_freehold(tmp_path: Path) -> None:
    written = Written(tmp_path, sealed=True)
    fields = bytearray(written.bytes[:60])
    fields[8] = 2
    written.damage(0, bytes(fields) + zlib.crc32(fields).to_bytes(4, "little"))
    add_successor(tmp_path)
    stopped = Chunk(records=[], mark=Mark(seq=FIRST), damage=[], is_stopped=True)
    assert drain(tmp_path) == stopped


def test_a_live_segment_is_searched_only_so_far(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, now=now)
    start = writer.write([b"one"]).at
    for _ in range(4):
        end = writer.write([b"x" * 1_000_000]).at
    writer.write([b"two"])
    with segments(tmp_path)[0].path.open("r+b") as file:
        file.seek(start)
        file.write(b"?" * (end - start))
    assert (payloads(drain(tmp_path)), drain(tmp_path).damage) == ([b"one"], [])
    writer.close()
    add_successor(tmp_path)
    chunk = drain(tmp_path)
    assert payloads(chunk) == [b"one", b"two", b"next"]
    assert chunk.damage == [damage(tmp_path, start, end - start, 4, DamageReason.CORRUPT)]
