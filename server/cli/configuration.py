"""Commands on the configuration: the settings, and whether all of it is well."""

from __future__ import annotations

import os
import sys

import click

from server.cli.origin import browsable
from server.cli.safari import tell
from server.cli.told import told, told_at_start
from server.containers.load import load_containers
from server.containers.model import Container
from server.credentials import missing_secrets
from server.destinations import tag_types
from server.endpoints import needed_secrets, partner_secrets
from server.settings import KNOBS, Settings, read_settings

SECRETS_MISSING = 2
WAITING = "Settings and containers are well. These tags wait for their secrets, the others send:"


@click.command()
@click.option(
    "--site",
    metavar="URL",
    callback=browsable,
    help="A page's origin, such as https://www.example.com.",
)
@click.option(
    "--origin", metavar="URL", callback=browsable, help="Where browsers reach the collector."
)
@told_at_start
def check(site: str | None, origin: str | None) -> None:
    """Check the settings, every container and its secrets; or a site's host, for Safari.

    Exit code 1: a setting or a container is wrong, Freehold does not start. 2: only secrets of
    partners are missing; Freehold starts, and their tags wait. With --site and --origin: 1 when
    Safari cuts the cookie, by the addresses that this machine resolves.
    """
    if site and origin:
        tell(site, origin)
        return
    if site or origin:
        raise click.UsageError("--site and --origin go together")
    settings = read_settings(os.environ)
    containers = load_containers(settings.containers, tag_types())
    for container in containers.values():
        tags = f"; tags {', '.join(container.tags)}" if container.tags else ""
        sites = ", ".join(container.sites)
        click.echo(f"container {container.id}: {sites}{tags}{_in_page(container, settings)}")
    missing = missing_secrets(partner_secrets(settings, os.environ), needed_secrets(containers))
    if missing:
        click.echo(WAITING, err=True)
        for problem in missing:
            click.echo(f"  {problem}", err=True)
        sys.exit(SECRETS_MISSING)
    click.echo("Settings, containers and secrets are well.")


def _in_page(container: Container, settings: Settings) -> str:
    named = [
        f"{name}{'' if tag.enabled and settings.page_tags else ' (off)'}"
        for name, tag in container.page_tags.items()
    ]
    return f"; in the page {', '.join(named)}" if named else ""


@click.command()
@told
def settings() -> None:
    """List the settings: what each does, its default, and what it is now."""
    for knob in KNOBS:
        now = os.environ.get(knob.variable)
        now = "(set, not shown)" if now and knob.is_secret else now
        click.echo(click.style(knob.variable, bold=True) + (f" = {now}" if now else ""))
        click.echo(f"    {knob.help}\n    default: {knob.default or '(empty)'}")
