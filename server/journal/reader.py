"""Reads a folder from a mark on, over segments and past damage; holds no state between calls."""

from __future__ import annotations

import bisect
from pathlib import Path

import msgspec

from server.journal.folder import make_folder, segment_numbers, segment_path
from server.journal.frame import MAX_FRAME_BYTES
from server.journal.header import HEADER_BYTES
from server.journal.record import Damage, DamageReason, Mark, Record
from server.journal.scan import Frame, Scan

# How far behind a bad frame of a live segment to look at each poll; all of it once it is finished.
_LIVE_SEARCH_BYTES = 2 * MAX_FRAME_BYTES


class Chunk(msgspec.Struct, kw_only=True):
    """What was read: `mark` is where to go on, and covers the records and the damage."""

    records: list[Record]
    mark: Mark
    damage: list[Damage]
    # What follows was written by a newer Freehold. It is whole, and waits for a newer reader.
    is_stopped: bool = False


def read(
    folder: Path,
    start: Mark,
    *,
    until: Mark | None = None,
    max_records: int = 20_000,
    max_bytes: int = 16 * 1024 * 1024,
) -> Chunk:
    """Return the records from `start` on, in whole frames, never any past `until`.

    At least one frame is returned when there is one, whatever the limits. An unfinished end of the
    newest segment is not damage: the mark stays before it. Raises OSError, never because of bytes.
    """
    walk = _Walk(folder, start, until)
    walk.go(max_records, max_bytes)
    return walk.chunk


