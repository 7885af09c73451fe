from __future__ import annotations

from pathlib import Path

from server.journal import SegmentWriter, claim_slot

from .reading import now


def test_a_worker_gets_the_first_folder_without_a_writer(tmp_path: Path) -> None:
    writers = []
    for slot in range(3):
        assert claim_slot(tmp_path) == (tmp_path / f"w{slot}", slot)
        writers.append(SegmentWriter(tmp_path / f"w{slot}", slot=slot, now=now))
    writers[1].close()
    assert claim_slot(tmp_path) == (tmp_path / "w1", 1)
    writers[0].close()
    writers[2].close()
