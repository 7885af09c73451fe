from __future__ import annotations

import msgspec
import pytest

from server.envelope import seal, unseal
from tests.samples import hit


def test_a_hit_comes_back_whole() -> None:
    whole = hit(b"\x00\xff{}", headers={"dnt": "1"}, cookies={"_ga": "x"}, query="c=1")
    assert unseal(seal(whole)) == whole


def test_a_later_version_may_add_fields() -> None:
    fields = msgspec.msgpack.decode(seal(hit()))
    later = msgspec.msgpack.encode({**fields, "edge": "new"})
    assert unseal(later) == hit()


BROKEN_TEXT = b"\x81\xa2ip\xa1\xff"


@pytest.mark.parametrize(
    "payload", [b"", b"\xc1", b"\x81", msgspec.msgpack.encode([1]), BROKEN_TEXT]
)
def test_what_is_no_hit_is_a_decode_error(payload: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        unseal(payload)
