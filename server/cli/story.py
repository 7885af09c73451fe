"""The command that tells the story of one event: which tags were sent it, and why, or why not."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from contextlib import closing

import click
from msgspec import Struct

from server.cli.here import running
from server.cli.letters import WINDOWS
from server.cli.tag import state_of
from server.cli.told import told
from server.clock import now_ms
from server.containers.decide import compile_container
from server.delivery import Attempt
from server.destinations import tag_types
from server.endpoints import analyst_connection
from server.errors import FreeholdError
from server.model import Event
from server.pipeline.pauses import pauses
from server.pipeline.queue import Queue
from server.pipeline.spools import TAG_PREFIX, tag_of
from server.pipeline.state import STATE_FILE, State
from server.pipeline.whereabouts import Whereabouts, find
from server.settings import Settings, read_settings
from server.store.queries import find_attempts, find_event
from server.studio.why import Grave, Held, Known, Pending, why

NOT_LOADED = "it is not in ClickHouse yet: its row waits on this node"


class _Stored(Struct, frozen=True, kw_only=True):
    """What ClickHouse has of an event, or why it does not answer."""

    event: Event | None = None
    attempts: Sequence[Attempt] = ()
    problem: str = ""


@click.command("why")
@click.argument("event_id", type=click.UUID)
@told
def tell_why(event_id: uuid.UUID) -> None:
    """Tell for each tag why it was sent EVENT_ID, or why not; also while it is on its way."""
    settings = read_settings(os.environ)
    here, held = Whereabouts(), list[tuple[str, Held]]()
    if (settings.data / STATE_FILE).exists():
        with state_of(settings) as state:
            here = find(settings.data, state, str(event_id))
            held = _held(state)
    stored = _stored(settings, str(event_id))
    event = stored.event or here.event
    if event is None:
        raise click.ClickException(_nowhere(event_id, here, stored))
    container = running(settings).get(event.container_id)
    plan = None if container is None else compile_container(container, tag_types())
    known = _known(event, here, stored, held)
    for line in why(known, plan, runs_page_tags=settings.page_tags):
        click.echo(line)


def _stored(settings: Settings, event_id: str) -> _Stored:
    try:
        with closing(analyst_connection(settings)) as connection:
            return _Stored(
                event=find_event(connection, event_id),
                attempts=find_attempts(connection, event_id),
            )
    except FreeholdError as error:
        return _Stored(problem=str(error))


def _nowhere(event_id: uuid.UUID, here: Whereabouts, stored: _Stored) -> str:
    if here.is_hit:
        return f"event {event_id} was taken and is not sorted yet: look again in a second"
    if stored.problem:
        return f"no event {event_id} waits on this node, and {stored.problem}"
    return (
        f"no event {event_id} in freehold.events, nor on its way on this node: it was rejected "
        "(see freehold.rejects), is another node's, or never came"
    )


def _known(
    event: Event, here: Whereabouts, stored: _Stored, held: Sequence[tuple[str, Held]]
) -> Known:
    loaded = {(one.src, one.off) for one in stored.attempts}
    attempts = [*stored.attempts, *(o for o in here.attempts if (o.src, o.off) not in loaded)]
    if stored.problem:
        place = f"attempts of before are not told: {stored.problem}"
    else:
        place = "" if stored.event else NOT_LOADED
    return Known(
        event=event,
        now=now_ms(),
        place=place,
        attempts=sorted(attempts, key=lambda one: (one.attempted_at, one.src, one.off)),
        pending=[
            Pending(tag=tag_of(one.spool)[1], attempts=one.attempts, due_at=one.due_at)
            for one in here.waiting
        ],
        held=[one for container_id, one in held if container_id == event.container_id],
        dead=[
            Grave(
                tag=tag_of(one.spool)[1],
                died_at=one.died_at,
                reason=one.reason,
                until=one.occurred_at + WINDOWS.get(one.type, 0),
            )
            for one in here.dead
        ],
    )


def _held(state: State) -> list[tuple[str, Held]]:
    """Tags of this node that send nothing now, and their containers."""
    lanes = Queue(state).lanes(sorted({*state.ends(TAG_PREFIX), *pauses(state)}))
    return [
        (
            tag_of(lane.spool)[0],
            Held(
                tag=tag_of(lane.spool)[1],
                reason=lane.reason,
                detail=lane.detail,
                since=lane.since,
            ),
        )
        for lane in lanes
        if lane.reason
    ]
