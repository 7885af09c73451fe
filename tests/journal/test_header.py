from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from server.journal.header import SegmentHeader, decode_header, encode_header, new_header

HEADER = SegmentHeader(
    seq=1_767_225_600,
    src=0x1122334455667788,
    slot=3,
    created_at=1_767_225_600_123,
    boot=bytes(range(16)),
    salt=0xDEADBEEF,
)


def test_the_layout_of_a_header_is_final() -> None:
    assert encode_header(HEADER).hex(" ", 4) == (
        "f546484a 524e4c0a 01000300 00000000 00b95569 00000000 88776655 44332211"
        " 7ba8da76 9b010000 00010203 04050607 08090a0b 0c0d0e0f efbeadde 9abe5406"
    )


@given(
    st.builds(
        SegmentHeader,
        seq=st.integers(1, 2**64 - 1),
        src=st.integers(1, 2**64 - 1),
        slot=st.integers(0, 2**16 - 1),
        created_at=st.integers(0, 2**64 - 1),
        boot=st.binary(min_size=16, max_size=16),
        salt=st.integers(0, 2**32 - 1),
        version=st.integers(0, 2**16 - 1),
        flags=st.integers(0, 2**32 - 1),
    )
)
def test_a_header_survives_encoding(header: SegmentHeader) -> None:
    assert decode_header(encode_header(header)) == header


def test_every_flipped_bit_of_a_header_is_detected() -> None:
    data = encode_header(HEADER)
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        assert decode_header(bytes(flipped)) is None


def test_every_cut_header_is_detected() -> None:
    data = encode_header(HEADER)
    assert [decode_header(data[:end]) for end in range(64)] == [None] * 64
    assert decode_header(bytes(64)) is None


def test_a_header_of_a_newer_version_is_recognised_but_not_readable() -> None:
    fields = bytearray(encode_header(HEADER)[:60])
    fields[8] = 2
    header = decode_header(bytes(fields) + zlib.crc32(fields).to_bytes(4, "little"))
    assert header is not None
    assert (header.version, header.is_readable, HEADER.is_readable) == (2, False, True)


def test_segments_have_different_sources_and_salts() -> None:
    headers = [new_header(seq=1, slot=0, created_at=0, boot=bytes(16)) for _ in range(50)]
    assert len({header.src for header in headers} - {0}) == 50
    assert len({header.salt for header in headers}) == 50
