from __future__ import annotations

import pytest

from server.containers.installed import Installed
from server.containers.load import read_container
from server.containers.model import Tag, TagTypes
from server.destinations import tag_types
from server.errors import ConfigError
from server.pipeline.catalogue import Catalogue
from server.publication import Version

TYPES: TagTypes = tag_types()


def installed(number: int, *tags: str) -> Installed:
    lines = "".join(
        f"  {tag}: {{type: webhook, fires_on: [all_pages], with: {{url: 'http://127.0.0.1:9/', "
        f"secret: $secret.S{number}}}}}\n"
        for tag in tags
    )
    source = "id: shop\nsites: [self]\n" + (f"tags:\n{lines}" if tags else "")
    version = Version(
        container_id="shop", version=number, publication=f"p{number}", published_at=1,
        author="ann", source=source,
    )  # fmt: skip
    container = read_container(source, "")
    return Installed(version=version, container=container)


def test_whoever_holds_the_plans_sees_the_next_container() -> None:
    catalogue = Catalogue(TYPES, [installed(1, "a", "b")])
    plans, needed = catalogue.plans, catalogue.needed
    assert [tag.name for tag in plans["shop"].tags] == ["a", "b"]
    assert needed == {"tag.shop.a": frozenset({"S1"}), "tag.shop.b": frozenset({"S1"})}
    catalogue.take(installed(2, "b", "c"))
    assert [tag.name for tag in plans["shop"].tags] == ["b", "c"]
    assert needed == {"tag.shop.b": frozenset({"S2"}), "tag.shop.c": frozenset({"S2"})}
    assert catalogue.running["shop"] == installed(2, "b", "c")


def test_one_that_is_wrong_changes_nothing() -> None:
    catalogue = Catalogue(TYPES, [installed(1, "a")])
    wrong = installed(2)
    tags = {"x": Tag(type="nobody", fires_on=["all_pages"])}
    from msgspec.structs import replace

    with pytest.raises(ConfigError, match="nobody"):
        catalogue.take(replace(wrong, container=replace(wrong.container, tags=tags)))
    assert catalogue.running["shop"] == installed(1, "a")
    assert set(catalogue.needed) == {"tag.shop.a"}
