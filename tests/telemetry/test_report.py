from __future__ import annotations

from pathlib import Path

from server.histogram import Histogram
from server.telemetry.report import REPORTS, Report, read_report, read_reports, write_report

HERE = Report(
    name="w0",
    pid=7,
    told_at=2_000,
    hits=3,
    refusals={"origin": 1},
    batch_hits=Histogram(bounds=(1.0,), counts=[3, 0], total=3.0),
    problem="disk short",
)


def test_what_is_written_is_read(data: Path) -> None:
    write_report(data, HERE)
    write_report(data, Report(name="w1"))
    assert read_reports(data) == [HERE, Report(name="w1")]
    assert {path.name for path in (data / REPORTS).iterdir()} == {"w0.json", "w1.json"}


def test_nothing_and_nonsense_are_empty_reports(data: Path) -> None:
    assert (read_reports(data), read_report(data, "w0")) == ([], Report(name="w0"))
    write_report(data, HERE)
    (data / REPORTS / "w0.json").write_text('{"name": "w0", "hits": ')
    assert read_reports(data) == [Report(name="w0")]


def test_totals_go_on_and_the_rest_is_new() -> None:
    before = Report(
        name="w0",
        pid=6,
        hits=10,
        synced_at=1_000,
        refusals={"origin": 2, "not_json": 1},
        batch_hits=Histogram(bounds=(1.0,), counts=[1, 1], total=9.0),
        problem="No space left on device",
    )
    after = HERE.after(before)
    assert (after.pid, after.told_at, after.problem) == (7, 2_000, "disk short")
    assert (after.hits, after.synced_at) == (13, 1_000)
    assert after.refusals == {"origin": 3, "not_json": 1}
    assert after.batch_hits == Histogram(bounds=(1.0,), counts=[4, 1], total=12.0)
