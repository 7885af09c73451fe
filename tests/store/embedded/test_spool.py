from __future__ import annotations

import pytest

from server.store.embedded import spool
from server.store.embedded.errors import StoreError
from server.store.embedded.spool import Spool


@pytest.mark.parametrize("size", [0, 10, 5 << 20])
def test_what_is_written_is_read_back_in_pieces(size: int) -> None:
    with Spool(1 << 20) as kept:
        for start in range(0, size, 1 << 20):
            kept.write(bytes(min(1 << 20, size - start)))
        chunks = list(kept.chunks())
    assert (sum(map(len, chunks)), kept.size) == (size, size)
    assert max(map(len, chunks), default=0) <= 1 << 20


def test_a_spool_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MAX_BYTES", 10)
    with Spool(5) as kept, pytest.raises(StoreError) as refused:
        kept.write(b"x" * 11)
    assert refused.value.code == 396
