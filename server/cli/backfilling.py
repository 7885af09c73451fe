"""The command that sends past events to a tag: it tells what it would do, asks, and goes on where
it was interrupted."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import click
from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console
from rich.progress import Progress

from server.cli.source import Source
from server.cli.span import span
from server.cli.tag import running_tag, state_of
from server.cli.told import told
from server.clock import now_ms
from server.containers.plan import only_tag
from server.delivery import Delivery
from server.destinations import DESTINATIONS, tag_types
from server.endpoints import writer_endpoint
from server.folders import seal_file
from server.person.sealing import Seal, load_seal_keys
from server.pipeline.backfill import Backfill, Cursor, Passage, cursor_of
from server.pipeline.owed import Owed
from server.pipeline.queue import Queue
from server.pipeline.spools import tag_spool
from server.pipeline.state import State
from server.settings import Settings, read_settings
from server.store.client import Connection
from server.store.window import slices
from server.studio.backfill import Aim, Decider, Past, delivery_of
from server.studio.backfilled import Tally
from server.studio.backfilled import told as in_lines
from server.studio.why import clock

AHEAD_S = 10
"""The forwarder has so many seconds of work before it, at most: the rate is the partner's too."""
LOOK_S = 0.2
SAMPLE = 200
"""Of so many events it is looked up which match keys they can never have."""


class _Run(Struct, frozen=True, kw_only=True):
    """One back-fill: of which tag, how fast, from where."""

    settings: Settings
    state: State
    passage: Passage
    rate: int

    @property
    def names(self) -> tuple[str, str]:
        """The container and the tag."""
        aim = self.passage.aim
        return aim.only.container.id, aim.tag

    def pasts(self, progress: Progress) -> Iterator[Past]:
        """What each event comes to, with a bar."""
        passage = self.passage
        parts = slices(passage.connection, passage.window)
        bar = progress.add_task("events", total=sum(part.rows for part in parts))
        decider = Decider(passage.aim)
        for part in parts:
            for number, past in enumerate(passage.pasts(part, decider, when=now_ms), 1):
                yield past
                progress.update(bar, advance=1, refresh=number % 1000 == 0)


@click.command("backfill")
@click.option("--tag", metavar="CONTAINER/TAG", required=True, help="Who is sent the events.")
@click.option("--since", metavar="SPAN", default="3d", show_default=True, callback=span,
              help="How far back.")  # fmt: skip
@click.option("--rate", type=click.IntRange(1, 10_000), default=50, show_default=True,
              help="Events a second.")  # fmt: skip
@click.option("--dry-run", "is_dry", is_flag=True, help="Tell what it comes to; send nothing.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@click.option("--anew", is_flag=True, help="Do not go on with one that was interrupted.")
@told
def backfill(tag: str, since: int, rate: int, **asked: bool) -> None:
    """Send past events to a tag, as its container decides now, each once.

    What the tag is owed or was sent already is left out, so it may be run again. It is told first
    how many there are, and which match keys are not held any more.
    """
    settings = read_settings(os.environ)
    with state_of(settings) as state:
        run = _prepare(settings, state, tag, rate)
        begun = cursor_of(state, *run.names)
        now = now_ms()
        cursor = Cursor(since=now - since, until=now)
        if begun is not None and not begun.is_done and not asked["anew"]:
            click.echo(
                f"One was interrupted after {begun.owed:,} events: it goes on, or use --anew"
            )
            cursor = begun
        run = _from(run, cursor)
        _tell(run, tag)
        if asked["is_dry"]:
            return
        if not asked["is_sure"]:
            click.confirm("Send them?", abort=True)
        _send(_from(run, cursor), tag)


def _prepare(settings: Settings, state: State, text: str, rate: int) -> _Run:
    """The tag as its container runs here now; the cursor is none yet."""
    plan, tag = running_tag(settings, text)
    name = plan.container.id
    connection = Connection(writer_endpoint(settings))
    aim = Aim(
        only=only_tag(plan, tag),
        tag=tag,
        destination=DESTINATIONS[plan.container.tags[tag].type],
        versions=Source(settings=settings, connection=connection, name=name).version,
        types=tag_types(),
        since=0,
    )
    nowhere = Cursor(since=0, until=0)
    owed = Owed(settings.data, state, name, tag)
    passage = Passage(connection=connection, aim=aim, owed=owed, cursor=nowhere)
    return _Run(settings=settings, state=state, passage=passage, rate=rate)


def _from(run: _Run, cursor: Cursor) -> _Run:
    """From a cursor on; what was looked at before and not sent is not owed."""
    passage = replace(
        run.passage,
        aim=replace(run.passage.aim, since=cursor.since),
        owed=Owed(run.settings.data, run.state, *run.names),
        cursor=cursor,
    )
    return replace(run, passage=passage)


def _tell(run: _Run, tag: str) -> None:
    """What it comes to, before anything is done."""
    aim, cursor = run.passage.aim, run.passage.cursor
    decider = Decider(aim)
    tally = Tally(destination=aim.destination, rate=run.rate, now=now_ms())
    version = aim.only.container.version
    click.echo(
        f"Tag {tag} ({aim.destination.name}), as version {version} has it: "
        f"{clock(cursor.since)} to {clock(cursor.until)}"
    )
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        for past in run.pasts(progress):
            tally.note(past)
            if past.send is not None and tally.sent <= SAMPLE:
                tally.never |= decider.never(past)
    for line in in_lines(tally, remembers=aim.only.remembers):
        click.echo(line)


def _send(run: _Run, tag: str) -> None:
    """Makes the deliveries, at the rate and no faster than the partner takes them."""
    cursor, due = run.passage.cursor, 0.0
    make = partial(
        delivery_of,
        seal=Seal(load_seal_keys(seal_file(run.settings))),
        version=run.passage.aim.only.container.version,
    )
    console = Console(stderr=True)
    batch: list[Delivery] = []
    writer = Backfill(run.settings.data, run.state, *run.names, now=now_ms)
    with closing(writer), Progress(console=console, disable=not console.is_terminal) as progress:
        try:
            for past in run.pasts(progress):
                cursor = cursor.behind(past.event, past.send is not None)
                if past.send is not None:
                    batch.append(make(past))
                if len(batch) >= run.rate:
                    _owe(writer, batch, cursor)
                    due = max(due, time.monotonic()) + len(batch) / run.rate
                    batch = []
                    _wait(run, writer, progress, due)
            _owe(writer, batch, replace(cursor, is_done=True))
        except KeyboardInterrupt:
            raise click.ClickException("interrupted: the same command goes on with it") from None
    click.echo(f"{cursor.owed:,} events are on their way to {tag}; see freehold deliveries")


def _owe(writer: Backfill, batch: list[Delivery], cursor: Cursor) -> None:
    too_long = writer.owe(batch, cursor)
    if too_long:
        click.echo(f"{too_long:,} are too long for the tag's spool, and are left out", err=True)


def _wait(run: _Run, writer: Backfill, progress: Progress, due: float) -> None:
    """Until the next are due, and the forwarder has room for them; says why it has none."""
    spool = tag_spool(*run.names)
    while time.monotonic() < due or writer.waiting > run.rate * AHEAD_S:
        if time.monotonic() > due:
            [lane] = Queue(run.state).lanes([spool])
            why = lane.reason or "the pipeline takes none"
            progress.update(progress.task_ids[-1], description=f"events ({why})")
        time.sleep(min(LOOK_S, max(0.01, due - time.monotonic())))
    progress.update(progress.task_ids[-1], description="events")
