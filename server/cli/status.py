"""The command that tells how this node stands, for people, for scripts and for cron."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from server.cli.span import lasting
from server.cli.told import told
from server.clock import now_ms
from server.journal import FolderInUse, FolderLock
from server.pipeline.health import problems
from server.pipeline.spools import tag_of
from server.pipeline.standing import Standing, look
from server.pipeline.state import STATE_FILE, State, create_state
from server.settings import read_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@told
def status(as_json: bool) -> None:
    """How this node stands: collectors, journal and spools, accounts, tags, disk.

    Read from its files, so it works while the node is down, and says so. Exit code 1: something is
    not well.
    """
    settings = read_settings(os.environ)
    path = settings.data / STATE_FILE
    if not path.exists():
        raise click.ClickException(f"{path}: no pipeline has run with this data folder")
    create_state(path)  # what an older version did not have
    with closing(State(path)) as state:
        node = look(settings.data, state, now=now_ms())
    found = problems(node, runs=_runs(path.parent), workers=settings.workers)
    if as_json:
        click.echo(msgspec.json.encode({"problems": found, "node": node}).decode())
    else:
        _show(node, found, node.disk.survives_h(settings.disk_reserve))
    sys.exit(1 if found else 0)


def _runs(folder: Path) -> bool:
    """Whether a pipeline works on this data."""
    try:
        FolderLock(folder).release()
    except FolderInUse:
        return True
    return False


def _show(node: Standing, found: list[str], hours: float | None) -> None:
    console = Console()
    tables = (_collectors(node), _files(node), _accounts(node), _tags(node))
    for table in tables:
        if table.row_count:
            console.print(table, "")
    disk = node.disk
    share = f"{100 * disk.free / disk.total:.0f} %"
    console.print(f"disk      {_size(disk.free)} of {_size(disk.total)} free ({share})")
    if hours is not None:
        long = f"{hours:,.0f} hours" if hours < 24 * 365 else "more than a year"
        console.print(f"outage    ClickHouse may be away for {long} at the last hour's rate")
    lag = f"{lasting(node.lag_ms('journal'))} to sort, {lasting(node.lag_ms('spool'))} to load"
    console.print(f"lag       {lag}\n")
    for problem in found:
        console.print(problem, style="red", markup=False, highlight=False)
    if not found:
        console.print("All is well.")


def _collectors(node: Standing) -> Table:
    table = _table("collector", "hits", "refused", "last hit", "told", "state")
    for one in node.collectors:
        last = lasting(node.at - one.synced_at) + " ago" if one.synced_at else "never"
        refused = sum(one.refusals.values())
        ago = lasting(node.at - one.told_at) + " ago"
        table.add_row(one.name, f"{one.hits:,}", f"{refused:,}", last, ago, one.problem or "well")
    return table


def _files(node: Standing) -> Table:
    table = _table("file", "waiting", "bytes", "oldest", "on disk")
    for one in node.files:
        name = f"journal {one.name}" if one.kind == "journal" else f"spool {one.name}"
        ahead = one.ahead
        age = lasting(one.age_ms) if ahead.records else ""
        table.add_row(name, f"{ahead.records:,}", _size(ahead.bytes), age, _size(one.bytes))
    return table


def _accounts(node: Standing) -> Table:
    table = _table("accounts", "difference", "")
    for one in node.identities:
        table.add_row(one.name, f"{one.difference:,}", str(one))
    return table


def _tags(node: Standing) -> Table:
    table = _table("container", "tag", "waiting", "retrying", "dead", "delivered", "state")
    for lane in node.lanes:
        numbers = (lane.waiting, lane.retrying, lane.dead, lane.delivered)
        table.add_row(*tag_of(lane.spool), *map(str, numbers), lane.reason or "well")
    return table


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False)


def _size(count: int) -> str:
    size, unit = float(count), "B"
    for bigger in ("KB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, bigger
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
