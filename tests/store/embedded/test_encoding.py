from __future__ import annotations

import gzip
import zlib

import lz4.frame  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.store.embedded.encoding import Decoder, choose, compressor
from server.store.embedded.errors import StoreError

ENCODINGS = ["", "lz4", "zstd", "gzip", "deflate"]


def decode(encoding: str, chunks: list[bytes]) -> bytes:
    decoder = Decoder(encoding)
    decoded = b"".join(piece for chunk in chunks for piece in decoder.feed(chunk))
    decoder.finish()
    return decoded


@given(
    encoding=st.sampled_from(ENCODINGS),
    data=st.lists(st.binary(max_size=300), max_size=5),
    cut=st.integers(1, 50),
)
def test_what_is_encoded_comes_back_whatever_the_chunks(
    encoding: str, data: list[bytes], cut: int
) -> None:
    packer = compressor(encoding)
    packed = b"".join([*map(packer.compress, data), packer.flush()])
    chunks = [packed[at : at + cut] for at in range(0, len(packed), cut)]
    assert decode(encoding, chunks) == b"".join(data)


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip"])
def test_a_body_may_be_several_frames(encoding: str) -> None:
    frames = b""
    for part in (b"one ", b"two"):
        packer = compressor(encoding)
        frames += packer.compress(part) + packer.flush()
    assert decode(encoding, [frames]) == b"one two"
    assert decode(encoding, [frames[:9], frames[9:]]) == b"one two"


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(64 << 20))),
        ("deflate", zlib.compress(bytes(64 << 20))),
        ("lz4", lz4.frame.compress(bytes(64 << 20))),
    ],
)
def test_a_bomb_comes_in_small_pieces(encoding: str, bomb: bytes) -> None:
    sizes = [len(piece) for piece in Decoder(encoding).feed(bomb)]
    assert sum(sizes) == 64 << 20
    assert max(sizes) <= 1 << 20


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip", "deflate"])
def test_a_body_that_ends_too_early_is_refused(encoding: str) -> None:
    packer = compressor(encoding)
    packed = packer.compress(b"x" * 1000) + packer.flush()
    with pytest.raises(StoreError, match="ends too early"):
        decode(encoding, [packed[:-5]])


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip", "deflate"])
def test_a_body_that_is_something_else_is_refused(encoding: str) -> None:
    with pytest.raises(StoreError) as refused:
        decode(encoding, [b"SELECT 1 SELECT 1 SELECT 1"])
    assert refused.value.code == 271


def test_an_empty_body_is_empty_in_every_encoding() -> None:
    assert [decode(encoding, [b""]) for encoding in ENCODINGS] == [b""] * len(ENCODINGS)


def test_unknown_encodings_are_refused_by_name() -> None:
    with pytest.raises(StoreError, match="br is not supported; lz4, zstd, gzip, deflate are"):
        Decoder("br")


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip, deflate, br, zstd", "zstd"),
        ("lz4,zstd,gzip,deflate", "lz4"),
        ("GZIP;q=0.5, br", "gzip"),
        ("gzip;q=0, deflate; q=1", "deflate"),
        ("br", ""),
    ],
)
def test_the_fastest_of_what_is_accepted_is_chosen(accepted: str, expected: str) -> None:
    assert choose(accepted) == expected
