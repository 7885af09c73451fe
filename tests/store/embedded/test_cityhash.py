from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from server.store.embedded.cityhash import cityhash128
from tests.embedded_store import EmbeddedStore


def test_checksums_are_those_that_the_engine_writes(
    store: EmbeddedStore, http: httpx2.Client
) -> None:
    """Reads the engine's own files: each block in them begins with its checksum."""
    http.post(
        "/",
        content="CREATE TABLE hashed (a UInt64, r String CODEC(NONE), s String) ENGINE = MergeTree "
        "ORDER BY a SETTINGS min_bytes_for_wide_part = 0",
    ).raise_for_status()
    for rows in (1, 2, 3, 5, 8, 13, 40, 100, 1000):
        columns = "number, randomString(number % 50), toString(number)"
        insert = f"INSERT INTO hashed SELECT {columns} FROM numbers({rows})"
        http.post("/", content=insert).raise_for_status()
    query = "SELECT path FROM system.parts WHERE table = 'hashed' FORMAT TSVRaw"
    sizes = set()
    for part in http.post("/", content=query).text.split():
        for file in Path(part).glob("*.bin"):
            sizes |= {len(block) for block in checked(file.read_bytes())}
    assert min(sizes) < 16
    assert max(sizes) > 10_000
    assert len(sizes) > 20


def checked(data: bytes) -> list[bytes]:
    blocks = []
    while data:
        end = 16 + int.from_bytes(data[17:21], "little")
        blocks.append(data[16:end])
        assert cityhash128(data[16:end]) == data[:16]
        data = data[end:]
    return blocks


@pytest.mark.parametrize("length", [0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 127, 128, 143, 144, 145, 500])
def test_every_length_has_a_sum_of_its_own(length: int) -> None:
    data = bytes(range(256)) * 2
    assert len({cityhash128(data[:length]), cityhash128(data[1 : length + 1]), b""}) >= 2 + bool(
        length
    )
    assert len(cityhash128(data[:length])) == 16
