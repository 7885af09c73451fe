from __future__ import annotations

from rich.console import Console

from loadtests.bench.cases import GROUPS, Case
from loadtests.bench.report import group_table
from loadtests.bench.wrk import Round

RATES = {"nginx": 40_000, "bare": 20_000, "sync": 10_000}


def test_ratios_are_of_medians_and_events_of_requests() -> None:
    batches = next(group for group in GROUPS if group.title.startswith("Eight"))
    found = {case: rounds(case) for case in batches.cases}
    console = Console(width=140)
    with console.capture() as capture:
        console.print(group_table(batches, found))
    row = next(line for line in capture.get().splitlines() if "Freehold sync" in line)
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells[1:4] == ["10,000", "0.50", "0.25"]
    assert cells[-1] == "80,000"


def rounds(case: Case) -> list[Round]:
    """Three, of which one met bad weather."""
    return [
        Round(hits_s=rate, p50_ms=1, p90_ms=2, p99_ms=3, answered=1, failed=0)
        for rate in (1.0, RATES[case.server], RATES[case.server] + 1.0)
    ]