class _Walk:
    """One call of `read`: its state is the chunk so far."""

    def __init__(self, folder: Path, start: Mark, until: Mark | None) -> None:
        self.chunk = Chunk(records=[], mark=start, damage=[])
        self._folder = folder
        self._until = until
        # Listed before any is read: a segment with a successor here is finished.
        self._numbers = segment_numbers(folder)
        self._body_bytes = 0

    def go(self, max_records: int, max_bytes: int) -> None:
        going = True
        while going and self._is_before_until():
            seq = self.chunk.mark.seq
            if seq not in self._numbers:
                going = self._move_on()
                continue
            try:
                scan = Scan(segment_path(self._folder, seq), seq)
            except FileNotFoundError:  # removed since it was listed
                self._numbers.remove(seq)
                continue
            with scan:
                going = self._read(scan, max_records, max_bytes)

    def _read(self, scan: Scan, max_records: int, max_bytes: int) -> bool:
        """Read one segment from the mark on; True when the mark has moved to a later one."""
        if scan.header is None:
            return self._skip(scan)
        if not scan.header.is_readable:
            self.chunk.is_stopped = True
            return False
        self._enter(scan)
        while self._is_before_until():
            frame = self._frame(scan)
            if frame is None or self._is_past_until(frame):
                return self._end(scan)
            if frame.head.is_seal:
                return self._move_on()
            if not frame.head.is_known:
                self.chunk.is_stopped = True
                return False
            records = len(self.chunk.records) + frame.head.n
            size = self._body_bytes + frame.head.body_bytes
            if self.chunk.records and (records > max_records or size > max_bytes):
                return False
            self._take(frame, scan.header.src)
        return False

    def _enter(self, scan: Scan) -> None:
        mark = self.chunk.mark
        if mark.at < HEADER_BYTES:
            if scan.header_is_damaged:
                self._report(DamageReason.BAD_HEADER, HEADER_BYTES, 0, scan)
            self.chunk.mark = Mark(seq=mark.seq, at=HEADER_BYTES)

    def _take(self, frame: Frame, src: int) -> None:
        head = frame.head
        self.chunk.records += [
            Record(src=src, off=off, payload=payload)
            for off, payload in enumerate(frame.payloads, head.first_off)
        ]
        self._body_bytes += head.body_bytes
        seq = self.chunk.mark.seq
        self.chunk.mark = Mark(seq=seq, at=frame.end, off=head.first_off + head.n)

    def _frame(self, scan: Scan) -> Frame | None:
        """Return the next whole frame, with what lies between reported and passed."""
        mark = self.chunk.mark
        frame = scan.frame_at(mark.at)
        if frame is not None and frame.head.first_off == mark.off:
            return frame
        if self._is_live() and scan.is_blank(mark.at):
            return None
        found = scan.find_frame(mark.at, self._search_end(scan), mark.off)
        if found is None:
            return None
        # A live segment may have grown between the two looks.
        frame = scan.frame_again(mark.at)
        if frame is not None and frame.head.first_off == mark.off:
            return frame
        lost = found.head.first_off - mark.off
        self._report(DamageReason.CORRUPT, found.at, lost, scan)
        self.chunk.mark = Mark(seq=mark.seq, at=found.at, off=found.head.first_off)
        return found

    def _end(self, scan: Scan) -> bool:
        """Nothing whole follows the mark in this segment: wait, or go on behind it."""
        if self._until_is_here():
            return self._jump_to_until(DamageReason.CORRUPT, scan)
        if self._is_live():
            return False
        end = scan.used_end(self.chunk.mark.at)
        if end > self.chunk.mark.at:
            self._report(DamageReason.TORN_TAIL, end, 0, scan)
        return self._move_on()

    def _skip(self, scan: Scan) -> bool:
        """Pass over a segment whose header, and so its source and salt, cannot be read."""
        if self._until_is_here():
            return self._jump_to_until(DamageReason.BAD_HEADER, scan)
        if self._is_live():
            return False
        # A crash can leave a file that was never begun; only one with frames has lost something.
        lost = None if scan.has_magic() else 0
        self._report(DamageReason.BAD_HEADER, scan.used_end(self.chunk.mark.at), lost, scan)
        return self._move_on()

    def _move_on(self) -> bool:
        """Go to the beginning of the next segment, if there is one yet."""
        seq = self.chunk.mark.seq
        if seq not in self._numbers and self._until_is_here():
            return self._jump_to_until(DamageReason.MISSING, None)
        later = self._later()
        if later is None:
            return False
        expected = seq + 1 if seq in self._numbers else seq
        if seq and later > expected:
            self.chunk.mark = Mark(seq=expected)
            self._report(DamageReason.MISSING, 0, None, None)
        self.chunk.mark = Mark(seq=later)
        return True

    def _jump_to_until(self, reason: DamageReason, scan: Scan | None) -> bool:
        """What was committed is not there, and `until` tells how much it was."""
        assert self._until is not None
        self._report(reason, self._until.at, self._until.off - self.chunk.mark.off, scan)
        self.chunk.mark = self._until
        return False

    def _report(self, reason: DamageReason, end: int, lost: int | None, scan: Scan | None) -> None:
        """Note the damage from the mark to `end`, and keep a copy of it."""
        mark = self.chunk.mark
        path = segment_path(self._folder, mark.seq)
        size = end - mark.at if scan is not None else 0
        self.chunk.damage.append(
            Damage(path=str(path), at=mark.at, bytes=size, lost=lost, reason=reason)
        )
        if scan is not None and size > 0 and reason is not DamageReason.TORN_TAIL:
            quarantine = self._folder / "quarantine"
            make_folder(quarantine)
            scan.copy(mark.at, end, quarantine / f"{path.stem}-{mark.at}.bad")

    def _is_before_until(self) -> bool:
        return self._until is None or self.chunk.mark < self._until

    def _is_past_until(self, frame: Frame) -> bool:
        """True when `until` is no place between two frames: it was kept for another file."""
        return self._until is not None and self._until_is_here() and frame.end > self._until.at

    def _until_is_here(self) -> bool:
        return self._until is not None and self._until.seq == self.chunk.mark.seq

    def _is_live(self) -> bool:
        """True when bytes that are not whole may still become so."""
        return self._later() is None and not self._until_is_here()

    def _later(self) -> int | None:
        """Return the number after the mark's; one that `until` names counts before it exists."""
        seq = self.chunk.mark.seq
        index = bisect.bisect_right(self._numbers, seq)
        known = self._numbers[index : index + 1]
        if self._until is not None and self._until.seq > seq:
            known.append(self._until.seq)
        return min(known, default=None)

    def _search_end(self, scan: Scan) -> int:
        at = self.chunk.mark.at
        if self._until is not None and self._until_is_here():
            return self._until.at
        return at + _LIVE_SEARCH_BYTES if self._is_live() else scan.size
