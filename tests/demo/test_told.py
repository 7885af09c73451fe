from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from server.demo.play import Summary
from server.demo.told import tell
from server.resources import resource

SUMMARY = Summary(
    visitors=289, bots=11, sessions=403, hits=2010, resends=63, events=3443, purchases=38,
    revenue_cents=280_150, refused={"origin [x]": 2}, seconds=6.4,
)  # fmt: skip


def told(summary: Summary = SUMMARY) -> list[str]:
    stream = io.StringIO()
    console = Console(file=stream, width=60)
    tell(summary, console=console, shop="http://s/demo/", recorder="http://r/")
    return [line.strip() for line in stream.getvalue().splitlines()]


def test_the_numbers_are_told() -> None:
    assert told()[:6] == [
        "289  visitors in 403 sessions",
        "11  bots",
        "3,443  events in 1,947 hits, and 63 sent twice",
        "38  orders, €2,801.50",
        "6  seconds",
        "The collector refused 2 hits: origin [x]",
    ]


def test_each_query_stands_there_as_one_would_type_it(monkeypatch: pytest.MonkeyPatch) -> None:
    root = resource("clickhouse").parent
    monkeypatch.chdir(root)
    lines = told()
    names = [path.name for path in sorted((root / "clickhouse" / "queries").glob("*.sql"))]
    commands = [line for line in lines if line.startswith("freehold query")]
    assert commands == [f"freehold query < clickhouse/queries/{name}" for name in names]
    assert lines[-6:] == [
        "freehold deliveries",
        "what each partner got, and what waits; `why EVENT_ID` tells of one",
        "http://r/",
        "what partners received, beside the events it was made from",
        "http://s/demo/",
        "the shop itself: be the next visitor",
    ]


def test_elsewhere_the_query_s_whole_path_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    whole = resource("clickhouse", "queries", "sessions.sql")
    assert f"freehold query < {whole}" in told()
