"""Writes a small MMDB, for tests: https://maxmind.github.io/MaxMind-DB/, 24-bit records, IPv6 tree.

search tree ▸ 16 zero bytes ▸ data section ▸ marker ▸ metadata
"""

from __future__ import annotations

import struct
from ipaddress import ip_network
from typing import Any

MARKER = b"\xab\xcd\xefMaxMind.com"
STRING, MAP, ARRAY = 2, 7, 11
UNSIGNED = {16: 5, 32: 6, 64: 9}

Node = list[Any]


def mmdb_of(records: dict[str, Any]) -> bytes:
    """The file of these networks (`1.2.3.0/24`) and their records."""
    root: Node = [None, None]
    data, offsets = b"", {}
    for network, record in records.items():
        offsets[network] = len(data)
        data += _encode(record)
        _insert(root, _bits(network), network)
    nodes = [root]
    for node in nodes:
        nodes.extend(side for side in node if isinstance(side, list))
    numbers = {id(node): number for number, node in enumerate(nodes)}
    tree = b"".join(
        _pointer(side, numbers, offsets).to_bytes(3, "big") for node in nodes for side in node
    )
    return tree + bytes(16) + data + MARKER + _encode(_metadata(len(nodes)))


def _bits(network: str) -> str:
    """An IPv4 network lies in the IPv6 tree under ninety-six zeros."""
    known = ip_network(network)
    bits = f"{int(known.network_address):0{known.max_prefixlen}b}"[: known.prefixlen]
    return "0" * (128 - known.max_prefixlen) + bits


def _insert(root: Node, bits: str, network: str) -> None:
    node = root
    for bit in map(int, bits[:-1]):
        if node[bit] is None:
            node[bit] = [None, None]
        node = node[bit]
    node[int(bits[-1])] = network


def _pointer(side: Any, numbers: dict[int, int], offsets: dict[str, int]) -> int:
    if isinstance(side, list):
        return numbers[id(side)]
    return len(numbers) if side is None else len(numbers) + 16 + offsets[side]


def _metadata(node_count: int) -> dict[str, Any]:
    return {
        "binary_format_major_version": (16, 2),
        "binary_format_minor_version": (16, 0),
        "build_epoch": (64, 1_790_000_000),
        "database_type": "Test",
        "description": {"en": "test"},
        "ip_version": (16, 6),
        "languages": ["en"],
        "node_count": (32, node_count),
        "record_size": (16, 24),
    }


def _encode(value: Any) -> bytes:
    """Texts, lists, maps, and `(bits, number)`."""
    if isinstance(value, str):
        raw = value.encode()
        return _control(STRING, len(raw)) + raw
    if isinstance(value, dict):
        pairs = b"".join(_encode(key) + _encode(part) for key, part in value.items())
        return _control(MAP, len(value)) + pairs
    if isinstance(value, list):
        return _control(ARRAY, len(value)) + b"".join(map(_encode, value))
    bits, number = value
    raw = struct.pack(">Q", number).lstrip(b"\0")
    return _control(UNSIGNED[bits], len(raw)) + raw


def _control(kind: int, size: int) -> bytes:
    """Sizes under 29 stand in the control byte, up to 284 in the next; kinds over 7 take a byte."""
    low, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    return (bytes([low, kind - 7]) if kind > 7 else bytes([kind << 5 | low])) + more
