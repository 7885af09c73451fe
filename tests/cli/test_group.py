from __future__ import annotations

import pytest
from click.testing import CliRunner

from server.cli import main


@pytest.mark.parametrize("words", [[], ["container"], ["deliveries"]], ids=str)
def test_no_command_s_sentence_is_cut(words: list[str]) -> None:
    told = CliRunner().invoke(main, [*words, "--help"]).output
    listed = told.partition("Commands:\n")[2]
    assert listed
    assert "..." not in listed
