"""What `freehold demo` says when it has played: the numbers, and where to look next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from server.demo.play import Summary
from server.resources import resource


def tell(summary: Summary, *, console: Console, shop: str, recorder: str) -> None:
    """Prints the summary, and the ways to see what became of it."""
    console.print(_table(summary))
    for reason, count in summary.refused.items():
        console.print(f"The collector refused {count} hits: {reason}", style="red", markup=False)
    console.print("\n[bold]Now look at it[/bold]")
    for command, what in _ways(shop, recorder):
        console.print(f"  {command}", markup=False, highlight=False, soft_wrap=True)
        console.print(f"      {what}", markup=False, highlight=False, soft_wrap=True, style="dim")


def _table(summary: Summary) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="bold")
    table.add_column()
    repeated = f", and {summary.resends} sent twice" if summary.resends else ""
    for number, what in (
        (f"{summary.visitors:,}", f"visitors in {summary.sessions:,} sessions"),
        (f"{summary.bots:,}", "bots"),
        (f"{summary.events:,}", f"events in {summary.hits - summary.resends:,} hits{repeated}"),
        (f"{summary.purchases:,}", f"orders, €{summary.revenue_cents / 100:,.2f}"),
        (f"{summary.seconds:.0f}", "seconds"),
    ):
        table.add_row(number, what)
    return table


def _ways(shop: str, recorder: str) -> Iterator[tuple[str, str]]:
    """Each example query with its own first line, the recorder, the shop."""
    for path in sorted(resource("clickhouse", "queries").glob("*.sql")):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        yield f"freehold query < {_short(path)}", first.removeprefix("-- ")
    yield (
        "freehold deliveries",
        "what each partner got, and what waits; `why EVENT_ID` tells of one",
    )
    yield recorder, "what partners received, beside the events it was made from"
    yield shop, "the shop itself: be the next visitor"


def _short(path: Path) -> Path:
    """As one would type it here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
