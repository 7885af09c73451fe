"""Every fault of the harness, a few rounds each; `make faults` does the long run."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.faults import find_cases
from loadtests.faults.contract import Case, NotRun, Trial


@pytest.mark.timeout(300)
@pytest.mark.parametrize("case", find_cases(), ids=lambda case: f"{case.row}-{case.title}")
def test_nothing_is_lost_or_doubled(case: Case, tmp_path: Path) -> None:
    told: list[None] = []
    trial = Trial(folder=tmp_path, rounds=case.quick, seed=1, tell=lambda: told.append(None))
    try:
        outcome = case.run(trial)
    except NotRun as reason:
        pytest.skip(str(reason))
    assert (outcome.is_well, outcome.lost, outcome.doubled) == (True, 0, 0), outcome.detail
    assert outcome.tried > 0
    assert len(told) == case.quick
