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
_COLUMNS = ("container", "tag", "waiting", "retrying", "dead", "oldest", "delivered")
_DAY = ("sent 24 h", "taken 24 h", "lag p50", "lag p99")


def show(found: Sequence[TagStanding], missing: str) -> None:
    """Prints it; `missing` says why ClickHouse was not asked, empty: it was."""
    console = Console()
    if not found:
        console.print("No tag has been owed anything yet.")
        return
    tables = [_standing(found, is_asked=not missing)]
    if not missing:
        tables += [_failures(found), _keys(found)]
    for table in tables:
        if table.row_count:
            console.print(table, "")
    if missing:
        console.print(
            f"Not told: the last day, why sending failed, match keys. {missing}",
            markup=False, highlight=False,
        )  # fmt: skip


def _standing(found: Sequence[TagStanding], *, is_asked: bool) -> Table:
    table = _table(*_COLUMNS, *(_DAY if is_asked else ()), "type", "state")
    for one in found:
        lane, told = one.lane, one.told
        row = [one.container_id, one.tag]
        row += [f"{number:,}" for number in (lane.waiting, lane.retrying, lane.dead)]
        row += [lasting(one.oldest_ms) if one.oldest_ms else "-", f"{lane.delivered:,}"]
        if told is not None:
            row += [f"{told.sent:,}", f"{told.delivered:,}"]
            row += [lasting(ms) if ms is not None else "-" for ms in (told.lag_p50_ms,
                                                                    told.lag_p99_ms)]  # fmt: skip
        state = "well"
        if lane.reason:
            state = f"[red]{lane.reason}[/] since {clock(lane.since)}: {escape(lane.detail)}"
        table.add_row(*row, one.type or "-", state)
    return table


def _failures(found: Sequence[TagStanding]) -> Table:
    table = _table("container", "tag", "times", "in the last day")
    for one in found:
        failures = one.told.failures if one.told else []
        for failure in failures[:MAX_REASONS]:
            why = f"{failure.outcome}: {in_words(failure.reason)}" if failure.reason else ""
            words = (f"{failure.number:,}", escape(why or failure.outcome))
            table.add_row(one.container_id, one.tag, *words)
        if len(failures) > MAX_REASONS:
            table.add_row(one.container_id, one.tag, "…", f"{len(failures) - MAX_REASONS} more")
    return table


def _keys(found: Sequence[TagStanding]) -> Table:
    table = _table("container", "tag", "purchases", "match keys of those delivered in seven days")
    for one in found:
        if one.told and one.told.purchases:
            words = ", ".join(_shares(one))
            table.add_row(one.container_id, one.tag, f"{one.told.purchases:,}", words or "none")
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
