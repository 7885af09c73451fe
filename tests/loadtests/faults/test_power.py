"""The power cuts find a journal that promises too early: each test takes one sync away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import server.journal.folder
import server.journal.segment
from loadtests.faults.contract import Outcome, Trial
from loadtests.faults.power import run
from loadtests.faults.power_journal import JournalWorld
from loadtests.faults.power_spool import SpoolWorld

DISKS = 150


def outcome(tmp_path: Path, kind: type[JournalWorld | SpoolWorld]) -> Outcome:
    trial = Trial(folder=tmp_path, rounds=DISKS, seed=3, tell=lambda: None)
    return run(trial, kind)


def nothing(*_: object) -> None:
    """A sync that is none."""


@pytest.mark.parametrize("kind", [JournalWorld, SpoolWorld])
def test_a_journal_without_fdatasync_loses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[JournalWorld | SpoolWorld]
) -> None:
    monkeypatch.setattr(server.journal.segment, "_flush", nothing)
    found = outcome(tmp_path, kind)
    assert not found.is_well
    assert found.lost > 0


def test_a_journal_without_the_sync_of_its_folder_loses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.journal.segment, "sync_folder", nothing)
    found = outcome(tmp_path, JournalWorld)
    assert not found.is_well
    assert found.lost > 0


def test_a_folder_whose_name_is_not_synced_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def once(folder: Path) -> None:
        if not folder.is_dir():
            once(folder.parent)
            os.mkdir(folder, 0o700)

    monkeypatch.setattr(server.journal.folder, "make_folder", once)
    monkeypatch.setattr("server.journal.lock.make_folder", once)
    found = outcome(tmp_path, JournalWorld)
    assert not found.is_well
    assert found.lost > 0
