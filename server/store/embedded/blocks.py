"""ClickHouse's own compressed blocks: `compress=1` and `decompress=1`, which JDBC drivers ask for.

checksum, 16 bytes   CityHash128 of all that follows
method, 1 byte       0x82 LZ4, 0x90 ZSTD, 0x02 none
size, 4 bytes        of the compressed data and these nine bytes of header
whole size, 4 bytes  of the data when unpacked
data
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator

import lz4.block  # type: ignore[import-untyped]

from server.store.embedded.cityhash import cityhash128
from server.store.embedded.errors import CANNOT_DECOMPRESS, refusal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_LZ4, _ZSTD, _NONE = 0x82, 0x90, 0x02
_CHECKSUM_BYTES, _HEADER = 16, struct.Struct("<BII")
_BLOCK_BYTES = 1 << 20
# Clients write blocks of at most 1 MiB; a larger one would have to be held whole.
_MAX_BYTES = 64 << 20


class BlockCompressor:
    def compress(self, data: bytes, /) -> bytes:
        starts = range(0, len(data), _BLOCK_BYTES)
        return b"".join(_block(data[start : start + _BLOCK_BYTES]) for start in starts)

    def flush(self) -> bytes:
        return b""


class BlockDecoder:
    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._buffer += data
        while (end := self._end_of_block()) and len(self._buffer) >= end:
            block = bytes(self._buffer[:end])
            del self._buffer[:end]
            yield _unpacked(block)

    def finish(self) -> None:
        if self._buffer:
            raise refusal(CANNOT_DECOMPRESS, "The last compressed block ends too early")

    def _end_of_block(self) -> int:
        """0 while its header is not there yet."""
        if len(self._buffer) < _CHECKSUM_BYTES + _HEADER.size:
            return 0
        method, size, whole = _HEADER.unpack_from(self._buffer, _CHECKSUM_BYTES)
        fits = _HEADER.size <= size <= _MAX_BYTES and whole <= _MAX_BYTES
        if method not in (_LZ4, _ZSTD, _NONE) or not fits:
            raise refusal(CANNOT_DECOMPRESS, "The body is not made of compressed blocks")
        return _CHECKSUM_BYTES + int(size)


def _block(data: bytes) -> bytes:
    packed = bytes(lz4.block.compress(data, store_size=False))
    body = _HEADER.pack(_LZ4, len(packed) + _HEADER.size, len(data)) + packed
    return cityhash128(body) + body


def _unpacked(block: bytes) -> bytes:
    body = block[_CHECKSUM_BYTES:]
    method, _, whole = _HEADER.unpack_from(body)
    packed = body[_HEADER.size :]
    if cityhash128(body) != block[:_CHECKSUM_BYTES]:
        raise refusal(CANNOT_DECOMPRESS, "A compressed block has a wrong checksum")
    try:
        if method == _LZ4:
            data = bytes(lz4.block.decompress(packed, uncompressed_size=whole))
        elif method == _ZSTD:
            data = zstd.ZstdDecompressor().decompress(packed, max_length=whole + 1)
        else:
            data = packed
    except (RuntimeError, ValueError, zstd.ZstdError, lz4.block.LZ4BlockError) as error:
        raise refusal(
            CANNOT_DECOMPRESS, f"A compressed block cannot be unpacked: {error}"
        ) from None
    if len(data) != whole:
        raise refusal(CANNOT_DECOMPRESS, "A compressed block has a wrong size")
    return data
