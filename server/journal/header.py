"""The 64 bytes that begin a segment, as drawn in the package's docstring."""

from __future__ import annotations

import secrets
import struct
import zlib

import msgspec

MAGIC = b"\xf5FHJRNL\n"  # 0xf5 is in no UTF-8 text, and "\n" shows a transfer in text mode
VERSION = 1
HEADER_BYTES = 64

_FIELDS = struct.Struct("<8sHHIQQQ16sI")
_CRC = struct.Struct("<I")


class SegmentHeader(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    src: int
    slot: int
    created_at: int
    boot: bytes  # 16 bytes, the same in all segments of one writer's life
    salt: int
    version: int = VERSION
    flags: int = 0

    @property
    def is_readable(self) -> bool:
        """False for a segment of a newer format, which is whole but not ours to judge."""
        return self.version == VERSION and self.flags == 0


def new_header(*, seq: int, slot: int, created_at: int, boot: bytes) -> SegmentHeader:
    """Draw the source and the salt of a segment that is about to be created."""
    return SegmentHeader(
        seq=seq,
        src=secrets.randbits(64) or 1,
        slot=slot,
        created_at=created_at,
        boot=boot,
        salt=secrets.randbits(32),
    )


def encode_header(header: SegmentHeader) -> bytes:
    fields = _FIELDS.pack(
        MAGIC,
        header.version,
        header.slot,
        header.flags,
        header.seq,
        header.src,
        header.created_at,
        header.boot,
        header.salt,
    )
    return fields + _CRC.pack(zlib.crc32(fields))


def decode_header(data: bytes) -> SegmentHeader | None:
    """Return None for anything but 64 bytes that a writer wrote."""
    if len(data) != HEADER_BYTES or not data.startswith(MAGIC):
        return None
    fields, crc = data[: _FIELDS.size], data[_FIELDS.size :]
    if _CRC.pack(zlib.crc32(fields)) != crc:
        return None
    _, version, slot, flags, seq, src, created_at, boot, salt = _FIELDS.unpack(fields)
    return SegmentHeader(
        seq=seq,
        src=src,
        slot=slot,
        created_at=created_at,
        boot=boot,
        salt=salt,
        version=version,
        flags=flags,
    )
