"""Commands that stop a tag on this node, and let it send again at once."""

from __future__ import annotations

import os

import click

from server.cli.publishing import author
from server.cli.tag import spool_of, state_of
from server.cli.told import told
from server.clock import now_ms
from server.pipeline import pauses
from server.pipeline.pauses import Pause
from server.settings import read_settings
from server.studio.why import clock


@click.command("pause")
@click.argument("tag", metavar="CONTAINER/TAG")
@click.option("--note", default="", help="Why, for whoever asks.")
@author
@told
def pause(tag: str, note: str, author: str) -> None:
    """Stop a tag on this node at once, until it is resumed; nothing that it is owed is lost.

    What gets too old for the partner meanwhile expires, with a row of its own.
    """
    settings = read_settings(os.environ)
    with state_of(settings) as state:
        order = Pause(author=author, note=note, since=now_ms())
        order = pauses.pause(state, spool_of(tag, settings, state), order)
    click.echo(f"{tag} is paused on this node since {clock(order.since)}. It goes on after")
    click.echo(f"  freehold deliveries resume {tag}")


@click.command("resume")
@click.argument("tag", metavar="CONTAINER/TAG")
@told
def resume(tag: str) -> None:
    """Let a tag of this node send again, if it was paused; else try at once what waits.

    A tag that is kept from sending by credentials or a partner that did not answer is asked again
    within seconds to minutes; once you have put right what was wrong, this does not wait for that.
    Only a pause that the partner asked for is kept to.
    """
    settings = read_settings(os.environ)
    with state_of(settings) as state:
        was_paused = pauses.resume(state, spool_of(tag, settings, state))
    not_paused = "was not paused; what waits for another try is tried now"
    click.echo(f"{tag} {'sends again' if was_paused else not_paused}.")
