"""Commands on what is owed to partners: how it stands, and why an event was sent or not."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from server.cli.backfilling import backfill
from server.cli.letters import dead_letters, replay
from server.cli.pausing import pause, resume
from server.cli.told import told
from server.containers.chosen import choose
from server.containers.decide import compile_container
from server.destinations import tag_types
from server.endpoints import analyst_connection
from server.folders import containers_folder
from server.pipeline.queue import Lane, Queue
from server.pipeline.spools import TAG_PREFIX, tag_of
from server.pipeline.state import STATE_FILE, State
from server.settings import Settings, read_settings
from server.store.queries import find_attempts, find_event
from server.studio.why import Held, Known, Pending, clock, why


@click.group(invoke_without_command=True)
@click.pass_context
@told
def deliveries(context: click.Context) -> None:
    """How what is owed to partners stands on this node: waiting, failing, delivered."""
    if context.invoked_subcommand is None:
        _show(_lanes(_state_file(read_settings(os.environ))))


deliveries.add_command(backfill)
deliveries.add_command(dead_letters)
deliveries.add_command(replay)
deliveries.add_command(pause)
deliveries.add_command(resume)


@deliveries.command("why")
@click.argument("event_id", type=click.UUID)
@told
def deliveries_why(event_id: uuid.UUID) -> None:
    """Tell for each tag why it was sent EVENT_ID, or why not."""
    settings = read_settings(os.environ)
    connection = analyst_connection(settings)
    event = find_event(connection, str(event_id))
    if event is None:
        raise click.ClickException(
            f"no event {event_id} in freehold.events: it is not loaded yet (look again in a "
            "second), was rejected (see freehold.rejects), or never came"
        )
    types = tag_types()
    running = choose(containers_folder(settings), settings.containers, types)
    container = running.get(event.container_id)
    pending, held = _owed(_state_file(settings), str(event_id), event.container_id)
    known = Known(
        event=event,
        attempts=find_attempts(connection, str(event_id)),
        pending=pending,
        held=held,
    )
    for line in why(
        known, None if container is None else compile_container(container.container, types)
    ):
        click.echo(line)


def _state_file(settings: Settings) -> Path:
    return settings.data / STATE_FILE


def _lanes(path: Path) -> list[Lane]:
    if not path.exists():
        raise click.ClickException(f"{path}: no pipeline has run with this data folder")
    state = State(path)
    try:
        return Queue(state).lanes(sorted(state.ends(TAG_PREFIX)))
    finally:
        state.close()


def _show(lanes: list[Lane]) -> None:
    columns = ("container", "tag", "waiting", "retrying", "dead", "delivered", "state")
    table = Table(*columns, box=None, pad_edge=False)
    for lane in lanes:
        state = "well"
        if lane.reason:
            state = f"[red]{lane.reason}[/] since {clock(lane.since)}: {escape(lane.detail)}"
        numbers = (lane.waiting, lane.retrying, lane.dead, lane.delivered)
        table.add_row(*tag_of(lane.spool), *map(str, numbers), state)
    Console().print(table if lanes else "No tag has been owed anything yet.")


def _owed(path: Path, event_id: str, container_id: str) -> tuple[list[Pending], list[Held]]:
    """What this node still owes of an event, and which tags of its container send nothing now."""
    if not path.exists():
        return [], []
    state = State(path)
    try:
        pending = [
            Pending(tag=tag_of(spool)[1], attempts=attempts, due_at=due_at)
            for spool, attempts, due_at in Queue(state).pending(event_id)
        ]
    finally:
        state.close()
    held = [
        Held(tag=tag_of(lane.spool)[1], reason=lane.reason, detail=lane.detail, since=lane.since)
        for lane in _lanes(path)
        if lane.reason and tag_of(lane.spool)[0] == container_id
    ]
    return pending, held
