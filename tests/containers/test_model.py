from __future__ import annotations

import msgspec
import pytest

from server.containers.model import RESERVED_IDS, Container


@pytest.mark.parametrize("name", ["ab", "Shop", "1shop", "shop_fr", "a" * 33, "shop/", ""])
def test_an_id_that_is_not_a_path_segment_is_refused(name: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"id": name, "sites": ["self"]}, Container)


@pytest.mark.parametrize("name", [*RESERVED_IDS])
def test_reserved_ids_would_otherwise_be_ids(name: str) -> None:
    assert msgspec.convert({"id": name, "sites": ["self"]}, Container).id == name
