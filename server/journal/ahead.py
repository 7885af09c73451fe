"""What lies between two marks of a folder, told by the frames' headers: bodies are not looked at,
so it costs little. For whoever watches a reader, beside the reader.

A segment's seal says how many positions were given out in it; its frames say how many records are
there. Of segments between the first and the last the seal is believed in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from server.journal.folder import segment_numbers, segment_path
from server.journal.frame import HEAD_BYTES, SEAL_BYTES, Head, decode_head
from server.journal.header import HEADER_BYTES
from server.journal.record import Mark
from server.journal.scan import Scan


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader still has before it."""

    records: int = 0  # in whole frames
    numbered: int = 0  # positions given out: more than `records` when some cannot be found
    bytes: int = 0
    oldest_at: int = 0  # when the first of it was written, in ms; 0 when there is nothing


def ahead(folder: Path, start: Mark, until: Mark | None = None) -> Ahead:
    """Return what lies from `start` to `until`, or to the end of what is written.

    Raises OSError: FileNotFoundError when a segment was removed meanwhile.
    """
    total = Ahead()
    spans = _spans(folder, start, until)
    for span in spans:
        with Scan(segment_path(folder, span.seq), span.seq) as scan:
            part = _part(scan, span, is_between=span not in (spans[0], spans[-1]))
        total = Ahead(
            records=total.records + part.records,
            numbered=total.numbered + part.numbered,
            bytes=total.bytes + part.bytes,
            oldest_at=total.oldest_at or part.oldest_at,
        )
    return total


def numbered(folder: Path, start: Mark, end: Mark) -> int:
    """Return how many positions were given out between two marks."""
    if start.seq == end.seq:
        return end.off - start.off
    return ahead(folder, start, end).numbered


class _Span(msgspec.Struct, frozen=True, kw_only=True):
    """A part of one segment: from `at`, where record `off` is next, to `stop` or its end."""

    seq: int
    at: int = HEADER_BYTES
    off: int = 0
    stop: int | None = None
    last_off: int | None = None  # at `stop`
    is_live: bool = False


def _spans(folder: Path, start: Mark, until: Mark | None) -> list[_Span]:
    numbers = segment_numbers(folder)
    found = []
    for seq in numbers:
        if seq < start.seq or (until is not None and seq > until.seq):
            continue
        is_first, is_last = seq == start.seq, until is not None and seq == until.seq
        found.append(
            _Span(
                seq=seq,
                at=max(HEADER_BYTES, start.at) if is_first else HEADER_BYTES,
                off=start.off if is_first else 0,
                stop=until.at if until is not None and is_last else None,
                last_off=until.off if until is not None and is_last else None,
                is_live=seq == numbers[-1] and not is_last,
            )
        )
    return found


def _part(scan: Scan, span: _Span, *, is_between: bool) -> Ahead:
    sealed = _seal(scan) if span.stop is None else None
    if sealed is not None and is_between:
        first = next(_heads(scan, span), None)
        return Ahead(
            records=sealed.first_off,
            numbered=sealed.first_off,
            bytes=scan.size - HEADER_BYTES,
            oldest_at=first[1].written_at if first else 0,
        )
    records = size = oldest_at = 0
    last_off = span.off
    for at, head in _heads(scan, span):
        if sealed is None and span.stop is None and _is_torn(scan, at, head):
            break
        oldest_at = oldest_at or head.written_at
        records += head.n
        size += HEAD_BYTES + head.body_bytes
        last_off = head.first_off + head.n
    if span.last_off is not None:
        last_off = span.last_off
    elif sealed is not None:
        last_off = sealed.first_off
    return Ahead(records=records, numbered=last_off - span.off, bytes=size, oldest_at=oldest_at)


def _is_torn(scan: Scan, at: int, head: Head) -> bool:
    """True when a frame that nothing follows was cut short by a crash: a reader passes it by."""
    is_last = scan.is_blank(at + HEAD_BYTES + head.body_bytes)
    return is_last and scan.frame_at(at) is None


def _seal(scan: Scan) -> Head | None:
    """The seal at the end of a finished segment."""
    if scan.header is None:
        return None
    data = scan.read(max(0, scan.size - SEAL_BYTES), HEAD_BYTES)
    head = decode_head(data, scan.header.salt)
    return head if head is not None and head.is_seal else None


def _heads(scan: Scan, span: _Span) -> Iterator[tuple[int, Head]]:
    """Each frame's place and header; over damage as the reader goes, from whole frame to whole
    frame."""
    at, off = span.at, span.off
    end = scan.size if span.stop is None else span.stop
    while scan.header is not None and scan.header.is_readable and at < end:
        head = decode_head(scan.read(at, HEAD_BYTES), scan.header.salt)
        if head is None or head.first_off != off:
            if span.is_live and scan.is_blank(at):
                return
            found = scan.find_frame(at + (head is not None), end, off)
            if found is None:
                return
            at, head = found.at, found.head
        if head.is_seal or not head.is_known:
            return
        yield at, head
        at, off = at + HEAD_BYTES + head.body_bytes, head.first_off + head.n
