from __future__ import annotations

from pathlib import Path

import pytest

from server.journal import FolderInUse
from server.journal.lock import FolderLock


def test_a_lock_is_held_until_it_is_released(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path / "w0")
    with pytest.raises(FolderInUse, match="w0 already has a writer"):
        FolderLock(tmp_path / "w0")
    lock.release()
    lock.release()
    FolderLock(tmp_path / "w0").release()


def test_a_lock_leaves_its_file(tmp_path: Path) -> None:
    FolderLock(tmp_path).release()
    assert (tmp_path / ".lock").exists()
