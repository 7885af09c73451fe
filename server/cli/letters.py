"""Commands on dead letters: what partners refused on this node, and another chance for it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Sequence

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from server.cli.span import span
from server.cli.tag import running_tag, spool_of, state_of
from server.cli.told import told
from server.clock import now_ms
from server.containers.plan import only_tag
from server.delivery import Delivery
from server.destinations import DESTINATIONS
from server.folders import seal_file
from server.person.sealing import Seal, load_seal_keys
from server.pipeline import dead
from server.pipeline.dead import Chance, Letter, Wanted
from server.pipeline.pauses import pauses
from server.pipeline.spools import tag_of
from server.pipeline.state import State
from server.settings import Settings, read_settings
from server.studio.again import Anew
from server.studio.why import clock, in_words

WINDOWS = {name: one.window_ms for name, one in DESTINATIONS.items()}
_since = click.option("--since", metavar="SPAN", callback=span, help="Died within: 3d, 12h, 30m.")
_reason = click.option("--reason", default="", help="Only these, such as http_422.")


@click.command("dead")
@click.argument("event_id", type=click.UUID, required=False)
@click.option("--tag", metavar="CONTAINER/TAG", help="Only this tag's.")
@_since
@_reason
@click.option("--limit", default=100, show_default=True, help="How many are listed.")
@told
def dead_letters(
    event_id: uuid.UUID | None, tag: str | None, since: int | None, reason: str, limit: int
) -> None:
    """List this node's dead letters, the newest first; with EVENT_ID, show that event's whole."""
    settings = read_settings(os.environ)
    with state_of(settings) as state:
        wanted = Wanted(
            spool=spool_of(tag, settings, state) if tag else "",
            since=now_ms() - since if since is not None else 0,
            reason=reason,
            event_id=str(event_id or ""),
        )
        found = list(dead.letters(state, wanted))
        if event_id is None:
            _show(found, limit)
        for letter in found if event_id else ():
            click.echo("\n".join(_whole(state, letter)))
    if event_id and not found:
        raise click.ClickException(f"no dead letter of event {event_id} is on this node")


@click.command("replay")
@click.option("--tag", metavar="CONTAINER/TAG", required=True, help="Whose dead letters.")
@_since
@_reason
@click.option("--event", type=click.UUID, help="Only this event's.")
@click.option("--as-now", is_flag=True, help="With the settings that the tag has now.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Tell how many, and do nothing.")
@told
def replay(tag: str, since: int | None, reason: str, event: uuid.UUID | None, **how: bool) -> None:
    """Give a tag's dead letters another chance: they are sent as if they were due again.

    They are sent as the tag was when they were made, unless --as-now. Consent is asked again at the
    send; what is too old for the partner stays dead.
    """
    settings = read_settings(os.environ)
    now = now_ms()
    with state_of(settings) as state:
        spool = spool_of(tag, settings, state)
        wanted = Wanted(
            spool=spool,
            since=now - since if since is not None else 0,
            reason=reason,
            event_id=str(event or ""),
        )
        chosen = list(dead.letters(state, wanted))
        chance = Chance(
            windows=WINDOWS,
            now=now,
            is_dry=how["is_dry"],
            remake=_anew(settings, tag) if how["as_now"] else dead.as_it_was,
        )
        came = dead.replay(state, chosen, chance)
        pause = pauses(state).get(spool)
    would = "would be due again" if how["is_dry"] else "are due again"
    click.echo(f"Dead letters of {tag} that {would}: {came.sent:,}")
    if came.too_old:
        click.echo(f"Too old for the partner, they stay dead: {came.too_old:,}")
    if came.unwanted:
        click.echo(f"The tag as it is now would not send them, they stay dead: {came.unwanted:,}")
    if pause is not None:
        click.echo(f"The tag is paused {pause.detail}: they wait.")


def _anew(settings: Settings, text: str) -> Callable[[Delivery], Delivery | None]:
    """Makes deliveries of a tag anew, as its container runs here."""
    plan, tag = running_tag(settings, text)
    return Anew(only=only_tag(plan, tag), seal=Seal(load_seal_keys(seal_file(settings)))).remake


def _show(found: Sequence[Letter], limit: int) -> None:
    table = Table("died", "tag", "event", "name", "reason", "detail", box=None, pad_edge=False)
    for letter in found[:limit]:
        container_id, tag = tag_of(letter.spool)
        words = (f"{container_id}/{tag}", letter.event_id, letter.name, letter.reason)
        table.add_row(clock(letter.died_at), *map(escape, (*words, letter.detail[:200])))
    console = Console()
    console.print(table if found else "There is no dead letter.")
    if len(found) > limit:
        console.print(f"… and {len(found) - limit:,} more: see --tag, --since, --reason, --limit")


def _whole(state: State, letter: Letter) -> Iterator[str]:
    container_id, tag = tag_of(letter.spool)
    yield f"Event {letter.event_id}: {letter.name}, {clock(letter.occurred_at)}"
    yield f"  tag {tag} ({letter.type}) of {container_id}, dead since {clock(letter.died_at)}"
    yield f"  after {letter.attempts} attempts: {in_words(letter.reason)}"
    if letter.detail:
        yield f"  {letter.detail}"
    until = letter.occurred_at + WINDOWS.get(letter.type, 0)
    if letter.is_too_old(WINDOWS, now=now_ms()):
        yield "  too old for the partner: it cannot be sent any more"
    else:
        yield f"  can be sent until {clock(until)}:"
        yield f"    freehold deliveries replay --tag {container_id}/{tag} --event {letter.event_id}"
    if letter.has_person:
        yield f"  what is personal is kept, sealed, until {clock(until)}"
    delivery = dead.delivery_of(state, letter)
    if delivery is not None:
        yield f"  needs consent to {', '.join(delivery.needs_consent) or 'nothing'}"
        yield from _json("settings", delivery.settings)
        yield from _json("event", delivery.event)


def _json(name: str, value: object) -> Iterator[str]:
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    yield from f"{name} {text}".replace("\n", "\n  ").join(("  ", "")).splitlines()
