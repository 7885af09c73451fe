"""What runs on this node, for commands that look at it."""

from __future__ import annotations

import click

from server.containers.chosen import choose_sound
from server.containers.model import Container
from server.destinations import tag_types
from server.folders import containers_folder
from server.settings import Settings


def running(settings: Settings) -> dict[str, Container]:
    """Each container by id; a file that is wrong is told, and is no reason to leave the others."""
    chosen = choose_sound(containers_folder(settings), settings.containers, tag_types())
    for problem in chosen.problems:
        click.echo(f"{problem} (it does not run)", err=True)
    return {name: one.container for name, one in chosen.running.items()}
