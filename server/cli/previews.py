"""Commands that preview a draft, and look on."""

from __future__ import annotations

import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import click

from server.cli.origin import origin
from server.cli.publishing import author, connection_of, draft_of, file, source_of
from server.cli.told import told
from server.clock import MINUTE_MS, now_ms
from server.containers.model import SELF, Container
from server.containers.versions import container_of_draft
from server.destinations import tag_types
from server.folders import keys_file
from server.identity import load_keys
from server.model import Position
from server.settings import read_settings
from server.store.client import Connection
from server.store.publications import find_traces
from server.studio import preview as studio
from server.studio import traced
from server.studio.publish import Wish, save_draft

LOOK_S = 0.5
LATE_MS = 2 * MINUTE_MS
"""A trace may be loaded so long after the hit was received."""


@click.command("preview")
@click.argument("name")
@author
@file
@click.option("--draft", "is_draft", is_flag=True, help="Preview the saved draft, not a file.")
@click.option(
    "--url",
    metavar="URL",
    default="",
    help="The page to begin with, on one of the container's sites.",
)
@origin
@click.option("--send", is_flag=True, help="Partners do get what the draft sends.")
@told
def preview(name: str, author: str, file: Path | None, is_draft: bool, **opened: str) -> None:
    """Save the file of container NAME as its draft, and print a link that turns it on.

    The link is good for an hour, for whoever opens it: in that browser the draft decides, its
    page tags run, nothing else goes to partners, and its events are left out of the reports.
    """
    settings = read_settings(os.environ)
    source = "" if is_draft else source_of(settings, name, file)
    connection = connection_of(settings)
    wish = Wish(container_id=name, source=source or draft_of(connection, name), author=author)
    saved = save_draft(connection, wish, types=tag_types(), now=now_ms)
    container = container_of_draft(saved)
    to = opened["url"] or studio.first_page(container, opened["origin"])
    _check_page(to, container, opened["origin"])
    mode: studio.Mode = "send" if opened["send"] else "look"
    made = studio.Preview(base=saved.base, until=now_ms() + studio.LASTS_MS, mode=mode)
    signer = load_keys(keys_file(settings)).signer(name, studio.PURPOSE)
    token = studio.sign_preview(made, signer)
    minutes = studio.LASTS_MS // MINUTE_MS
    click.echo(
        f"Open this in the browser that is to preview the draft; good for {minutes} minutes:"
    )
    click.echo("  " + studio.preview_link(name, token, origin=opened["origin"], to=to))
    click.echo(studio.what_goes_out(container, mode, runs_page_tags=settings.page_tags))
    click.echo(f"Look on with: freehold container trace {name}")
    click.echo(f"It ends in that browser with: {opened['origin'].rstrip('/')}/{name}/{studio.PATH}")


@click.command("trace")
@click.argument("name")
@click.option("--minutes", default=0, help="Begin with what came in the last minutes, too.")
@click.option("--once", is_flag=True, help="Print what is there, and end.")
@told
def trace(name: str, minutes: int, once: bool) -> None:
    """Follow previews of container NAME: what the draft makes of each event, and why."""
    connection = connection_of(read_settings(os.environ))
    begin = now_ms() - minutes * MINUTE_MS
    seen: set[Position] = set()
    while True:
        _show(connection, name, max(begin, now_ms() - LATE_MS - minutes * MINUTE_MS), seen)
        if once:
            return
        time.sleep(LOOK_S)


def _show(connection: Connection, name: str, since: int, seen: set[Position]) -> None:
    for one in find_traces(connection, name, since=since):
        position = Position(src=one.src, off=one.off, idx=one.idx)
        if position not in seen:
            seen.add(position)
            click.echo("\n".join(traced.told(one)) + "\n")


def _check_page(to: str, container: Container, origin: str) -> None:
    """The collector would refuse the link too, but later."""
    parts, own = urlsplit(to), urlsplit(origin)
    known = [
        *container.sites,
        *([f"{own.scheme}://{own.netloc}"] if SELF in container.sites else []),
    ]
    if f"{parts.scheme}://{parts.netloc}" not in known:
        raise click.BadParameter(f"{to!r} is not on one of the sites: {', '.join(known)}")
