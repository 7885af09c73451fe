"""A container's file that is wrong is told, and keeps nobody from working on the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main

SHOP = """
id: shop
sites: [https://shop.example]
page_tags: {chat: {type: script, src: "https://chat.example/a.js", fires_on: [all_pages],
                   enabled: true}}
"""


@pytest.fixture
def containers(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SHOP)
    (tmp_path / "broken.yaml").write_text("id: broken\nsites: 5\n")
    return tmp_path


def run(containers: Path, *arguments: str, **environ: str) -> Result:
    env = {"FREEHOLD_CONTAINERS": str(containers), "FREEHOLD_DATA": str(containers / "data")}
    return CliRunner().invoke(main, list(arguments), env={**env, **environ})


def test_another_container_s_file_that_is_wrong_is_told_and_left_out(containers: Path) -> None:
    told = f"{containers}/broken.yaml:2:1: sites: expected `array`, got `int` (it does not run)\n"
    result = run(containers, "container", "snippet", "shop")
    assert (result.exit_code, result.stderr) == (0, told)
    assert "/shop/tag.js" in result.stdout
    result = run(containers, "container", "snippet", "broken")
    assert result.exit_code == 1
    assert result.stderr == f"{told}Error: no container 'broken' runs; there are shop\n"


def test_an_event_is_tried_beside_a_file_that_is_wrong(containers: Path) -> None:
    (containers / "event.json").write_text('{"name": "page_view"}')
    words = ("container", "try", "shop", "--event", str(containers / "event.json"))
    result = run(containers, *words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("chat (script, in the page): waits in the page for consent")
    assert (
        "FREEHOLD_PAGE_TAGS=off forbids it"
        in run(containers, *words, FREEHOLD_PAGE_TAGS="off").stdout
    )


def test_whoever_asks_for_a_file_is_told_what_is_wrong_with_that_one(containers: Path) -> None:
    (containers / "unreadable.yaml").write_text("id: unreadable\nsites: [\n")
    words = ("container", "publish", "broken")
    assert run(containers, *words).output.splitlines() == [
        "Error: This is wrong:",
        f"  {containers}/broken.yaml:2:1: sites: expected `array`, got `int`",
    ]
    (containers / "broken.yaml").unlink()
    assert f"{containers}: no file here has the id 'broken'" in run(containers, *words).output


def test_the_policy_has_what_page_tags_load_where_the_operator_lets_them(containers: Path) -> None:
    words = ("container", "snippet", "shop", "--csp")
    assert "chat.example" in run(containers, *words).stdout
    assert "chat.example" not in run(containers, *words, FREEHOLD_PAGE_TAGS="off").stdout
