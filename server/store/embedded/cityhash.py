"""CityHash128 of Google's version 1.0.2: the checksum of ClickHouse's compressed blocks.

Later versions of CityHash give other values. Pure Python, 8 MB/s of what is compressed already.
https://github.com/ClickHouse/ClickHouse/tree/master/contrib/cityhash102
"""

from __future__ import annotations

import struct
from typing import TypeAlias

_K0, _K1 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273
_K2, _K3 = 0x9AE16A3B2F90404F, 0xC949D7C7509E6557
_MUL = 0x9DDFEA08EB382D69
_M = (1 << 64) - 1

Pair: TypeAlias = tuple[int, int]


def cityhash128(data: bytes) -> bytes:
    """Sixteen bytes, the low half first, as they stand before a compressed block."""
    length = len(data)
    if length >= 16:
        seed = (_u64(data, 0) ^ _K3, _u64(data, 8))
        low, high = _with_seed(data[16:], seed)
    elif length >= 8:
        seed = (_u64(data, 0) ^ (length * _K0 & _M), _u64(data, length - 8) ^ _K1)
        low, high = _with_seed(b"", seed)
    else:
        low, high = _with_seed(data, (_K0, _K1))
    return struct.pack("<QQ", low, high)


def _u64(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _rotated(value: int, by: int) -> int:
    return (value >> by | value << (64 - by)) & _M if by else value


def _mixed(value: int) -> int:
    return value ^ value >> 47


def _of_pair(low: int, high: int) -> int:
    a = _mixed((low ^ high) * _MUL & _M)
    b = _mixed((high ^ a) * _MUL & _M)
    return b * _MUL & _M


def _of_at_most_16(data: bytes) -> int:
    length = len(data)
    if length > 8:
        a, b = _u64(data, 0), _u64(data, length - 8)
        return _of_pair(a, _rotated((b + length) & _M, length)) ^ b
    if length >= 4:
        return _of_pair((length + (_u32(data, 0) << 3)) & _M, _u32(data, length - 4))
    if length > 0:
        y = data[0] + (data[length >> 1] << 8)
        z = length + (data[length - 1] << 2)
        return _mixed((y * _K2 ^ z * _K3) & _M) * _K2 & _M
    return _K2


def _weak(words: tuple[int, int, int, int], a: int, b: int) -> Pair:
    w, x, y, z = words
    a = a + w & _M
    b = _rotated(b + a + z & _M, 21)
    c = a
    a = a + x + y & _M
    return a + z & _M, b + _rotated(a, 44) + c & _M


def _words(data: bytes, at: int) -> tuple[int, int, int, int]:
    return struct.unpack_from("<4Q", data, at)


def _murmur(data: bytes, seed: Pair) -> Pair:
    (a, b), length = seed, len(data)
    if length <= 16:
        a = _mixed(a * _K1 & _M) * _K1 & _M
        c = b * _K1 + _of_at_most_16(data) & _M
        d = _mixed(a + (_u64(data, 0) if length >= 8 else c) & _M)
    else:
        c = _of_pair(_u64(data, length - 8) + _K1 & _M, a)
        d = _of_pair(b + length & _M, c + _u64(data, length - 16) & _M)
        a = a + d & _M
        for at in range(0, length - 16, 16):
            a = (a ^ _mixed(_u64(data, at) * _K1 & _M) * _K1) * _K1 & _M
            b ^= a
            c = (c ^ _mixed(_u64(data, at + 8) * _K1 & _M) * _K1) * _K1 & _M
            d ^= c
    a, b = _of_pair(a, c), _of_pair(d, b)
    return a ^ b, _of_pair(b, a)


def _with_seed(data: bytes, seed: Pair) -> Pair:
    length = len(data)
    if length < 128:
        return _murmur(data, seed)
    x, y = seed
    z = length * _K1 & _M
    first = _rotated(y ^ _K1, 49) * _K1 + _u64(data, 0) & _M
    v = (first, _rotated(first, 42) * _K1 + _u64(data, 8) & _M)
    w = (
        _rotated(y + z & _M, 35) * _K1 + x & _M,
        _rotated(x + _u64(data, 88) & _M, 53) * _K1 & _M,
    )
    at = 0
    while length - at >= 128:
        for start in (at, at + 64):
            left, right = _words(data, start), _words(data, start + 32)
            x = _rotated(x + y + v[0] + left[2] & _M, 37) * _K1 & _M
            y = _rotated(y + v[1] + right[2] & _M, 42) * _K1 & _M
            x, y = x ^ w[1], y ^ v[0]
            z = _rotated(z ^ w[0], 33)
            v = _weak(left, v[1] * _K1 & _M, x + w[0] & _M)
            w = _weak(right, z + w[1] & _M, y)
            x, z = z, x
        at += 128
    return _ended(data, length - at, (x, y, z), v, w)


def _ended(data: bytes, left: int, xyz: tuple[int, int, int], v: Pair, w: Pair) -> Pair:
    """The last bytes, in steps of 32 from the end."""
    (x, y, z), length = xyz, len(data)
    y = y + _rotated(w[0], 37) * _K0 + z & _M
    x = x + _rotated(v[0] + z & _M, 49) * _K0 & _M
    for done in range(32, left + 32, 32):
        y = _rotated(y - x & _M, 42) * _K0 + v[1] & _M
        w0 = w[0] + _u64(data, length - done + 16) & _M
        x = _rotated(x, 49) * _K0 + w0 & _M
        w = (w0 + v[0] & _M, w[1])
        v = _weak(_words(data, length - done), v[0], v[1])
    x, y = _of_pair(x, v[0]), _of_pair(y, w[0])
    return _of_pair(x + v[1] & _M, w[1]) + y & _M, _of_pair(x + w[1] & _M, y + v[1] & _M)
