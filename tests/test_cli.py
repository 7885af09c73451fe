from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.settings import KNOBS


@pytest.fixture
def containers(tmp_path: Path) -> Path:
    folder = tmp_path / "containers"
    folder.mkdir()
    (folder / "shop.yaml").write_text("id: shop\nsites: [https://shop.example]\n")
    return folder


def run(containers: Path, *arguments: str, **environ: str) -> Result:
    env = {"FREEHOLD_CONTAINERS": str(containers), "FREEHOLD_DATA": str(containers / "data")}
    return CliRunner().invoke(main, list(arguments), env={**env, **environ})


def test_help_lists_every_command_with_a_sentence(containers: Path) -> None:
    text = run(containers, "--help").output
    for name, command in main.commands.items():
        assert name in text
        assert command.help


def test_check_says_that_all_is_well(containers: Path) -> None:
    result = run(containers, "check")
    assert result.exit_code == 0
    assert "container shop: https://shop.example" in result.output


def test_check_tells_every_problem_without_a_traceback(containers: Path) -> None:
    result = run(containers, "check", FREEHOLD_WORKERS="many", FREEHOLD_PORT="1")
    assert result.exit_code == 1
    assert "FREEHOLD_WORKERS='many': expected a number" in result.output
    assert "FREEHOLD_PORT: no such setting" in result.output
    assert "Traceback" not in result.output


def test_container_check_names_file_line_and_word(containers: Path) -> None:
    path = containers / "shop.yaml"
    path.write_text("id: shop\nsites: [https://shop.example]\ntimezon: UTC\n")
    result = run(containers, "container", "check")
    assert result.exit_code == 1
    assert f"{path}:3:1: timezon: no such key; did you mean timezone?" in result.output
    assert run(containers, "container", "check", str(containers / "none.yaml")).exit_code == 1


def test_settings_shows_every_knob(containers: Path) -> None:
    text = run(containers, "settings").output
    assert all(knob.variable in text and knob.help in text for knob in KNOBS)


def test_up_does_not_start_on_a_broken_container(containers: Path) -> None:
    (containers / "shop.yaml").write_text("id: [")
    result = run(containers, "up")
    assert result.exit_code == 1
    assert "shop.yaml:1:6" in result.output


def test_a_query_without_clickhouse_says_that_it_does_not_answer(containers: Path) -> None:
    result = run(containers, "query", "SELECT 1", FREEHOLD_CLICKHOUSE_LISTEN="127.0.0.1:9")
    assert result.exit_code == 1
    assert "does not answer" in result.output
