from __future__ import annotations

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.store.embedded.blocks import BlockCompressor, BlockDecoder
from server.store.embedded.errors import StoreError


def decode(data: bytes, cut: int = 1 << 20) -> bytes:
    decoder = BlockDecoder()
    chunks = [data[at : at + cut] for at in range(0, len(data), cut)]
    decoded = b"".join(piece for chunk in chunks for piece in decoder.feed(chunk))
    decoder.finish()
    return decoded


@given(st.lists(st.binary(max_size=300), max_size=4), st.integers(1, 60))
def test_what_is_compressed_comes_back_whatever_the_chunks(parts: list[bytes], cut: int) -> None:
    packed = b"".join(map(BlockCompressor().compress, parts))
    assert decode(packed, cut) == b"".join(parts)


def test_large_data_are_cut_into_blocks() -> None:
    data = bytes(range(256)) * 10_000
    packed = BlockCompressor().compress(data)
    assert [len(piece) for piece in BlockDecoder().feed(packed)] == [1 << 20, 1 << 20, 462_848]
    assert decode(packed) == data


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, 1), (16, 0x00), (16, 0x83), (17, 0), (20, 0xFF), (21, 1), (24, 0xFF), (30, 1)],
)
def test_a_block_with_a_wrong_byte_is_refused(at: int, value: int) -> None:
    packed = bytearray(BlockCompressor().compress(b"SELECT 1 " * 10))
    packed[at] ^= value or packed[at]
    with pytest.raises(StoreError) as refused:
        decode(bytes(packed))
    assert refused.value.code == 271


def test_a_block_that_ends_too_early_is_refused() -> None:
    with pytest.raises(StoreError, match="ends too early"):
        decode(BlockCompressor().compress(b"SELECT 1")[:-1])


def test_a_driver_that_speaks_in_blocks_is_understood(http: httpx2.Client, table: str) -> None:
    """As the JDBC drivers do: compressed answers, and inserts with the query in the URL."""
    insert = {"decompress": "1", "query": f"INSERT INTO {table} FORMAT CSV"}
    http.post("/", params=insert, content=BlockCompressor().compress(b"1,x\n2,y\n"))
    query = f"SELECT * FROM {table} ORDER BY a FORMAT CSV"
    answer = http.post("/", params={"compress": "1"}, content=query)
    assert decode(answer.content) == b'1,"x"\n2,"y"\n'
    large = "SELECT number FROM numbers(500000)"
    answer = http.post("/", params={"compress": "1"}, content=large)
    assert decode(answer.content).endswith(b"\n499999\n")
    failed = http.post("/", params={"compress": "1"}, content="SELECT * FROM nope")
    assert failed.text.startswith("Code: 60.")
