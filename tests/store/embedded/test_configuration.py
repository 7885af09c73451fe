from __future__ import annotations

import stat
from pathlib import Path
from xml.etree import ElementTree

import pytest

from server.errors import FreeholdError
from server.store.embedded.configuration import PRIVATE_TABLES, lay_out, prepare


def test_the_folder_is_laid_out_and_private(tmp_path: Path) -> None:
    layout = lay_out(tmp_path / "store")
    prepare(layout, 1 << 30)
    assert sorted(each.name for each in layout.folder.iterdir()) == [
        "configuration",
        "engine",
        "scratch",
    ]
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o700 for each in layout.folder.iterdir())


def test_what_was_left_in_scratch_is_wiped_and_the_data_are_not(tmp_path: Path) -> None:
    layout = lay_out(tmp_path)
    prepare(layout, 1 << 30)
    for folder in (layout.scratch, layout.engine / "tmp", layout.engine / "store"):
        (folder / "deep").mkdir(parents=True)
    prepare(layout, 1 << 30)
    assert list(layout.scratch.iterdir()) == []
    assert [each.name for each in layout.engine.iterdir()] == ["store"]


def test_bounds_follow_the_memory(tmp_path: Path) -> None:
    layout = lay_out(tmp_path)
    prepare(layout, 1 << 30)
    config = ElementTree.parse(layout.configuration / "config.xml").getroot()
    assert config.findtext("max_server_memory_usage") == str(1 << 30)
    assert config.findtext("mark_cache_size") == str(1 << 26)


def test_nobody_may_read_sources_and_analysts_no_private_table(tmp_path: Path) -> None:
    layout = lay_out(tmp_path)
    prepare(layout, 1 << 30)
    users = ElementTree.parse(layout.configuration / "users.xml").getroot()
    grants = {
        role: [query.text or "" for query in users.findall(f"roles/{role}/grants/query")]
        for role in ("writer", "analyst")
    }
    own = [query.text for query in users.findall("users/default/grants/query")]
    assert own == ["GRANT writer", "GRANT analyst"]
    assert not [text for texts in grants.values() for text in texts if "SOURCES" in text]
    assert [text for text in grants["analyst"] if text.startswith("REVOKE")] == [
        f"REVOKE SELECT ON freehold.{table}" for table in PRIVATE_TABLES
    ]


@pytest.mark.parametrize("name", ["a?b", "a&b", "a#b", "a%20b"])
def test_a_folder_that_the_engine_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FreeholdError, match="may not have"):
        lay_out(tmp_path / name)
