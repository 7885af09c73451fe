"""Commands that show what a draft would do: over the events of the last days, or with one event."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from server.cli.publishing import DRAFT, TIMEOUT_S, file
from server.cli.source import LIVE, Source
from server.cli.span import span
from server.cli.told import told
from server.clock import now_ms
from server.containers.decide import compile_container
from server.containers.document import read_source
from server.destinations import DESTINATIONS, tag_types
from server.endpoints import writer_endpoint
from server.settings import read_settings
from server.store.client import Connection
from server.store.queries import find_context, find_event
from server.store.window import Window, read_slice, slices
from server.studio.compared import Comparison
from server.studio.given import read_event
from server.studio.held import Held, held, keeping
from server.studio.rehearse import Sample
from server.studio.simulate import Case, Simulation, numbered
from server.studio.simulated import told as in_lines
from server.studio.threshold import Threshold, holds, read_threshold
from server.studio.tried import tried

CROSSED = 3
"""The exit code when a --fail-if holds."""


def chosen(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which container is tried."""
    draft = click.option("--draft", "is_draft", is_flag=True, help="The saved draft, not a file.")
    version = click.option("--version", "number", type=int, help="A version, not a file.")
    return file(draft(version(command)))


def _side(is_draft: bool, number: int | None) -> str:
    return str(number) if number is not None else DRAFT if is_draft else "file"


@click.command("simulate")
@click.argument("name")
@chosen
@click.option(
    "--since",
    "span",
    metavar="SPAN",
    default="7d",
    show_default=True,
    callback=span,
    help="How far back: 7d, 12h.",
)
@click.option(
    "--sample",
    type=click.FloatRange(0.0001, 1),
    default=1.0,
    show_default=True,
    help="The part of the visitors; 0.1 is a tenth.",
)
@click.option(
    "--against", default=LIVE, show_default=True, help="`live`, `file`, `draft` or a number."
)
@click.option("--json", "is_json", is_flag=True, help="All of it, as JSON.")
@click.option(
    "--fail-if",
    "fails",
    metavar="RULE",
    multiple=True,
    help="Exit code 3 if, such as deliveries<-5%; several may be.",
)
@told
def simulate(
    name: str, file: Path | None, is_draft: bool, number: int | None, **asked: Any
) -> None:
    """Run the file of container NAME over the real events of the last days: what would change?

    Nothing is sent. What stored events do not hold any more is listed as UNKNOWN.
    """
    thresholds = [read_threshold(text) for text in asked["fails"]]
    settings = read_settings(os.environ)
    connection = Connection(writer_endpoint(settings))
    source = Source(settings=settings, connection=connection, name=name)
    draft, after = source.of(_side(is_draft, number), file)
    live, before = source.of(asked["against"])
    now = now_ms()
    comparison = Comparison(
        container=name,
        before=before,
        after=after,
        since=now - asked["span"],
        until=now,
        sample=asked["sample"],
    )
    case = Case(
        before=compile_container(live, tag_types()),
        after=compile_container(numbered(draft, live), tag_types()),
        versions=source.version,
        types=tag_types(),
        destinations=DESTINATIONS,
        now=now,
        runs_page_tags=settings.page_tags,
    )
    _tell(_run(connection, Simulation(case, comparison)), thresholds, is_json=asked["is_json"])


def _run(connection: Connection, simulation: Simulation) -> Comparison:
    """All events of the window, a slice at a time, with a progress bar on the terminal."""
    one = simulation.comparison
    window = Window(container_id=one.container, since=one.since, until=one.until, sample=one.sample)
    parts = slices(connection, window)
    began = time.monotonic()
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("events", total=sum(part.rows for part in parts))
        for part in parts:
            number = 0  # its events may be gone by now
            for number, kept in enumerate(read_slice(connection, window, part), 1):
                simulation.take(kept)
                if number % 1000 == 0:
                    progress.advance(bar, 1000)
            progress.advance(bar, number % 1000)
    seconds = time.monotonic() - began
    if one.events:
        click.echo(
            f"{one.events:,} events in {seconds:.1f} s: {one.events / seconds:,.0f}/s", err=True
        )
    return simulation.finish()


def _tell(comparison: Comparison, thresholds: list[Threshold], *, is_json: bool) -> None:
    crossed = [one.text for one in thresholds if holds(one, comparison)]
    if is_json:
        tree = msgspec.to_builtins(comparison) | {"crossed": crossed}
        click.echo(msgspec.json.format(msgspec.json.encode(tree), indent=2).decode())
    else:
        click.echo("\n".join(in_lines(comparison)))
    for text in crossed:
        click.echo(f"It fails: {text}", err=True)
    sys.exit(CROSSED if crossed else 0)


@click.command("try")
@click.argument("name")
@click.option(
    "--event", metavar="ID|FILE", required=True, help="A stored event, or a file with one as JSON."
)
@chosen
@told
def try_(name: str, event: str, file: Path | None, is_draft: bool, number: int | None) -> None:
    """Tell for each tag of container NAME what it would make of one event; nothing is sent."""
    settings = read_settings(os.environ)
    connection = Connection(writer_endpoint(settings), timeout_s=TIMEOUT_S)
    source = Source(settings=settings, connection=connection, name=name)
    container, _ = source.of(_side(is_draft, number), file)
    plan = compile_container(container, tag_types())
    if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", event):
        sample, known = _stored(source, event.lower())
    else:
        text = read_source(Path(event)).encode()
        sample, known = read_event(text, name, now=now_ms()), None
    for line in tried(sample, plan, DESTINATIONS, known, runs_page_tags=settings.page_tags):
        click.echo(line)


def _stored(source: Source, event_id: str) -> tuple[Sample, Held]:
    """An event of the store, with what is held beside it."""
    event = find_event(source.connection, event_id)
    if event is None or event.container_id != source.name:
        raise click.ClickException(f"no event {event_id} of {source.name} in freehold.events")
    context = find_context(source.connection, event_id)
    then = source.version(event.container_version)
    kept = None if then is None else keeping(then, tag_types())
    known = held(event, context, kept, now=now_ms())
    return Sample(event=event, person=known.person, beside=known.beside), known
