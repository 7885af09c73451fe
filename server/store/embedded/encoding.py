"""Content-Encoding, in and out: lz4, zstd, gzip, deflate; both directions in bounded pieces."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import lz4.frame  # type: ignore[import-untyped]

from server.store.embedded.blocks import BlockCompressor, BlockDecoder
from server.store.embedded.errors import (
    CANNOT_DECOMPRESS,
    QUERY_IS_NOT_SUPPORTED,
    refusal,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PIECE = 1 << 20


class Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Plain:
    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


class _Lz4:
    def __init__(self) -> None:
        self._frame = lz4.frame.LZ4FrameCompressor()
        self._begin = self._frame.begin()

    def compress(self, data: bytes, /) -> bytes:
        begin, self._begin = self._begin, b""
        return bytes(begin + self._frame.compress(data))

    def flush(self) -> bytes:
        return bytes(self._begin + self._frame.flush())


# Fast ones first: the client is usually on this machine.
_COMPRESSORS: dict[str, Callable[[], Compressor]] = {
    "lz4": _Lz4,
    "zstd": lambda: zstd.ZstdCompressor(level=1),
    "gzip": lambda: zlib.compressobj(level=1, wbits=31),
    "deflate": lambda: zlib.compressobj(level=1, wbits=15),
}


def choose(accepted: str) -> str:
    """The Content-Encoding to answer with, `""` for none."""
    offers = {}
    for offer in accepted.lower().split(","):
        name, _, weight = offer.partition(";")
        offers[name.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0")
    return next((name for name in _COMPRESSORS if offers.get(name)), "")


def compressor(encoding: str, *, in_blocks: bool = False) -> Compressor:
    outer = _COMPRESSORS[encoding]() if encoding else _Plain()
    return _Chain(BlockCompressor(), outer) if in_blocks else outer


class _Chain:
    def __init__(self, inner: Compressor, outer: Compressor) -> None:
        self._inner = inner
        self._outer = outer

    def compress(self, data: bytes, /) -> bytes:
        return self._outer.compress(self._inner.compress(data))

    def flush(self) -> bytes:
        return self._outer.compress(self._inner.flush()) + self._outer.flush()


class Decoder:
    """Decodes a body that arrives in chunks, and yields it in pieces of a bounded size."""

    def __init__(self, encoding: str, *, in_blocks: bool = False) -> None:
        if encoding not in ("", "identity", *_COMPRESSORS):
            raise refusal(
                QUERY_IS_NOT_SUPPORTED,
                f"Content-Encoding: {encoding} is not supported; {', '.join(_COMPRESSORS)} are",
            )
        self._encoding = "" if encoding == "identity" else encoding
        self._blocks = BlockDecoder() if in_blocks else None
        self._started = False
        self._inner = self._fresh()

    def feed(self, data: bytes) -> Iterator[bytes]:
        for piece in self._decoded(data):
            if self._blocks is None:
                yield piece
            else:
                yield from self._blocks.feed(piece)

    def _decoded(self, data: bytes) -> Iterator[bytes]:
        if not self._encoding:
            yield data
            return
        self._started = self._started or bool(data)
        try:
            yield from self._pieces(data)
        except (RuntimeError, zlib.error, zstd.ZstdError) as error:
            raise refusal(CANNOT_DECOMPRESS, f"The body is not {self._encoding}: {error}") from None

    def finish(self) -> None:
        if self._encoding and self._started and not self._inner.eof:
            raise refusal(CANNOT_DECOMPRESS, f"The {self._encoding} body ends too early")
        if self._blocks is not None:
            self._blocks.finish()

    def _fresh(self) -> zlib._Decompress | zstd.ZstdDecompressor | lz4.frame.LZ4FrameDecompressor:
        if self._encoding == "lz4":
            return lz4.frame.LZ4FrameDecompressor()
        if self._encoding == "zstd":
            return zstd.ZstdDecompressor()
        return zlib.decompressobj(wbits=47)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        """clickhouse-connect compresses each block as a frame of its own, so frames follow on."""
        while data or not self._wants_input():
            if self._inner.eof:
                self._inner = self._fresh()
            piece = self._inner.decompress(data, _PIECE)
            if piece:
                yield piece
            if self._inner.eof:
                data = self._inner.unused_data or b""
            elif isinstance(self._inner, zstd.ZstdDecompressor | lz4.frame.LZ4FrameDecompressor):
                data = b""
            else:
                data = self._inner.unconsumed_tail

    def _wants_input(self) -> bool:
        if self._inner.eof:
            return True
        return bool(getattr(self._inner, "needs_input", True))
