from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.containers.chosen import choose, from_file, go_on
from server.containers.installed import Installed, install
from server.containers.load import read_container
from server.containers.versions import container_of
from server.destinations import tag_types
from server.errors import ConfigError
from server.publication import Environment, Version

TYPES = tag_types()
SHOP = "id: shop\nsites: [https://shop.example]\n"
BROKEN = "id: shop\nsites: 5\n"
UNREADABLE = "name: x\nid: shop # [\nsites: [\n"


class Node:
    """A node's folder, and the YAML files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder / "containers", folder / "tag_configs"
        self.folder.mkdir()
        self.files.mkdir()

    def write(self, source: str, name: str = "shop.yaml") -> None:
        (self.files / name).write_text(source)

    def install(self, number: int, source: str = SHOP) -> None:
        if number == 0:
            container = read_container(source, "")
            one = from_file(container, source, self.files / "shop.yaml")
        else:
            version = Version(
                container_id="shop", version=number, publication="x", published_at=1,
                author="ann", source=source,
            )  # fmt: skip
            one = Installed(version=version, container=container_of(version, TYPES))
        install(self.folder, one, rename=os.replace)

    def choose(self) -> dict[str, tuple[int, str]]:
        """Version and currency of what runs."""
        chosen = choose(self.folder, self.files, TYPES)
        return {name: (one.container.version, one.container.currency) for name, one in chosen.items()}  # noqa: E501  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def test_a_container_that_was_never_published_runs_its_file(node: Node) -> None:
    node.write(SHOP + "currency: USD\nversion: 5\n")
    assert node.choose() == {"shop": (0, "USD")}
    node.install(0)
    assert node.choose() == {"shop": (0, "USD")}


def test_a_published_version_beats_the_file_and_needs_none(node: Node) -> None:
    node.install(3)
    assert node.choose() == {"shop": (3, "EUR")}
    node.write(SHOP + "currency: USD\n")
    assert node.choose() == {"shop": (3, "EUR")}


def test_what_ran_by_a_file_that_is_gone_does_not_run(node: Node) -> None:
    node.install(0)
    node.write("id: other\nsites: [self]\n")
    assert set(node.choose()) == {"other"}


@pytest.mark.parametrize("source", [BROKEN, UNREADABLE], ids=["wrong", "no YAML"])
@pytest.mark.parametrize("number", [0, 3])
def test_with_a_broken_file_what_ran_before_goes_on(
    node: Node, number: int, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    node.install(number)
    node.write(source)
    assert node.choose() == {"shop": (number, "EUR")}
    assert f"version {number} runs" in caplog.text


@pytest.mark.parametrize("source", [BROKEN, UNREADABLE, "\x00", "", "sites: [self]"])
def test_a_broken_file_that_nothing_stands_in_for_is_told(node: Node, source: str) -> None:
    node.write(source)
    node.write("id: other\nsites: [self]\n", "other.yaml")
    with pytest.raises(ConfigError, match=r"shop\.yaml"):
        node.choose()


def test_a_process_that_is_started_again_goes_on_without_a_broken_file(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    node.write(BROKEN)
    with pytest.raises(ConfigError, match=r"shop\.yaml"):
        go_on(node.folder, node.files, TYPES)
    node.write("id: other\nsites: [self]\n", "other.yaml")
    node.write("id: other\nsites: [self]\ncurrency: USD\n", "twin.yaml")
    node.write("\x00", "zero.yaml")
    running = go_on(node.folder, node.files, TYPES)
    assert {name: one.container.currency for name, one in running.items()} == {"other": "EUR"}
    for name in ("shop", "twin", "zero"):
        assert f"{name}.yaml" in caplog.text
    assert caplog.text.count("it does not run") == 3


def test_a_broken_file_beside_a_sound_one_of_the_same_id_is_told(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    node.write(SHOP)
    node.write(BROKEN, "twin.yaml")
    assert node.choose() == {"shop": (0, "EUR")}
    assert "twin.yaml:2:1: sites" in caplog.text


def test_a_damaged_file_on_the_disk_is_told_and_the_yaml_runs(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    node.write(SHOP)
    (node.folder / "shop.json").write_text("half of it")
    assert node.choose() == {"shop": (0, "EUR")}
    assert "shop.json: not whole" in caplog.text


def test_two_files_of_one_container_and_none_at_all_are_told(node: Node) -> None:
    with pytest.raises(ConfigError, match="no container"):
        node.choose()
    node.write(SHOP)
    node.write(SHOP, "twin.yaml")
    with pytest.raises(ConfigError, match="another file has the id 'shop' too"):
        node.choose()


def test_staging_runs_beside_the_file(node: Node) -> None:
    node.write(SHOP)
    version = Version(
        container_id="shop", version=2, environment=Environment.STAGING, publication="x",
        published_at=1, author="ann", source=SHOP,
    )  # fmt: skip
    one = Installed(version=version, container=container_of(version, TYPES))
    install(node.folder, one, rename=os.replace)
    assert node.choose() == {"shop-staging": (2, "EUR"), "shop": (0, "EUR")}
