from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.journal.frame import (
    HEAD_BYTES,
    MAX_FRAME_BYTES,
    MAX_FRAME_RECORDS,
    MAX_RECORD_BYTES,
    SEAL_BYTES,
    Body,
    decode_body,
    decode_head,
    decode_seal,
    encode_frame,
    encode_seal,
    pack,
)
from server.journal.header import SegmentHeader

SALT = 0xDEADBEEF
HEADER = SegmentHeader(
    seq=1, src=2, slot=3, created_at=4, boot=bytes(range(16)), salt=SALT, version=1
)


def frame(*payloads: bytes, flags: int = 0) -> bytes:
    (body,) = pack(payloads)
    return encode_frame(body, first_off=7, written_at=1_767_225_600_123, salt=SALT, flags=flags)


def decode(data: bytes, salt: int = SALT) -> list[bytes] | None:
    head = decode_head(data[:HEAD_BYTES], salt)
    return None if head is None else decode_body(head, data[HEAD_BYTES:], salt)


def test_the_layout_of_a_frame_is_final() -> None:
    assert frame(b"ab", b"").hex(" ", -4) == (
        "f5666866 0a000000 07000000 02000000 7ba8da76 9b010000 2f87de4b 0faf3b89"
        " 02000000 61620000 0000"
    )


def test_the_layout_of_a_seal_is_final() -> None:
    seal = encode_seal(HEADER, off=9, at=500, frames=4, written_at=1_767_225_600_123)
    assert seal.hex(" ", -4) == (
        "f5666866 4c000000 09000000 00000100 7ba8da76 9b010000 ae3eb59f f8385084"
        " f546484a 524e4c0a 01000300 00000000 01000000 00000000 02000000 00000000"
        " 04000000 00000000 00010203 04050607 08090a0b 0c0d0e0f efbeadde 966a4ee2"
        " 04000000 f4010000 00000000"
    )


@given(st.lists(st.binary(max_size=64), min_size=1, max_size=40))
def test_payloads_survive_encoding(payloads: list[bytes]) -> None:
    assert decode(frame(*payloads)) == payloads


def test_every_flipped_bit_of_a_frame_is_detected() -> None:
    data = frame(b"a hit", b"", b"another")
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        assert decode(bytes(flipped)) is None


def test_every_cut_frame_is_detected() -> None:
    data = frame(b"a hit", b"another")
    assert [decode(data[:end]) for end in range(len(data))] == [None] * len(data)


def test_a_frame_of_another_segment_is_not_a_frame_of_this_one() -> None:
    assert decode(frame(b"a hit"), SALT + 1) is None


def test_the_largest_record_fills_a_frame() -> None:
    (body,) = pack([b"x" * MAX_RECORD_BYTES])
    assert body.frame_bytes == MAX_FRAME_BYTES


def test_a_larger_record_is_refused() -> None:
    with pytest.raises(ValueError, match="1048541 bytes"):
        pack([b"", b"x" * (MAX_RECORD_BYTES + 1)])


def test_records_are_spread_over_frames_by_size_and_by_number() -> None:
    big = b"x" * (MAX_FRAME_BYTES // 2)
    assert [body.n for body in pack([big, big, b"", big])] == [1, 2, 1]
    assert [body.n for body in pack([b""] * (2 * MAX_FRAME_RECORDS + 1))] == [4096, 4096, 1]
    assert pack([]) == []


def test_sizes_that_do_not_add_up_make_no_records() -> None:
    for n, data in [(1, b"\x05\0\0\0four"), (2, b"\0\0\0\0"), (0, b"\0\0\0\0"), (1, b"\0\0\0\0x")]:
        body = Body(n=n, data=data)
        assert decode(encode_frame(body, first_off=0, written_at=0, salt=SALT)) is None


def test_a_seal_carries_the_header() -> None:
    seal = encode_seal(HEADER, off=9, at=500, frames=4, written_at=5)
    assert len(seal) == SEAL_BYTES
    assert decode_seal(seal) == HEADER
    assert decode(seal) == []
    assert decode_seal(frame(b"x" * (SEAL_BYTES - HEAD_BYTES - 4))) is None
    for at in range(len(seal)):
        assert decode_seal(seal[:at] + bytes([seal[at] ^ 1]) + seal[at + 1 :]) is None


@pytest.mark.parametrize("flags", [2, 4, 3, 8, 1 << 15])
def test_a_frame_with_an_unknown_flag_is_whole_but_not_read(flags: int) -> None:
    data = frame(b"compressed", flags=flags)
    head = decode_head(data[:HEAD_BYTES], SALT)
    assert head is not None
    assert (head.is_known, head.is_seal, head.n) == (False, False, 1)
    assert decode(data) == []


def test_the_checksum_of_a_frame_is_zlibs_crc_from_the_salt_on() -> None:
    data = frame(b"a hit")
    assert int.from_bytes(data[28:32], "little") == zlib.crc32(data[:28], SALT)
    assert int.from_bytes(data[24:28], "little") == zlib.crc32(data[32:], SALT)
