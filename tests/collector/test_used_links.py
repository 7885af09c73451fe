from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.clock import now_ms
from server.collector.linker import AHEAD_MS, LASTS_MS
from server.collector.used_links import KEPT_MS, UsedLinks


@pytest.fixture
def used(tmp_path: Path) -> UsedLinks:
    return UsedLinks(tmp_path)


def test_a_link_is_used_by_one_page_load_however_often_it_sends_again(
    used: UsedLinks, tmp_path: Path
) -> None:
    uses = [used.use("a1", page) for page in ("p1", "p2", "p1", "p2")]
    assert uses == [True, False, True, False]
    assert UsedLinks(tmp_path).use("a1", "p2") is False  # in another process too
    assert used.use("a2", "p2")


def test_it_is_forgotten_when_no_token_of_then_is_believed_any_more(
    used: UsedLinks, tmp_path: Path
) -> None:
    assert KEPT_MS > LASTS_MS + AHEAD_MS
    assert used.use("a1", "p1")
    used.sweep(now_ms() + KEPT_MS - 5_000)
    assert os.listdir(tmp_path) == ["a1"]
    used.sweep(now_ms() + KEPT_MS + 5_000)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        UsedLinks(tmp_path / "gone").use("a1", "p1")
