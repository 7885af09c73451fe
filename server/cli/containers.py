"""Commands on containers: what marketers write."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from server.cli.publishing import diff_, draft, history, publish, rollback
from server.cli.told import told
from server.containers.chosen import choose
from server.containers.load import load_container
from server.destinations import tag_types
from server.errors import ConfigError
from server.folders import containers_folder
from server.settings import read_settings


@click.group()
def container() -> None:
    """Work on containers: the configuration of one site each."""


@container.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@told
def container_check(files: tuple[Path, ...]) -> None:
    """Check container files; without FILES, all of FREEHOLD_CONTAINERS. Exit code 1 on errors."""
    paths = files or tuple(sorted(read_settings(os.environ).containers.glob("*.yaml")))
    problems: list[str] = []
    for path in paths:
        try:
            click.echo(f"{path}: well, container {load_container(path, tag_types()).id!r}")
        except ConfigError as error:
            problems += error.problems
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(1 if problems else 0)


def _origin(_: click.Context, __: click.Parameter, origin: str) -> str:
    """Refuses what a browser would read as a path of the page."""
    parts = urlsplit(origin)
    is_whole = parts.scheme in {"http", "https"} and re.fullmatch(r"[\w.:\[\]-]+", parts.netloc)
    if not is_whole or not parts.hostname or parts.query or parts.fragment:
        guess = re.sub(r"^\W+|[\s?#].*", "", origin.rpartition("://")[2]) or "t.example.com"
        raise click.BadParameter(
            f"{origin!r} is not where a browser finds the collector; write https:// or http://, "
            f"the host and perhaps a path: https://{guess}"
        )
    return origin


@container.command("snippet")
@click.argument("name")
@click.option(
    "--origin",
    default="http://127.0.0.1:8000",
    show_default=True,
    callback=_origin,
    help="Where browsers reach the collector, such as https://t.example.com.",
)
@told
def container_snippet(name: str, origin: str) -> None:
    """Print the snippet to paste into the pages of container NAME."""
    from server.collector.script import snippet

    settings = read_settings(os.environ)
    running = choose(containers_folder(settings), settings.containers, tag_types())
    if name not in running:
        raise click.ClickException(f"no container {name!r}; there are {', '.join(running)}")
    click.echo(snippet(running[name].container, origin=origin))


for command in (publish, history, diff_, rollback, draft):
    container.add_command(command)
