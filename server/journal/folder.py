"""A journal's folder: the names in it, what they are, and how finished ones go."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import msgspec

from server.journal.record import Mark
from server.journal.scan import Scan

_NAME = re.compile(r"(\d{12})\.j")


class SegmentInfo(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    src: int  # 0 when the header is unreadable; so is created_at
    created_at: int
    path: Path
    size: int  # bytes of the file; a live segment's includes what is preallocated


def segment_path(folder: Path, seq: int) -> Path:
    return folder / f"{seq:012}.j"


def segment_numbers(folder: Path) -> list[int]:
    """Return the numbers of the segments there, ascending; none for a folder that is not there."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted(int(match[1]) for match in map(_NAME.fullmatch, names) if match)


def segments(folder: Path) -> list[SegmentInfo]:
    """Describe the segments, in order."""
    found = []
    for seq in segment_numbers(folder):
        with contextlib.suppress(FileNotFoundError):  # removed since it was listed
            found.append(_describe(folder, seq))
    return found


def remove_before(folder: Path, mark: Mark) -> list[Path]:
    """Delete the segments wholly before the mark and return them.

    The newest always stays, for the numbers go on from it.
    """
    passed = [seq for seq in segment_numbers(folder)[:-1] if seq < mark.seq]
    paths = [segment_path(folder, seq) for seq in passed]
    if paths:
        # The mark may stand in a segment whose name is not synced yet. Were the removals to
        # outlive it in a power cut, the next writer would use numbers behind the mark.
        sync_folder(folder)
    for path in paths:
        path.unlink(missing_ok=True)
    return paths


def make_folder(folder: Path) -> None:
    """Create the folder for its owner alone, and its parents, so that a power cut leaves them."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    # Also when it is there: whoever made it may have died, or failed, before its name was synced.
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in the folder last: a synced file without a name is lost."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _describe(folder: Path, seq: int) -> SegmentInfo:
    path = segment_path(folder, seq)
    with Scan(path, seq) as scan:
        header = scan.header
        return SegmentInfo(
            seq=seq,
            src=header.src if header else 0,
            created_at=header.created_at if header else 0,
            path=path,
            size=scan.size,
        )
