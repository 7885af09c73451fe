"""Frames, from payloads to bytes and back, as drawn in the package's docstring. No I/O."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence

import msgspec

from server.journal.header import HEADER_BYTES, SegmentHeader, decode_header, encode_header

MAGIC = b"\xf5fhf"
HEAD_BYTES = 32
MAX_FRAME_BYTES = 1024 * 1024
MAX_RECORD_BYTES = MAX_FRAME_BYTES - HEAD_BYTES - 4
# The field holds 65,535; fewer keep a reader's `max_records` exact, since it takes whole frames.
MAX_FRAME_RECORDS = 4096

# Flags; a reader stops before a frame with a bit that it does not know.
SEALED = 1
ZSTD = 2  # reserved: the body is compressed
ENCRYPTED = 4  # reserved: the body is encrypted

_HEAD = struct.Struct("<4sIIHHQI")
_U32 = struct.Struct("<I")
_TOTALS = struct.Struct("<IQ")
SEAL_BYTES = HEAD_BYTES + HEADER_BYTES + _TOTALS.size


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What one frame will hold, before it is known where the frame goes."""

    n: int
    data: bytes

    @property
    def frame_bytes(self) -> int:
        return HEAD_BYTES + len(self.data)


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A frame's own header, already checked."""

    body_bytes: int
    first_off: int
    n: int
    flags: int
    written_at: int
    body_crc: int

    @property
    def is_known(self) -> bool:
        return self.flags in (0, SEALED)

    @property
    def is_seal(self) -> bool:
        return self.flags == SEALED


def pack(payloads: Sequence[bytes]) -> list[Body]:
    """Spread payloads over as few frames as the limits allow, in order.

    Raises ValueError for a payload over MAX_RECORD_BYTES, before anything is written.
    """
    return [_body(group) for group in _groups(payloads)]


def encode_frame(
    body: Body, *, first_off: int, written_at: int, salt: int, flags: int = 0
) -> bytes:
    fields = _HEAD.pack(
        MAGIC,
        len(body.data),
        first_off,
        body.n,
        flags,
        written_at,
        zlib.crc32(body.data, salt),
    )
    return fields + _U32.pack(zlib.crc32(fields, salt)) + body.data


def encode_seal(header: SegmentHeader, *, off: int, at: int, frames: int, written_at: int) -> bytes:
    """The last frame of a segment: its totals and a second copy of its header."""
    data = encode_header(header) + _TOTALS.pack(frames, at)
    return encode_frame(
        Body(n=0, data=data),
        first_off=off,
        written_at=written_at,
        salt=header.salt,
        flags=SEALED,
    )


def decode_head(data: bytes, salt: int) -> Head | None:
    """Return None unless these are the 32 bytes of a frame of the segment with this salt."""
    if len(data) != HEAD_BYTES or not data.startswith(MAGIC):
        return None
    fields, crc = data[: _HEAD.size], data[_HEAD.size :]
    if _U32.pack(zlib.crc32(fields, salt)) != crc:
        return None
    _, body_bytes, first_off, n, flags, written_at, body_crc = _HEAD.unpack(fields)
    return Head(
        body_bytes=body_bytes,
        first_off=first_off,
        n=n,
        flags=flags,
        written_at=written_at,
        body_crc=body_crc,
    )


def decode_body(head: Head, data: bytes, salt: int) -> list[bytes] | None:
    """Return the payloads, none for a seal or an unknown frame; None when bytes are damaged."""
    if len(data) != head.body_bytes or zlib.crc32(data, salt) != head.body_crc:
        return None
    if head.is_seal or not head.is_known:
        return []
    payloads = []
    end = 0
    while end + 4 <= len(data):
        start = end + 4
        end = start + _U32.unpack_from(data, end)[0]
        payloads.append(data[start:end])
    # CRCs hold, so only a faulty writer fails here; its frame is worth no more than a torn one.
    return payloads if end == len(data) and len(payloads) == head.n else None


def decode_seal(data: bytes) -> SegmentHeader | None:
    """Return the header's copy when these are the last bytes of a sealed segment."""
    header = decode_header(data[HEAD_BYTES : HEAD_BYTES + HEADER_BYTES])
    if header is None:
        return None
    head = decode_head(data[:HEAD_BYTES], header.salt)
    if head is None or not head.is_seal:
        return None
    return None if decode_body(head, data[HEAD_BYTES:], header.salt) is None else header


def _groups(payloads: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    start = size = 0
    for index, payload in enumerate(payloads):
        if len(payload) > MAX_RECORD_BYTES:
            raise ValueError(f"a record of {len(payload)} bytes; at most {MAX_RECORD_BYTES} fit")
        size += 4 + len(payload)
        if size > MAX_FRAME_BYTES - HEAD_BYTES or index - start == MAX_FRAME_RECORDS:
            yield payloads[start:index]
            start, size = index, 4 + len(payload)
    if start < len(payloads):
        yield payloads[start:]


def _body(payloads: Sequence[bytes]) -> Body:
    parts: list[bytes] = []
    for payload in payloads:
        parts.append(_U32.pack(len(payload)))
        parts.append(payload)
    return Body(n=len(payloads), data=b"".join(parts))
