from __future__ import annotations

from pathlib import Path

import pytest

import server.journal.frame
from loadtests.faults.contract import Trial
from loadtests.faults.damage import cut_everywhere, flip_everywhere


def trial(folder: Path) -> Trial:
    return Trial(folder=folder, rounds=40, seed=2, tell=lambda: None)


def test_a_journal_that_does_not_look_at_its_checksums_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blind:
        @staticmethod
        def crc32(data: bytes, value: int = 0) -> int:
            return 7

    monkeypatch.setattr(server.journal.frame, "zlib", Blind)
    assert not flip_everywhere(trial(tmp_path)).is_well


def test_a_journal_that_reads_half_a_frame_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.journal.scan.decode_body", lambda head, data, salt: [data] * head.n)
    assert not cut_everywhere(trial(tmp_path)).is_well
