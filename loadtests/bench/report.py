"""Tables: medians of the rounds, ratios to the baselines of the same table."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from rich.table import Table

from loadtests.bench.cases import Case, Group
from loadtests.bench.steady import Steady
from loadtests.bench.subjects import SUBJECTS
from loadtests.bench.wrk import Round

Found = Mapping[Case, Sequence[Round]]
LABELS = {subject.name: subject.label for subject in SUBJECTS}


def group_table(group: Group, found: Found) -> Table:
    """One group; a row that was not measured is left out."""
    is_batch = any(case.work.events > 1 for case in group.cases)
    table = Table("server", title=group.title)
    columns = ["requests/s", "of bare", "of nginx", "CPU µs", "p50 ms", "p90 ms", "p99 ms"]
    for column in [*columns, *(["events/s"] if is_batch else [])]:
        table.add_column(column, justify="right")
    rates = {name: _rate(group, found, name) for name in ("bare", "nginx")}
    for case in group.cases:
        rounds = found.get(case)
        if rounds:
            cells = _cells(rounds, rates)
            events = [f"{median(rounds, 'hits_s') * case.work.events:,.0f}"] if is_batch else []
            table.add_row(_label(case), *cells, *events)
    return table


def steady_table(found: Mapping[str, Steady], rss: Mapping[str, tuple[float, float]]) -> Table:
    """Latencies at a steady rate, and the memory before and after everything."""
    table = Table("server", title="1,000 page views a second; memory before and after all of it")
    for column in ("p50 ms", "p90 ms", "p99 ms", "RSS MB before", "after"):
        table.add_column(column, justify="right")
    for name, one in found.items():
        figures = (one.p50_ms, one.p90_ms, one.p99_ms)
        table.add_row(
            LABELS[name], *(f"{x:.2f}" for x in figures), *(f"{mb:.0f}" for mb in rss[name])
        )
    return table


def median(rounds: Sequence[Round], of: str) -> float:
    """The median of one figure over the rounds."""
    return float(statistics.median(getattr(one, of) for one in rounds))


def _label(case: Case) -> str:
    label = LABELS[case.server]
    is_tag = case.server == "sync" and not case.work.is_stored
    return f"{label}: {case.work.title}" if is_tag else label


def _rate(group: Group, found: Found, name: str) -> float:
    for case in group.cases:
        if case.server == name and found.get(case):
            return median(found[case], "hits_s")
    return 0.0


def _cells(rounds: Sequence[Round], rates: Mapping[str, float]) -> list[str]:
    hits_s = median(rounds, "hits_s")
    failed = sum(one.failed for one in rounds)
    return [
        f"{hits_s:,.0f}" + (f" ({failed} failed)" if failed else ""),
        *(f"{hits_s / rate:.2f}" if rate else "-" for rate in rates.values()),
        f"{median(rounds, 'cpu_us'):.1f}",
        *(f"{median(rounds, of):.2f}" for of in ("p50_ms", "p90_ms", "p99_ms")),
    ]
