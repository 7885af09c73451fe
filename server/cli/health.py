"""How the tags of this node stand, in tables: what waits, what failed, and who is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from server.cli.span import lasting
from server.destinations import DESTINATIONS
from server.pipeline.tags import TagStanding
from server.studio.why import clock, in_words

MAX_REASONS = 5
"""Of each tag; `--json` has them all."""
WIDTH = 160
"""Where nobody looks at a terminal."""
_NOW = ("tag", "type", "waiting", "retrying", "dead", "oldest")


def show(found: Sequence[TagStanding], missing: str) -> None:
    """Prints it; `missing` says why ClickHouse was not asked, empty: it was."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    if not found:
        console.print("No tag has been owed anything yet.")
        return
    console.print(_standing(found, is_asked=not missing), "")
    for one in found:
        if one.lane.reason:
            lane = one.lane
            words = f"{_name(one)}: {lane.reason} since {clock(lane.since)}; {lane.detail}"
            console.print(words, style="red", markup=False, highlight=False)
    for table in () if missing else (_failures(found), _keys(found)):
        if table.row_count:
            console.print("", table)
    if missing:
        words = f"Not told: the last day, why sending failed, match keys. {missing}"
        console.print(words, markup=False, highlight=False)


def _standing(found: Sequence[TagStanding], *, is_asked: bool) -> Table:
    """With ClickHouse, what was sent and taken in the last day, and how late; else, what was
    delivered since the state was made."""
    table = _table(*_NOW, *(("sent 24 h", "taken", "p50", "p99") if is_asked else ("taken",)))
    table.add_column("state")
    for one in found:
        lane, told = one.lane, one.told
        row = [_name(one), one.type or "-"]
        row += [f"{number:,}" for number in (lane.waiting, lane.retrying, lane.dead)]
        row.append(lasting(one.oldest_ms) if one.oldest_ms else "-")
        if told is None:
            row.append(f"{lane.delivered:,}")
        else:
            row += [f"{told.sent:,}", f"{told.delivered:,}"]
            lags = (told.lag_p50_ms, told.lag_p99_ms)
            row += [lasting(ms) if ms is not None else "-" for ms in lags]
        table.add_row(*row, f"[red]{lane.reason}[/]" if lane.reason else "well")
    return table


def _name(one: TagStanding) -> str:
    return f"{one.container_id}/{one.tag}"


def _failures(found: Sequence[TagStanding]) -> Table:
    table = _table("tag", "times", "in the last day")
    for one in found:
        failures = one.told.failures if one.told else []
        for failure in failures[:MAX_REASONS]:
            why = f"{failure.outcome}: {in_words(failure.reason)}" if failure.reason else ""
            words = (f"{failure.number:,}", escape(why or failure.outcome))
            table.add_row(_name(one), *words)
        if len(failures) > MAX_REASONS:
            table.add_row(_name(one), "…", f"{len(failures) - MAX_REASONS} more")
    return table


def _keys(found: Sequence[TagStanding]) -> Table:
    table = _table("tag", "purchases", "of the last seven days that the partner took, with")
    for one in found:
        if one.told and one.told.purchases:
            words = ", ".join(_shares(one))
            table.add_row(_name(one), f"{one.told.purchases:,}", words or "none")
    return table


def _shares(one: TagStanding) -> Iterator[str]:
    """Each key that the partner could have, and how many of the purchases had it."""
    assert one.told is not None
    destination = DESTINATIONS.get(one.type)
    declared = destination.match_keys if destination else {}
    for key in dict.fromkeys((*declared, *one.told.match_keys)):
        number = one.told.match_keys.get(key, 0)
        yield f"{key} {number:,} ({100 * number / one.told.purchases:.0f} %)"


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False)
