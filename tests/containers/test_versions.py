from __future__ import annotations

import pytest

from server.containers.versions import check_id, container_of, container_of_draft
from server.errors import ConfigError
from server.publication import Draft, Environment, Version

SOURCE = "id: shop\nsites: [https://shop.example]\nversion: 99\n"


def version(source: str = SOURCE, environment: Environment = Environment.LIVE) -> Version:
    return Version(
        container_id="shop",
        version=7,
        environment=environment,
        publication="0199c000-0000-7000-8000-000000000001",
        published_at=1,
        author="ann",
        source=source,
    )


def draft(source: str = SOURCE) -> Draft:
    return Draft(container_id="shop", draft_id="x", saved_at=1, author="ann", source=source)


def test_a_container_has_the_number_of_its_version_whatever_its_file_says() -> None:
    container = container_of(version())
    assert (container.id, container.version) == ("shop", 7)
    assert container_of_draft(draft()).version == 0


def test_in_staging_it_has_another_id() -> None:
    assert container_of(version(environment=Environment.STAGING)).id == "shop-staging"


def test_what_is_wrong_is_told_with_its_place_in_the_version() -> None:
    with pytest.raises(ConfigError, match=r"shop version 7:2:1: sites: "):
        container_of(version("id: shop\nsites: 5\n"))
    with pytest.raises(ConfigError, match=r"shop, draft:2:1: sites: "):
        container_of_draft(draft("id: shop\nsites: 5\n"))


def test_a_source_of_another_container_is_refused() -> None:
    with pytest.raises(ConfigError, match="id: expected 'shop', found 'other'"):
        container_of(version("id: other\nsites: [self]\n"))


def test_names_that_would_collide_or_be_too_long_are_refused() -> None:
    check_id("a" * 32, Environment.LIVE)
    with pytest.raises(ConfigError, match="more than 24 characters"):
        check_id("a" * 25, Environment.STAGING)
    with pytest.raises(ConfigError, match="staging of another"):
        check_id("shop-staging", Environment.LIVE)
