"""Commands on the configuration: the settings, and whether all of it is well."""

from __future__ import annotations

import os

import click

from server.cli.told import told
from server.containers.load import load_containers
from server.credentials import missing_secrets
from server.destinations import tag_types
from server.endpoints import needed_secrets, partner_secrets
from server.errors import ConfigError
from server.settings import KNOBS, read_settings


@click.command()
@told
def check() -> None:
    """Check the settings, every container and its secrets; exit code 1 when anything is wrong."""
    settings = read_settings(os.environ)
    containers = load_containers(settings.containers, tag_types())
    for container in containers.values():
        tags = f"; tags {', '.join(container.tags)}" if container.tags else ""
        click.echo(f"container {container.id}: {', '.join(container.sites)}{tags}")
    missing = missing_secrets(partner_secrets(settings, os.environ), needed_secrets(containers))
    if missing:
        raise ConfigError(missing)
    click.echo("Settings, containers and secrets are well.")


@click.command()
@told
def settings() -> None:
    """List the settings: what each does, its default, and what it is now."""
    for knob in KNOBS:
        now = os.environ.get(knob.variable)
        now = "(set, not shown)" if now and knob.is_secret else now
        click.echo(click.style(knob.variable, bold=True) + (f" = {now}" if now else ""))
        click.echo(f"    {knob.help}\n    default: {knob.default or '(empty)'}")
